"""From sources to the store: what is new is fetched, read and kept, each package by itself.

Every architecture is written whole before its package counts as seen, so a run that is killed loses nothing;
what it had not entered as seen is fetched again and found to be there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pytest_lsqm.discovery import cdk, fetching, formats, licences, reading
from pytest_lsqm.discovery.reading import Found
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, LsqmError, Unreachable
from pytest_lsqm.models import Architecture, SeenPackage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.discovery.base import Package, Source
    from pytest_lsqm.discovery.web import Web

FLUSH = 1.0
"""Seconds between two writes of what was seen."""

GIVEN_UP_AFTER = 3
"""Packages in a row that cannot be reached: then the source is left for another time, and not asked 200 times."""

SCRATCH = "lsqm-mine-"
"""How the name of a folder for one package begins; the id of the process follows."""

NAME_LENGTH = 80
DESCRIPTION_LENGTH = 500


@dataclass
class Looked:
    """What came of one package; `new` architectures are those that the store did not have."""

    package: Package
    new: list[Architecture] = field(default_factory=list)
    known: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    later: bool = False
    """Whether the problem may be over another time; it is not remembered as looked at then."""


@dataclass
class SourceReport:
    """What came of one source: `unchanged` packages were seen before, as they are; `problem` ended it."""

    name: str
    looked: list[Looked] = field(default_factory=list)
    unchanged: int = 0
    problem: str | None = None


@dataclass
class Mine:
    """Looks through sources; `vendor` puts remote modules into a root's folder, `synthesise` runs CDK apps."""

    store: Store
    web: Web
    vendor: Callable[[Path], None]
    workers: int = 2
    since: datetime | None = None
    limit: int | None = None
    allow_exec: bool = False
    looked: Callable[[SourceReport, Looked], None] = lambda report, looked: None
    """Is called as each package is done."""

    def __post_init__(self) -> None:
        self._seen = dict(self.store.seen().packages)
        self._fresh: dict[str, SeenPackage] = {}
        self._flushed = time.monotonic()
        self._lock = threading.Lock()

    def run(self, source: Source) -> SourceReport:
        """Look through one source; what breaks it is in the report, with all that came before."""
        report = SourceReport(source.name)
        try:
            self._through(source, report)
        finally:
            # After the end of the pool: what a Ctrl-C cut off from being waited for has been looked at too.
            self._flush(0.0)
        return report

    def _through(self, source: Source, report: SourceReport) -> None:
        with ThreadPoolExecutor(self.workers) as pool:
            under_way: set[Future[Looked]] = set()
            try:
                for package in self._wanted(source, report):
                    under_way.add(pool.submit(self._look, source, package))
                    if problem := _out_of_reach(report):
                        raise Unreachable(f"{problem} ({GIVEN_UP_AFTER} packages in a row)")
                    # No further than needed: a source with a thousand pages is asked for the next when it is due.
                    while len(under_way) > 2 * self.workers:
                        under_way = self._collect(under_way, report)
            except LsqmError as error:
                report.problem = str(error)
            except KeyboardInterrupt:
                # What is being fetched comes to its own end; nothing more is begun.
                pool.shutdown(wait=False, cancel_futures=True)
                under_way = {each for each in under_way if not each.cancelled()}
                raise
            finally:
                while under_way:
                    under_way = self._collect(under_way, report)

    def _wanted(self, source: Source, report: SourceReport) -> Iterator[Package]:
        count = 0
        for package in source.packages(self.since):
            before = self._seen.get(package.url)
            if before is not None and before.revision == package.revision:
                report.unchanged += 1
                continue
            if self.limit is not None and count >= self.limit:
                return
            count += 1
            yield package

    def _collect(self, under_way: set[Future[Looked]], report: SourceReport) -> set[Future[Looked]]:
        done, left = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            looked = future.result()
            report.looked.append(looked)
            self.looked(report, looked)
        self._flush(FLUSH)
        return left

    def _look(self, source: Source, package: Package) -> Looked:
        looked = Looked(package)
        scratch = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-"))
        try:
            location = source.locate(package)
            folder, commit = fetching.fetch(location, scratch / "package", self.web)
            package = replace(package, license=package.license or licences.stated(folder))
            self._synthesise(folder, scratch / "read")
            found = reading.read(folder, package.layout, scratch / "read")
            kept = {each.path: self._keep(each, package, commit, scratch, looked) for each in found}
        except (Unreachable, EnvironmentProblem, OSError) as error:
            looked.problem, looked.later = str(error), True
            return looked  # not seen: the next run tries again, and what this machine lacked may be there
        except LsqmError as error:
            looked.problem = str(error)
            kept = {}
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        with self._lock:
            self._seen[package.url] = self._fresh[package.url] = SeenPackage(
                revision=package.revision,
                seen_at=datetime.now(UTC),
                architectures={path: arch_hash for path, arch_hash in kept.items() if arch_hash},
                refused=looked.refused,
                problem=looked.problem,
            )
        return looked

    def _keep(
        self, found: Found, package: Package, commit: str | None, scratch: Path, looked: Looked
    ) -> str | None:
        if found.architecture is None or found.files is None:
            looked.refused[found.path] = found.problem or "it cannot be read"
            return None
        try:
            found, reason = self._vendored(found, scratch)
            assert found.architecture is not None
            assert found.files is not None
            architecture = self._described(found.architecture, found.path, package, commit, reason)
            if self.store.add_architecture(architecture, found.files):
                looked.new.append(architecture)
            else:
                looked.known += 1
        except (Unreachable, EnvironmentProblem):
            raise  # another time may do better, so the package must not count as seen
        except LsqmError as error:
            looked.refused[found.path] = str(error)
            return None
        return architecture.hash

    def _vendored(self, found: Found, scratch: Path) -> tuple[Found, str | None]:
        """Bring the remote modules of an architecture in; where that fails, why it cannot run."""
        architecture, files = found.architecture, found.files
        assert architecture is not None
        assert files is not None
        if not architecture.modules:
            return found, None
        copy = Path(tempfile.mkdtemp(dir=scratch))
        for name, source in files.items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy / name)
        try:
            self.vendor(copy / architecture.root)
            again = reading.read(copy, architecture.root, copy / ".read")[0]
            if again.problem:
                return found, f"its remote modules cannot be used: {again.problem}"
        except (Unreachable, EnvironmentProblem):
            raise
        except LsqmError as error:
            return found, str(error)
        return Found(found.path, again.architecture, again.files), None

    def _described(
        self, read: Architecture, path: str, package: Package, commit: str | None, reason: str | None
    ) -> Architecture:
        before = self._seen.get(package.url)
        predecessor = before.architectures.get(path) if before else None
        reasons = [each for each in (reason, read.skip_reason) if each]
        # A service or an app of a general repository is what it is by its format.
        by_format = read.source_type in {"serverless", "cdk"}
        described = {
            "source_url": package.address_of(path),
            "source_type": read.source_type if by_format else package.source_type,
            "name": _name(package, path),
            "description": _line(package.description),
            "version": package.version,
            "license": package.license,
            "commit": commit,
            "predecessor": predecessor if predecessor != read.hash else None,
            "skipped": bool(reasons),
            "skip_reason": "; ".join(reasons) or None,
        }
        try:
            # What comes from outside is judged like what is read from a file: an address may be none.
            return Architecture.model_validate({**read.model_dump(), **described})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise DiscoveryError(f"its {first['loc'][0]} cannot be kept: {first['msg']}") from error

    def _synthesise(self, folder: Path, scratch: Path) -> None:
        """Run the CDK apps of a package, if that is allowed, and leave a note of what came of each."""
        if not self.allow_exec:
            return
        scratch.mkdir(parents=True)
        notes: dict[str, str] = {}
        for number, app in enumerate(formats.apps(folder)):
            shown = (app / formats.CDK).relative_to(folder).as_posix()
            out = scratch / "cdk" / str(number)
            try:
                cdk.synthesise(app, out, top=folder)
                notes[shown] = str(out)
            except LsqmError as error:
                notes[shown] = str(error)
        formats.note(scratch, notes)

    def _flush(self, seconds: float) -> None:
        with self._lock:
            if not self._fresh or time.monotonic() - self._flushed < seconds:
                return
            fresh = dict(self._fresh)
            self._flushed = time.monotonic()
        self.store.add_seen(fresh)
        with self._lock:
            # Only now, and only what was written: a Ctrl-C in the middle of the writing loses nothing.
            self._fresh = {url: seen for url, seen in self._fresh.items() if fresh.get(url) is not seen}


def remove_leftovers() -> None:
    """Remove the folders of packages in which runs were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*"):
        pid = folder.name.removeprefix(SCRATCH).partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def can_run(architecture: Architecture) -> bool:
    """Whether an architecture runs as it is, without --lsqm-allow-exec."""
    return not architecture.skipped and not architecture.executes


def _out_of_reach(report: SourceReport) -> str | None:
    """Why the last packages could not be had, if so many in a row could not."""
    last = report.looked[-GIVEN_UP_AFTER:]
    return last[-1].problem if len(last) == GIVEN_UP_AFTER and all(each.later for each in last) else None


def _line(text: str | None) -> str | None:
    """A stranger's description on one line, and not for ever."""
    words = " ".join((text or "").split())
    return "".join(sign for sign in words if sign.isprintable())[:DESCRIPTION_LENGTH] or None


def _name(package: Package, path: str) -> str:
    """A readable name: of the package without its owner, and of the way to the part."""
    parts = [package.name.split("/")[-1], *("" if path == "." else path).replace("#", "/").split("/")]
    name = "-".join(part for part in parts if part)
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)[:NAME_LENGTH]


def count(reports: Iterable[SourceReport]) -> tuple[int, int]:
    """Count the new architectures, and those of them that can run."""
    new = [architecture for report in reports for looked in report.looked for architecture in looked.new]
    return len(new), sum(map(can_run, new))
