"""Where the parts of the plugin are put together, once `--lsqm` is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.plugin import items
from pytest_lsqm.plugin.controller import Controller
from pytest_lsqm.plugin.options import read_settings
from pytest_lsqm.plugin.session import LsqmSession
from pytest_lsqm.plugin.xdist import XdistHooks


def register(config: pytest.Config) -> None:
    """Bring the plugin to life in this process."""
    try:
        settings = read_settings(config)
        sent: dict[str, Any] | None = getattr(config, "workerinput", {}).get("lsqm")
        store = Store.open(settings.corpus)
        session = LsqmSession(config, settings, store, sent)
        for service in session.services():
            line = f"{items.marker_name(service)}: architectures that use the AWS service {service}"
            config.addinivalue_line("markers", line)
        config.pluginmanager.register(session, "lsqm-session")
        if sent is None:
            if settings.dry_run and hasattr(config.option, "dist"):
                config.option.dist = "no"  # nothing to distribute: xdist, which is asked after us, stays away
            controller = Controller(config, session)
            config.pluginmanager.register(controller, "lsqm-controller")
            if config.pluginmanager.hasplugin("xdist"):
                config.pluginmanager.register(XdistHooks(controller), "lsqm-xdist")
    except LsqmError as error:
        raise pytest.UsageError(str(error)) from error
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(store.root)]
    else:
        config.args = [_as_path(argument, store) for argument in config.args]


def _as_path(argument: str, store: Store) -> str:
    """Return the folder for a node id of an architecture: pytest takes no `::` after a folder."""
    path, separator, _ = argument.partition("::")
    return path if separator and Path(path).resolve().parent == store.root / "architectures" else argument
