"""Where the parts of the plugin are put together, once `--lsqm` is there."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import generation
from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.masking import mask
from pytest_lsqm.plugin import folders, items, workers
from pytest_lsqm.plugin.actions import ActionsHooks
from pytest_lsqm.plugin.controller import Controller
from pytest_lsqm.plugin.options import read_settings
from pytest_lsqm.plugin.session import LsqmSession
from pytest_lsqm.plugin.xdist import XdistHooks
from pytest_lsqm.reporting import actions

if TYPE_CHECKING:
    from collections.abc import Sequence


def register(config: pytest.Config) -> None:
    """Bring the plugin to life in this process."""
    try:
        settings = read_settings(config)
        sent: dict[str, Any] | None = getattr(config, "workerinput", {}).get("lsqm")
        if own := folders.named(config, settings.corpus):
            _keep_here(config)
            store = folders.store_of(own)
            settings = replace(settings, corpus=store.root, generate=settings.generate or "builtin")
            found = [folders.Root(**root) for root in sent["roots"]] if sent else folders.read(own, store)
            _write_nothing_into(own, config, store)
        else:
            store, found = _open(settings.corpus, config), ()
        drafting = generation.create("builtin") if own and settings.generate == "builtin" else None
        session = LsqmSession(config, settings, store, sent, roots=tuple(found), generator=drafting)
        for service in session.services():
            line = f"{items.marker_name(service)}: architectures that use the AWS service {service}"
            config.addinivalue_line("markers", line)
        config.pluginmanager.register(session, "lsqm-session")
        config.pluginmanager.register(workers.LongestFirst(), "lsqm-order")
        if sent is None:
            if settings.dry_run and hasattr(config.option, "dist"):
                config.option.dist = "no"  # nothing to distribute: xdist, which is asked after us, stays away
            if settings.shard is not None:
                session.divide(*settings.shard)
            _limit_restarts(config)
            workers.share_out(config)
            controller = Controller(config, session)
            config.pluginmanager.register(controller, "lsqm-controller")
            if config.pluginmanager.hasplugin("xdist"):
                config.pluginmanager.register(XdistHooks(controller), "lsqm-xdist")
            if actions.running():
                config.pluginmanager.register(ActionsHooks(controller), "lsqm-actions")
    except LsqmError as error:
        raise pytest.UsageError(mask(str(error))) from error
    if own:
        config.args = [str(folder.path) for folder in own]
    elif config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(store.root)]
    else:
        config.args = [_as_path(argument, store) for argument in config.args]


def _open(corpus: Path, config: pytest.Config) -> Store:
    try:
        return Store.open(corpus)
    except UsageError as error:
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            raise
        raise UsageError(
            f"{config.args[0]} holds no Terraform (no .tf file in it or below), and {error}"
        ) from error


def _keep_here(config: pytest.Config) -> None:
    """Refuse workers that have no folder of this machine."""
    strange = [spec for spec in config.getoption("tx", None) or () if "popen" not in spec or "chdir=" in spec]
    if strange:
        raise UsageError(
            f"the worker of --tx {strange[0]} does not have this folder: bring it with `lsqm add` into a corpus "
            "that the worker has too, or use -n"
        )


def _limit_restarts(config: pytest.Config) -> None:
    """Keep pytest-xdist from starting a worker of `--tx` for ever; it has such a limit for `-n` only."""
    workers = config.getoption("tx", None)
    if workers and config.getoption("maxworkerrestart", None) is None:
        # execnet's socket server serves one worker until it ends, and would keep a second one waiting.
        again = not any("socket=" in worker for worker in workers)
        config.option.maxworkerrestart = str(4 * len(workers) if again else 0)


def _write_nothing_into(own: Sequence[folders.Folder], config: pytest.Config, store: Store) -> None:
    """Keep pytest's own cache out of a folder that pytest takes for its root."""
    sys.dont_write_bytecode = True
    cache = getattr(config, "cache", None)
    if cache is not None and any(config.rootpath.is_relative_to(folder.path) for folder in own):
        cache._cachedir = store.root / ".pytest_cache"


def _as_path(argument: str, store: Store) -> str:
    """Return the folder for a node id of an architecture: pytest takes no `::` after a folder."""
    path, separator, _ = argument.partition("::")
    return path if separator and Path(path).resolve().parent == store.root / "architectures" else argument
