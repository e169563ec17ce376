"""The probes of behaviour, a file for each family of services; importing this package registers them all."""

from pytest_lsqm.generation.builtin.probes import sqs

__all__ = ["sqs"]
