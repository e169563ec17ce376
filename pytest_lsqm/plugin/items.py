"""The corpus as pytest sees it: a folder of architectures, each of them one test."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.models import PASSING
from pytest_lsqm.plugin import rerunning
from pytest_lsqm.reporting import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.models import Index, IndexEntry, ValidationResult
    from pytest_lsqm.plugin.session import LsqmSession


_UNREADABLE = re.compile(r"[^A-Za-z0-9_.-]")
"""What could be taken for a separator of node ids, for markup or for a control sequence."""


class VerdictFailure(Exception):
    """An architecture that is not PASSED; its text is what the failure report shows."""


class StoreCollector(pytest.Directory):
    """The store's own folder: of what is in it only the architectures are tests."""

    lsqm: LsqmSession

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield the folder of the architectures."""
        # Not earlier: pytest-xdist starts a worker again and again that does not come as far as here.
        if self.lsqm.unlike:
            raise self.CollectError(self.lsqm.unlike)
        folder = ArchitecturesCollector.from_parent(self, path=self.path / "architectures")
        folder.lsqm = self.lsqm
        yield folder


class ArchitecturesCollector(pytest.Directory):
    """`architectures/`, as its index lists it: no file of an architecture is opened."""

    lsqm: LsqmSession

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the test of each architecture, in the order of their names.

        Its folder is no collector of its own: pytest imports the `conftest.py` of each folder that it collects,
        and one that lies in an architecture is a stranger's.
        """
        entries = self.lsqm.index().architectures
        names = unique_names(self.lsqm.index())
        above = "" if self.nodeid in {"", "."} else f"{self.nodeid}/"
        for arch_hash in sorted(entries, key=lambda key: (names[key], key)):
            name = names[arch_hash]
            yield ArchitectureItem.of(
                self,
                name,
                self.lsqm,
                arch_hash,
                entries[arch_hash],
                path=self.path / arch_hash,
                nodeid=f"{above}{arch_hash}::{name}",
            )


class FolderCollector(pytest.Directory):
    """A folder that was named as an argument: of what is in it only its Terraform roots are tests."""

    lsqm: LsqmSession

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each root, as the controller found them."""
        entries = self.lsqm.index().architectures
        for root in self.lsqm.roots:
            if root.folder != str(self.path):
                continue
            if root.arch_hash is None:
                item = ProblemItem.from_parent(self, name=root.name)
                item.problem, item.nothing = root.problem or "", root.nothing
                yield item
            else:
                yield ArchitectureItem.of(self, root.name, self.lsqm, root.arch_hash, entries[root.arch_hash])


class ProblemItem(pytest.Item):
    """A Terraform root that cannot be an architecture; `nothing`: for there is nothing in it to run."""

    problem: str
    nothing: bool

    def runtest(self) -> None:
        """Say why."""
        if self.nothing:
            pytest.skip(self.problem)
        pytest.fail(self.problem, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Tell where it is."""
        return self.path, None, self.name


class ArchitectureItem(pytest.Item):
    """One architecture: deployed and tested as its set-up, judged as its call.

    An ERROR is raised in the set-up, so that it is an error in every report that knows the difference,
    and any other verdict than PASSED fails the call.
    """

    lsqm: LsqmSession
    arch_hash: str
    entry: IndexEntry
    result: ValidationResult | None = None

    @classmethod
    def of(
        cls,
        parent: pytest.Collector,
        name: str,
        lsqm: LsqmSession,
        arch_hash: str,
        entry: IndexEntry,
        **place: Any,
    ) -> ArchitectureItem:
        """Make the test of one architecture, with a marker for each of its services.

        `place`: its `path` and `nodeid`, where they are not those of its parent.
        """
        item = cls.from_parent(parent, name=name, **place)
        item.lsqm, item.arch_hash, item.entry = lsqm, arch_hash, entry
        for service in entry.services:
            item.add_marker(_marker(service))
        item.extra_keyword_matches.add(arch_hash)
        if lsqm.backstop is not None:
            item.add_marker(lsqm.backstop)
        return item

    def setup(self) -> None:
        """Find the verdict, or the reason to skip."""
        if reason := self.lsqm.skip_reason(self.entry, self.arch_hash):
            pytest.skip(reason)
        result = self.result = self.lsqm.validate(self.arch_hash, self.name)
        self.user_properties.extend(properties(result))
        if result.status == "ERROR":
            pytest.fail(self._explain(result), pytrace=False)

    def runtest(self) -> None:
        """Fail when the verdict is PARTIAL, FAILED or TIMEOUT."""
        if self.result is not None and self.result.status != "PASSED":
            raise VerdictFailure(self._explain(self.result))

    def teardown(self) -> None:
        """Let go of the result, which its report has by now: pytest keeps its items for the whole session."""
        self.result = None

    def _explain(self, result: ValidationResult) -> str:
        return terminal.explain(result, rerunning.command(self, result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the verdict's own text, not a traceback through this plugin."""
        if isinstance(excinfo.value, VerdictFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Tell where it is: the architecture's folder."""
        return self.path, None, self.name


@functools.cache
def _marker(service: str) -> pytest.MarkDecorator:
    marker: pytest.MarkDecorator = getattr(pytest.mark, marker_name(service))
    return marker


def marker_name(service: str) -> str:
    """Return the marker of an AWS service, such as `service_cognito_idp`."""
    return f"service_{service.replace('-', '_')}"


def unique_names(index: Index) -> dict[str, str]:
    """Return a readable name for every architecture; two that share one get their hash appended."""
    wanted = {key: _readable(entry.name or key) for key, entry in index.architectures.items()}
    seen: dict[str, int] = {}
    for name in wanted.values():
        seen[name] = seen.get(name, 0) + 1
    return {key: name if seen[name] == 1 else f"{name}-{key}" for key, name in wanted.items()}


def _readable(name: str) -> str:
    return _UNREADABLE.sub("-", name).strip("-.")[:80] or "unnamed"


def properties(result: ValidationResult) -> list[tuple[str, object]]:
    """Return what JUnit's file says of a result beside its outcome."""
    found: list[tuple[str, object]] = [
        ("lsqm_status", result.status),
        ("lsqm_hash", result.arch_hash),
        ("lsqm_services", ",".join(result.services)),
        ("lsqm_duration_seconds", result.duration_seconds),
    ]
    if result.emulator is not None:
        found.append(("lsqm_emulator", f"{result.emulator.name} {result.emulator.version}"))
    if result.reused is not None:
        found.append(("lsqm_reused_from", result.reused.run_id))
    if result.cause is not None:
        about = f" ({result.cause.operation})" if result.cause.operation else ""
        found.append(("lsqm_cause", f"{result.cause.kind}{about}"))
    found += [(f"lsqm_{stage.name}_seconds", stage.seconds) for stage in result.stages]
    if result.status not in PASSING and result.error_message:
        found.append(("lsqm_message", result.error_message[:500]))
    return found
