"""The part that talks to pytest-xdist; registered only where it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.errors import UsageError

if TYPE_CHECKING:
    from pytest_lsqm.plugin.controller import Controller


class XdistHooks:
    """Gives workers what they need, and gives a dead worker's architecture a result."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker which run it belongs to and where the emulators are."""
        node.workerinput["lsqm"] = self._controller.workerinput(
            host_of(node.gateway.spec), apart=is_apart(node.gateway.spec)
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Learn what is to be run."""
        self._controller.selected(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        """Take back what a worker that died had of the emulators."""
        self._controller.worker_gone(node.gateway.id)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Leave an ERROR result for the architecture that a worker held when it died."""
        self._controller.crashed(crashitem, report)


def is_apart(spec: Any) -> bool:
    """Whether a worker has nothing of ours but what it is sent; `spec` is execnet's.

    `popen` is a child of ours, in our folder unless it has a `chdir`; `ssh=user@host` and `socket=host:port` may
    be anywhere.
    """
    return not spec.popen or bool(spec.chdir)


def host_of(spec: Any) -> str | None:
    """Return the host of a worker that is not started as a child of ours."""
    if spec.popen:
        return None
    if spec.socket:
        return str(spec.socket).rpartition(":")[0]
    if spec.ssh:
        return str(spec.ssh).split()[-1].rpartition("@")[2]
    raise UsageError(f"--tx {spec}: workers are started by popen, ssh= or socket=")
