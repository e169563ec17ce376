"""The errors of the domain: each one is a sentence for a person, with the next step in it."""

from __future__ import annotations


class LsqmError(Exception):
    """Something went wrong that a person can act on; `str()` of it is the whole message."""


class UsageError(LsqmError):
    """The call itself is wrong: an option, an argument, a folder that is not a store (exit code 4)."""


class StoreError(LsqmError):
    """A file of the store is torn, foreign or newer than this version; it is left as it was found."""


class AnalysisError(LsqmError):
    """A Terraform configuration that cannot be read, with the file and the reason."""


class DiscoveryError(LsqmError):
    """Something found elsewhere cannot be taken, and why: an archive, a repository, a template."""


class Unreachable(DiscoveryError):
    """It could not be fetched now and may well be had later: so it is not remembered as looked at."""


class EnvironmentProblem(LsqmError):
    """Something that the machine lacks, or that broke on it: never the architecture's fault."""


class EmulatorError(EnvironmentProblem):
    """An emulator could not be installed, did not become healthy, or died."""


class ProviderError(EnvironmentProblem):
    """Terraform or one of its providers cannot be had here."""


class OutreachError(LsqmError):
    """What was found could not be handed on: to an archive, an issue, a channel; the store keeps all of it."""
