"""The store: architectures, apps, runs and trends as files, in the folders that the data model fixes."""

from pytest_lsqm.corpus.store import Store

__all__ = ["Store"]
