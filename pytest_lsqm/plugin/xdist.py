"""The part that talks to pytest-xdist; registered only where it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_lsqm.plugin.controller import Controller


class XdistHooks:
    """Gives workers what they need, and gives a dead worker's architecture a result."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker which run it belongs to and where the emulators are."""
        node.workerinput["lsqm"] = self._controller.workerinput()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        """Take back what a worker that died had of the emulators."""
        self._controller.worker_gone(node.gateway.id)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Leave an ERROR result for the architecture that a worker held when it died."""
        self._controller.crashed(crashitem, report)
