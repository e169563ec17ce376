"""The corpus on several emulators: one queue of jobs for all, so that none waits for a slow one."""

from __future__ import annotations

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, TypeGuard
from uuid import uuid4

from pytest_lsqm.errors import LsqmError
from pytest_lsqm.masking import mask
from pytest_lsqm.models import Matrix, MatrixCell, MatrixColumn
from pytest_lsqm.validation.confirming import confirm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from pytest_lsqm.models import IndexEntry, ValidationResult
    from pytest_lsqm.validation.bench import Bench, Place

    Tell = Callable[[str, str, MatrixCell], None]
    """Is called with the emulator, the architecture and what came of the two."""


@dataclass(frozen=True)
class Job:
    """One architecture on one emulator."""

    place: Place
    arch_hash: str

    @property
    def key(self) -> tuple[str, str]:
        """Its emulator and its architecture."""
        return self.place.label, self.arch_hash


@dataclass
class Comparison:
    """The work on one matrix; `confirmations` are tries on fresh emulators of what fails on some of them only.

    One with the id of an earlier one goes on where that was stopped.
    """

    bench: Bench
    entries: Mapping[str, IndexEntry]
    tell: Tell
    confirmations: int = 1
    matrix_id: str = field(default_factory=lambda: str(uuid4()))
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    results: dict[tuple[str, str], ValidationResult] = field(default_factory=dict)
    """By emulator and architecture."""
    skipped: dict[tuple[str, str], str] = field(default_factory=dict)
    columns: dict[str, MatrixColumn] = field(default_factory=dict)

    def run(self, labels: Sequence[str], workers: int) -> Matrix:
        """Run every architecture on every emulator; one that cannot be made ready is a column with the reason."""
        with ExitStack() as stack, ThreadPoolExecutor(workers) as threads:
            places = []
            for label in dict.fromkeys(labels):
                try:
                    places.append(stack.enter_context(self.bench.on(label, size=workers)))
                    self.columns[label] = MatrixColumn(label=label)
                except LsqmError as error:
                    self.columns[label] = MatrixColumn(label=label, problem=mask(str(error)))
            jobs = [job for job in chain.from_iterable(zip_longest(*map(self._jobs, places))) if job]
            self.bench.store.write_matrix(self.matrix())  # from here on it can be gone on with
            try:
                self._each(threads, [job for job in jobs if job.key not in self.results], self._once)
                self._each(threads, [job for job in jobs if self._fails_here_only(job)], self._again)
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                self.bench.store.write_matrix(self.matrix())
                raise
        matrix = self.matrix(datetime.now(UTC))
        self.bench.store.write_matrix(matrix)
        return matrix

    def _jobs(self, place: Place) -> list[Job]:
        jobs = []
        earlier = self.bench.store.matrix_results(self.matrix_id, place.label)
        for arch_hash, entry in self.entries.items():
            if reason := place.reason_against(arch_hash, entry):
                self.skipped[place.label, arch_hash] = reason
                self.tell(place.label, arch_hash, MatrixCell(skipped=reason))
                continue
            jobs.append(Job(place, arch_hash))
            if _holds(result := earlier.get(arch_hash), place):
                self.results[place.label, arch_hash] = result
        return jobs

    def _each(self, threads: Executor, jobs: Sequence[Job], work: Callable[[Job], ValidationResult]) -> None:
        pending: dict[Future[ValidationResult], Job] = {threads.submit(work, job): job for job in jobs}
        for future in as_completed(pending):
            job, result = pending[future], future.result()
            self.results[job.key] = result
            self.bench.store.write_matrix_result(self.matrix_id, job.place.label, result)
            self.tell(job.place.label, job.arch_hash, cell(result))

    def _once(self, job: Job) -> ValidationResult:
        return job.place.validate(job.arch_hash, self.matrix_id)

    def _again(self, job: Job) -> ValidationResult:
        first = self.results[job.key]
        again = lambda: job.place.validate(job.arch_hash, self.matrix_id, fresh=True)  # noqa: E731
        return confirm(first, again, self.confirmations)

    def _fails_here_only(self, job: Job) -> bool:
        """Whether an architecture fails on this emulator and passes on another: then it must not be by chance."""
        mine = self.results[job.key]
        others = (r.status for (_, arch_hash), r in self.results.items() if arch_hash == job.arch_hash)
        wanted = bool(self.confirmations) and not mine.attempts and mine.status != "PASSED"
        return wanted and any(status == "PASSED" for status in others)

    def matrix(self, completed_at: datetime | None = None) -> Matrix:
        """Return what is known by now."""
        cells: dict[str, dict[str, MatrixCell]] = defaultdict(dict)
        operations: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        versions: dict[str, str] = {}
        for (label, arch_hash), reason in self.skipped.items():
            cells[arch_hash][label] = MatrixCell(skipped=reason)
        for (label, arch_hash), result in self.results.items():
            cells[arch_hash][label] = cell(result)
            versions |= result.versions
            if result.emulator and self.columns[label].emulator is None:
                self.columns[label] = MatrixColumn(label=label, emulator=result.emulator)
            for phase in result.operations.values():
                for name, outcomes in phase.items():
                    operations[name][label].update(outcomes)
        return Matrix(
            matrix_id=self.matrix_id,
            started_at=self.started_at,
            completed_at=completed_at,
            columns=tuple(self.columns.values()),
            names={key: entry.name or key for key, entry in self.entries.items()},
            services={key: entry.services for key, entry in self.entries.items()},
            cells={key: cells[key] for key in self.entries if key in cells},
            operations={
                name: {label: dict(sorted(found.items())) for label, found in operations[name].items()}
                for name in sorted(operations)
            },
            versions=versions,
        )


def _holds(earlier: ValidationResult | None, place: Place) -> TypeGuard[ValidationResult]:
    """Whether a result spares a run of the same: an ERROR says nothing, and neither does another version."""
    if earlier is None or earlier.status == "ERROR" or earlier.emulator is None:
        return False
    return earlier.emulator.version == place.emulator.version


def cell(result: ValidationResult) -> MatrixCell:
    """Return what of a result a comparison shows."""
    return MatrixCell(
        status=result.status,
        seconds=result.duration_seconds,
        message=(result.error_message or "")[:500] or None,
        cause=result.cause,
        drifted=len(result.drift or ()),
        attempts=max(len(result.attempts), 1),
        flaky=result.flaky,
    )
