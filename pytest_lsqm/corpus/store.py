"""The one class through which the rest of the program meets the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.corpus import apps, architectures, index, matrices, runs, seen, trends
from pytest_lsqm.corpus.files import Place
from pytest_lsqm.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pytest_lsqm.models import (
        Architecture,
        ArchitectureTrends,
        Index,
        Matrix,
        Regression,
        Run,
        Seen,
        SeenPackage,
        ServiceOperations,
        ServiceTrend,
        TestApp,
        ValidationResult,
        Verdict,
    )

RETAINED_RUNS = 52


class Store:
    """A folder of architectures, apps, runs and trends; each method raises a StoreError that names the file."""

    def __init__(self, root: Path) -> None:
        self._place = Place(root)

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open a store that exists; a UsageError says how to make one."""
        if not (root / "architectures").is_dir():
            what = "is a file" if root.is_file() else "is empty of architectures" if root.is_dir() else "is absent"
            raise UsageError(
                f"{root} is no store (it {what}): create one with `lsqm add DIR --corpus {root}`, "
                f"or name another with --lsqm-corpus."
            )
        return cls(root)

    @classmethod
    def create(cls, root: Path) -> Store:
        """Open a store, made first where there is none."""
        if root.exists() and not root.is_dir():
            raise UsageError(f"{root} is a file: name a folder for the store.")
        try:
            for name in ("architectures", "apps", "runs", "trends"):
                (root / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{root} cannot be made a store: {error.strerror or error}. Check the folder's permissions."
            ) from error
        return cls(root)

    @property
    def root(self) -> Path:
        """The store's folder."""
        return self._place.root

    @property
    def problems(self) -> tuple[str, ...]:
        """What was found broken so far and was left alone and out, a sentence each."""
        return tuple(self._place.problems)

    def locked(self) -> AbstractContextManager[None]:
        """Keep everybody else from writing into the store while a block lasts."""
        return self._place.locked()

    def remove_leftovers(self) -> list[Path]:
        """Remove what crashed writers left half-written, and return it."""
        return self._place.remove_leftovers()

    # Architectures

    def architecture(self, arch_hash: str) -> Architecture:
        """Return an architecture's metadata."""
        return architectures.read(self._place, arch_hash)

    def architectures(self) -> Iterator[Architecture]:
        """Yield every architecture in the order of the hashes; a broken one becomes a problem."""
        return architectures.read_all(self._place)

    def add_architecture(self, metadata: Architecture, files: Mapping[str, Path]) -> bool:
        """Copy an architecture's files in, by their paths inside it; False if that hash is there already."""
        return architectures.add(self._place, metadata, files)

    def terraform_folder(self, arch_hash: str) -> Path:
        """Return the folder with an architecture's files; its `metadata.json` is the store's, not Terraform's."""
        return architectures.folder(self._place, arch_hash)

    # What was looked at

    def seen(self) -> Seen:
        """Return the packages that were looked at on the way to new architectures."""
        return seen.read(self._place)

    def add_seen(self, packages: dict[str, SeenPackage]) -> None:
        """Enter packages by their URL, beside those that are there."""
        seen.add(self._place, packages)

    # Comparisons of emulators

    def write_matrix(self, matrix: Matrix) -> None:
        """Write a comparison of emulators."""
        matrices.write(self._place, matrix)

    def write_matrix_result(self, matrix_id: str, label: str, result: ValidationResult) -> None:
        """Write one of the results that a comparison is made from, as it arrives."""
        matrices.write_result(self._place, matrix_id, label, result)

    def matrix(self, matrix_id: str) -> Matrix:
        """Return a comparison of emulators."""
        return matrices.read(self._place, matrix_id)

    def latest_matrix(self) -> Matrix | None:
        """Return the comparison of emulators that began last; a broken one becomes a problem."""
        return matrices.latest(self._place)

    def matrix_results(self, matrix_id: str, label: str) -> dict[str, ValidationResult]:
        """Return the results of a column by architecture, as far as they were written."""
        return matrices.results(self._place, matrix_id, label)

    def matrix_result(self, matrix_id: str, label: str, arch_hash: str) -> ValidationResult:
        """Return one of the results that a comparison is made from."""
        return matrices.read_result(self._place, matrix_id, label, arch_hash)

    # Apps

    def app(self, arch_hash: str) -> TestApp | None:
        """Return an architecture's app, None if it has none."""
        return apps.read(self._place, arch_hash)

    def app_folder(self, arch_hash: str) -> Path:
        """Return the folder of an architecture's app."""
        return apps.folder(self._place, arch_hash)

    def has_app(self, arch_hash: str) -> bool:
        """Whether an architecture has an app, complete or broken."""
        return self.app_folder(arch_hash).is_dir()

    def add_app(self, app: TestApp, *, replace: bool = False) -> bool:
        """Write an app; False if the architecture has one already, unless it is to be replaced."""
        return apps.add(self._place, app, replace=replace)

    def remove_app(self, arch_hash: str) -> None:
        """Remove an architecture's app, if it has one."""
        apps.remove(self._place, arch_hash)

    # The index

    def index(self) -> Index:
        """Return the index as it was last written; this opens nothing else."""
        return index.read(self._place)

    def refresh_index(self) -> Index:
        """Return the index, built again where it is absent or behind; broken metadata become problems."""
        return index.refresh(self._place)

    def rebuild_index(self) -> Index:
        """Return the index, built again from all metadata and runs: files have come in from elsewhere."""
        return index.refresh(self._place, everything=True)

    def update_index(self, results: Sequence[ValidationResult]) -> Index:
        """Enter the results of a run that has just ended as the last of their architectures."""
        return index.refresh(self._place, results)

    # Runs

    def start_run(self, run: Run) -> None:
        """Make a run's folder, so that results can be written as they arrive."""
        runs.start(self._place, run)

    def write_result(self, result: ValidationResult) -> None:
        """Write one architecture's result into its run, which must have been started."""
        runs.write_result(self._place, result)

    def finish_run(self, run: Run) -> None:
        """Write what is known of a run at its end; it must have a `completed_at`."""
        runs.finish(self._place, run)

    def run(self, run_id: str) -> Run:
        """Return a run; if it was killed, its summary counts the results that it left."""
        return runs.read(self._place, run_id)

    def runs(self, *, besides: str | None = None) -> list[Run]:
        """Return all runs (`besides` one), oldest first by their own start; a broken one becomes a problem."""
        return runs.read_all(self._place, besides)

    def results(self, run_id: str) -> dict[str, ValidationResult]:
        """Return a run's results by architecture; a broken one becomes a problem."""
        return runs.results(self._place, run_id)

    def result(self, run_id: str, arch_hash: str) -> ValidationResult:
        """Return the result of one architecture in a run."""
        return runs.result(self._place, run_id, arch_hash)

    def statuses(self, run_id: str, only: Iterable[str] | None = None) -> dict[str, Verdict]:
        """Return what history needs of a run's results, or of those of some architectures, faster than `results`."""
        return runs.verdicts(self._place, run_id, only)

    def retain(self, keep: int = RETAINED_RUNS, current: str | None = None) -> list[str]:
        """Remove the oldest runs beyond `keep`, never the current one, and return the ids of those removed."""
        return runs.retain(self._place, keep, current)

    # Trends

    def service_trends(self) -> list[ServiceTrend]:
        """Return the trends of the services as last written."""
        return trends.services(self._place)

    def architecture_trends(self) -> ArchitectureTrends | None:
        """Return the trends of the architectures as last written."""
        return trends.architectures(self._place)

    def regressions(self) -> list[Regression]:
        """Return every regression ever detected, in the order of detection."""
        return trends.regressions(self._place)

    def write_trends(
        self,
        services: Iterable[ServiceTrend],
        architectures: ArchitectureTrends,
        regressions: Iterable[Regression],
    ) -> None:
        """Replace the trends and append those regressions that are new; both runs of each must exist."""
        trends.write(self._place, services, architectures, regressions)

    def write_operations(self, operations: Iterable[ServiceOperations]) -> None:
        """Replace what the latest run says of each service's operations."""
        trends.write_operations(self._place, operations)

    def operations(self) -> list[ServiceOperations]:
        """Return what the latest run says of each service's operations."""
        return trends.operations(self._place)

    def replace_regressions(self, *changed: Regression) -> None:
        """Replace recorded regressions by themselves with more known about them, such as their issue's address."""
        trends.replace_regressions(self._place, changed)

    def combine_regressions(self, others: Iterable[Regression]) -> None:
        """Enter the regressions that another copy of this store knows, and the addresses of their issues."""
        trends.combine_regressions(self._place, others)
