"""A user's own folder: each Terraform root in it is an architecture, and its history is kept in the cache."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.models import HAND_WRITTEN
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Folder:
    """A folder that was named as an argument; `wanted` are the names of the roots to run, all when empty."""

    path: Path
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Root:
    """One Terraform root in a named folder, with its hash, or the reason why it is no architecture."""

    folder: str
    name: str
    arch_hash: str | None = None
    problem: str | None = None
    nothing: bool = False
    """Whether the problem is only that there is nothing to deploy."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values, for a worker."""
        return asdict(self)


def named(config: pytest.Config, corpus: Path) -> list[Folder]:
    """Return the folders with Terraform among the arguments; none when they are about the corpus or tests."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return []
    from pytest_lsqm.discovery import directory  # reads HCL: not loaded where a corpus is run

    found: dict[Path, tuple[str, ...]] = {}
    others: list[str] = []
    for argument in config.args:
        text, _, name = argument.partition("::")
        path = Path(os.path.abspath(config.invocation_params.dir / text))  # noqa: PTH100  as pytest does: links stay
        if path.suffix == ".tf" and path.is_file():
            raise UsageError(f"{text} is one file of a configuration: name its folder, {path.parent}")
        if path.is_dir() and not _of_corpus(path.resolve(), corpus.resolve()) and directory.has_terraform(path):
            found[path] = (*found.get(path, ()), *((name,) if name else ()))
        else:
            others.append(argument)
    if found and others:
        raise UsageError(
            f"{next(iter(found))} is a folder of Terraform, {others[0]} is not: run them one after the other"
        )
    if found and config.getoption("lsqm_corpus") is not None:
        raise UsageError(
            f"{next(iter(found))} is a folder of Terraform, whose history is kept in the cache: leave "
            "--lsqm-corpus away, or bring the folder into that store with `lsqm add`"
        )
    return [Folder(path, wanted) for path, wanted in found.items()]


def _of_corpus(path: Path, corpus: Path) -> bool:
    return path == corpus or corpus in path.parents or (path in corpus.parents and corpus.is_dir())


def store_of(folders: Sequence[Folder]) -> Store:
    """Open the store in the cache that holds the history of exactly these folders."""
    paths = "\n".join(sorted(os.path.realpath(folder.path) for folder in folders))
    return Store.create(cache_folder() / "folders" / hashlib.sha256(paths.encode()).hexdigest()[:16])


def read(folders: Sequence[Folder], store: Store) -> tuple[Root, ...]:
    """Bring every root of these folders into the store, as it is now; nothing is written into a folder."""
    from pytest_lsqm.discovery import directory

    roots: list[Root] = []
    names: dict[str, str] = {}
    for folder in folders:
        for path, configuration in directory.configurations(folder.path):
            name = _name(path, folder.path)
            if folder.wanted and name not in folder.wanted:
                continue
            try:
                if isinstance(configuration, Exception):
                    raise configuration
                incoming = directory.read(path, configuration, name=name)
                directory.keep(store, incoming)
            except UsageError as error:
                nothing = "nothing to deploy" in str(error)
                roots.append(Root(str(folder.path), name, problem=str(error), nothing=nothing))
                continue
            except (LsqmError, OSError) as error:
                roots.append(Root(str(folder.path), name, problem=str(error)))
                continue
            arch_hash = incoming.architecture.hash
            if incoming.app is None:
                _forget_hand_written(store, arch_hash)
            if other := names.get(arch_hash):
                same = f"holds the same files as {other}, which is run"
                roots.append(Root(str(folder.path), name, problem=same, nothing=True))
                continue
            names[arch_hash] = name
            roots.append(Root(str(folder.path), name, arch_hash))
        if missing := sorted(set(folder.wanted) - {root.name for root in roots}):
            raise UsageError(
                f"{folder.path} has no Terraform root {missing[0]!r}; `--collect-only` lists what it has"
            )
    return tuple(roots)


def _forget_hand_written(store: Store, arch_hash: str) -> None:
    """The app that lay beside the configuration is gone: what was kept of it is no longer meant."""
    if store.has_app(arch_hash) and (app := store.app(arch_hash)) is not None and app.model_used == HAND_WRITTEN:
        store.remove_app(arch_hash)


def _name(path: Path, folder: Path) -> str:
    below = os.path.relpath(path, os.path.realpath(folder))
    return folder.name if below == "." else Path(below).as_posix()
