"""git, apart from what the machine and its user have set for it: where it is, and what it is always told."""

from __future__ import annotations

import shutil

from pytest_lsqm.errors import EnvironmentProblem

SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
)

ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    # Asked for a password, it says nothing: who wants one has refused.
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
}


def find(purpose: str) -> str:
    """Return git's path; `purpose` completes the sentence that says what it is needed for."""
    if (found := shutil.which("git")) is None:
        raise EnvironmentProblem(f"git is not on PATH, and {purpose}; install git")
    return found


def options(*more: str) -> list[str]:
    """Return the settings as words of the command line, before the name of git's command."""
    return [word for setting in (*SETTINGS, *more) for word in ("-c", setting)]
