"""The state of one pytest process that runs architectures: the controller without xdist, or a worker."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from pytest_lsqm.masking import mask
from pytest_lsqm.models import EmulatorFacts
from pytest_lsqm.plugin import items, reports
from pytest_lsqm.plugin.sharding import Shard
from pytest_lsqm.settings import TRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.emulators.pool import Leases
    from pytest_lsqm.generation import base
    from pytest_lsqm.models import Index, IndexEntry, Stage, Status, TestApp, ValidationResult
    from pytest_lsqm.plugin.folders import Root
    from pytest_lsqm.plugin.reusing import Reuse
    from pytest_lsqm.settings import Settings
    from pytest_lsqm.terraform.providers import Mirror
    from pytest_lsqm.validation import Tools
    from pytest_lsqm.validation.circumstances import Ground


class LsqmSession:
    """What collection and validation need; `sent` is what the controller told this worker."""

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        store: Store,
        sent: dict[str, Any] | None,
        *,
        roots: tuple[Root, ...] = (),
        generator: base.Generator | None = None,
    ) -> None:
        self.config = config
        self.settings = settings
        self.store = store
        self.run_id: str = sent["run_id"] if sent else str(uuid4())
        self.limits: Mapping[str, str] = sent["limits"] if sent else {}
        self.providers: str = sent["providers"] if sent else settings.providers
        self.address: Any = sent["pool"] if sent else None
        self.tell: Callable[[Mapping[str, Any]], None] = lambda event: None
        """Is told what is done here: the controller's own ear, or the way to it."""
        self.heard: frozenset[str] = frozenset(sent["heard"]) if sent else frozenset()
        """The kinds of events for which that way is worth while."""
        self.owner: str = getattr(config, "workerinput", {}).get("workerid", "main")
        self.leases: Leases | None = None
        self.roots: tuple[Root, ...] = roots
        self.generator = generator
        self.refused: dict[str, str] = dict(sent["refused"]) if sent else {}
        """Why `--lsqm-generate` has made no app for an architecture, by its hash."""
        self.expected: Mapping[str, Status] = sent["expected"] if sent else {}
        """How the architectures fared, by hash, that passed at their last time, at least in part."""
        self.reuse: Reuse | None = None
        """Where earlier verdicts are looked for, with `--lsqm-changed`."""
        if sent and sent["reuse"]:
            from pytest_lsqm.plugin import reusing

            self.reuse = reusing.begin(self, EmulatorFacts.model_validate(sent["reuse"]))
        self.drafts: dict[str, TestApp] = {}
        """The apps that were written in this process and are not stored yet, by the architecture's hash."""
        # A checkout of its own has an index of its own, or none yet.
        shared = sent is not None and not sent["apart"]
        self._index = self._current(store.index() if shared else store.refresh_index())
        self.division: Shard | None = None
        """The shard that this run is, where it is one; known to the controller only."""
        self.shard: frozenset[str] | None = None
        """The hashes of the architectures that this run is about; None where it is about all."""
        self.unlike = ""
        """Why this worker must run nothing: what it has is not what the controller has."""
        if sent is not None:
            self.shard = None if sent["shard"] is None else frozenset(sent["shard"])
            if sent["apart"] and self.corpus_digest() != sent["corpus"]:
                self.unlike = (
                    f"{store.root} of worker {self.owner} holds other architectures or apps than the corpus of "
                    "the process that started it: bring both to the same commit"
                )
        self._ground: Ground | None = None
        self._tools: Tools | None = None
        self._mirror: Mirror | None = None

    def index(self) -> Index:
        """Return the master index as it was when this process began."""
        return self._index

    def refresh(self) -> None:
        """Read the index anew, when the store has changed since this process began."""
        self._index = self._current(self.store.refresh_index())

    def named(self) -> set[str]:
        """Return the hashes of the architectures that the arguments name, none when they name the whole corpus."""
        names = {Path(argument.partition("::")[0]).name for argument in self.config.args}
        return names & set(self._index.architectures)

    def _current(self, index: Index) -> Index:
        """Leave out what a folder held once and holds no more, and call the rest what it is called there."""
        if not self.roots:
            return index
        names = {root.arch_hash: root.name for root in self.roots if root.arch_hash}
        entries = {
            key: entry.model_copy(update={"name": names[key]})
            for key, entry in index.architectures.items()
            if key in names
        }
        return index.model_copy(update={"architectures": entries, "count": len(entries)})

    def divide(self, number: int, count: int) -> None:
        """Make this run one about a shard of the corpus."""
        self.division = Shard.of(self.store, self._index.architectures, number, count)
        self.shard = self.division.hashes

    def corpus_digest(self) -> str:
        """Return a digest of the architectures and their apps: what a worker elsewhere must have too."""
        digest = hashlib.sha256()
        for arch_hash, entry in sorted(self._index.architectures.items()):
            app = self.store.app(arch_hash) if entry.has_app else None
            files = sorted(app.files.items()) if app else []
            digest.update(json.dumps([arch_hash, entry.name, entry.services, files]).encode())
        return digest.hexdigest()

    def hash_of(self, nodeid: str) -> str | None:
        """Return the hash of the architecture whose test this is, None for any other test."""
        path, _, name = nodeid.rpartition("::")
        if self.roots:
            return self._hashes_in_folders.get((os.path.normpath(self.config.rootpath / path), name))
        found = path.rpartition("/")[2]
        return found if found in self._index.architectures else None

    @functools.cached_property
    def _hashes_in_folders(self) -> dict[tuple[str, str], str | None]:
        # Of two roots with one name the first counts.
        return {(root.folder, root.name): root.arch_hash for root in reversed(self.roots)}

    @functools.cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(root.folder for root in self.roots)

    def services(self) -> list[str]:
        """Return every AWS service that an architecture of the corpus uses."""
        return sorted({service for entry in self._index.architectures.values() for service in entry.services})

    @functools.cached_property
    def backstop(self) -> pytest.MarkDecorator | None:
        """The marker by which pytest-timeout, where it is loaded, ends an item that our own deadlines missed."""
        if not self.config.pluginmanager.hasplugin("timeout"):
            return None
        seconds = (self.settings.timeout + 600.0) * TRIES * (1 + self.settings.confirm)
        return pytest.mark.timeout(seconds, method="thread")

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Collect the store even where a conftest file keeps other collectors out of it."""
        inside = collection_path == self.store.root or collection_path.is_relative_to(self.store.root)
        inside = inside or str(collection_path) in self._folders
        return False if inside else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Take the store for what it is."""
        if path == self.store.root and not self.roots:
            store = items.StoreCollector.from_parent(parent, path=path)
            store.lsqm = self
            return store
        if str(path) in self._folders:
            folder = items.FolderCollector.from_parent(parent, path=path)
            folder.lsqm = self
            return folder
        return None

    def skip_reason(self, entry: IndexEntry, arch_hash: str | None = None) -> str | None:
        """Say why an architecture is not run here, or None when it is."""
        return next(self._skip_reasons(entry, arch_hash), None)

    def _skip_reasons(self, entry: IndexEntry, arch_hash: str | None) -> Iterator[str]:
        from pytest_lsqm.validation.eligible import reasons_against

        yield from reasons_against(
            entry, limits=self.limits, mirror=self.mirror(), allow_exec=self.settings.allow_exec
        )
        if not entry.has_app and self.generator is None:
            yield self.refused.get(arch_hash or "") or (
                "has no app, so there is nothing to test it with; "
                "--lsqm-generate builtin makes one, or write one by hand"
            )

    def mirror(self) -> Mirror:
        """Return the provider mirror that this run uses, as it stands now."""
        if self._mirror is None:
            from pytest_lsqm.terraform.providers import find_mirror

            self._mirror = find_mirror(self.providers)
        return self._mirror

    def ground(self) -> Ground:
        """Return what is the same for all validations of this process, found at the first call."""
        if self._ground is None:
            from pytest_lsqm.terraform.engine import find_engine
            from pytest_lsqm.terraform.providers import open_mirror
            from pytest_lsqm.validation import confinement
            from pytest_lsqm.validation.circumstances import Ground

            engine = find_engine(self.say)
            self._ground = Ground(
                store=self.store,
                engine=engine,
                mirror=open_mirror(self.providers, engine, self.say),
                timeout=self.settings.timeout,
                test_timeout=self.settings.test_timeout,
                isolation=self.settings.isolation,
                confined=confinement.wanted(self.settings.sandbox, engine)[0],
            )
        return self._ground

    def tools(self) -> Tools:
        """Return what a validation works with, made at the first call."""
        if self._tools is None:
            from pytest_lsqm import subsession
            from pytest_lsqm.terraform import warm
            from pytest_lsqm.validation import Tools

            ground = self.ground()
            self._tools = Tools(
                leases=self._connected(),
                announce=lambda stage: None,
                generator=self.generator,
                keep=self._keep,
                warm=warm.Warm() if warm.switched_on() else None,
                forks=subsession.open_forks() if warm.switched_on() else None,
                **vars(ground),
            )
        return self._tools

    def _connected(self) -> Leases:
        """Return the way to the emulators; a worker has one to the controller's from now on."""
        from pytest_lsqm.emulators import remote

        if self.leases is None:
            pool = self.leases = remote.connect(self.address, self.owner)
            self.tell = lambda event: pool.tell(event) if event["kind"] in self.heard else None
        return self.leases

    def pytest_unconfigure(self) -> None:
        """End what was kept warm."""
        if self._tools is not None:
            for kept in (self._tools.warm, self._tools.forks):
                if kept is not None:
                    kept.close()

    def _keep(self, app: TestApp) -> None:
        self.drafts[app.arch_hash] = app

    def validate(self, arch_hash: str, name: str) -> ValidationResult:
        """Find the verdict of one architecture."""
        from pytest_lsqm.validation import confirm, fares_worse, validate

        architecture = self.store.architecture(arch_hash)
        if self.reuse is not None:
            found = self.reuse.find(architecture, self.ground(), expected=arch_hash in self.expected)
            if not isinstance(found, str):
                return found
            self._connected()
            self.tell({"kind": "not_reused", "arch_hash": arch_hash, "why": found})
        attempts = itertools.count(1)

        def attempt(*, fresh: bool = False) -> ValidationResult:
            about = {"arch_hash": arch_hash, "name": name, "worker": self.owner, "attempt": next(attempts)}
            tools = replace(
                self.tools(),
                announce=lambda stage: self.announce(name, stage),
                ended=lambda stage: self.tell({"kind": "stage", **about, **_plainly(stage)}),
            )
            return validate(architecture, self.run_id, tools, fresh=fresh)

        try:
            result = attempt()
            if not fares_worse(result.status, self.expected.get(arch_hash)):
                return result
            return confirm(result, lambda: attempt(fresh=True), self.settings.confirm)
        finally:
            self.announce(name, None)

    def announce(self, name: str, stage: str | None) -> None:
        """Tell the controller what is under way here; None when nothing is any more."""
        self.tell({"kind": "doing", "worker": self.owner, "name": name, "stage": stage})

    def say(self, line: str) -> None:
        """Show a line to the person, where this process has a terminal."""
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(f"lsqm: {mask(line)}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave to other shards what is theirs; what is no architecture is the first one's."""
        if self.shard is None or self.settings.shard is None:
            return
        kept: list[pytest.Item] = []
        left: list[pytest.Item] = []
        for item in items:
            arch_hash = _hash(item)
            ours = arch_hash in self.shard if arch_hash else self.settings.shard[0] == 1
            (kept if ours else left).append(item)
        if left:
            config.hook.pytest_deselected(items=left)
            items[:] = kept

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the result on the report that tells it: it travels from a worker like the report itself."""
        report = yield
        if isinstance(item, items.ArchitectureItem):
            if item.result is not None and report.when == ("setup" if item.result.status == "ERROR" else "call"):
                reports.attach_result(report, item.result, self.drafts.pop(item.arch_hash, None))
            elif report.skipped and report.when == "setup" and isinstance(report.longrepr, tuple):
                reason = mask(str(report.longrepr[2]))
                reports.attach_skip(report, item.arch_hash, reason.removeprefix("Skipped: "))
                # Where a reader finds what the reason is about, not the line of this plugin that skipped.
                report.longrepr = (str(item.path / "metadata.json"), 1, reason)
            reports.mask(report)
        return report


def _hash(item: pytest.Item) -> str | None:
    return item.arch_hash if isinstance(item, items.ArchitectureItem) else None


def _plainly(stage: Stage) -> dict[str, Any]:
    told = stage.model_dump(mode="json")
    return {"stage": told.pop("name"), "duration_seconds": told.pop("seconds"), **told}
