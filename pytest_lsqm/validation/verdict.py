"""From what happened to a status. Pure: every rule of the status definitions stands here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.models import PytestResults

if TYPE_CHECKING:
    from pytest_lsqm.models import Status
    from pytest_lsqm.subsession.record import Report


@dataclass(frozen=True)
class Verdict:
    """A status and, where it is not PASSED, what a person should read first."""

    status: Status
    message: str | None = None
    timed_out_in: str | None = None


def no_tests(reason: str) -> PytestResults:
    """Return the empty results of an architecture whose app never ran, saying why."""
    return PytestResults(total=0, passed=0, failed=0, skipped=0, output=f"no test was run: {reason}")


def timed_out(stage: str, seconds: float) -> Verdict:
    """Judge an architecture whose time ran out in this stage."""
    return Verdict("TIMEOUT", f"{stage} was ended when the {seconds:.0f} s for this architecture were over", stage)


def tested(report: Report, *, seconds: float) -> Verdict:
    """Judge an app's session on an emulator that was healthy when it ended."""
    results = report.results
    if report.timed_out:
        return timed_out("test", seconds)
    if report.problem:
        return Verdict("ERROR", report.problem)
    if results.failed == 0:
        doubt = _doubt(report)
        return Verdict("ERROR", doubt) if doubt else Verdict("PASSED")
    counted = f"{results.failed} of {results.total} tests failed"
    message = f"{counted}; {report.cut_short}" if report.cut_short else counted
    return Verdict("PARTIAL" if results.passed else "FAILED", message)


def _doubt(report: Report) -> str | None:
    """Return why a session in which no test failed is no proof that all is well."""
    if report.cut_short:
        return report.cut_short
    if report.results.exit_code != 0:
        return f"no test failed, but the app's session ended with code {report.results.exit_code}"
    return None if report.results.passed else "no test failed, but none passed either"


ENVIRONMENT_FAULTS = (
    # LocalStack's package installer, which fetches parts of LocalStack from the network at their first use.
    ("Installation of ", " failed"),
    # Terraform, when the program of a provider does not start: the emulator was not even asked.
    ("Failed to load plugin schemas",),
)
"""Fragments that an answer holds, in this order, when the machine kept emulator or provider from working."""


def environment_fault(diagnostics: tuple[dict[str, object], ...]) -> str | None:
    """Return the answer that says that this machine let the emulator or a provider down, if there is one."""
    for diagnostic in diagnostics:
        text = f"{diagnostic.get('summary', '')} {diagnostic.get('detail', '')}"
        for fragments in ENVIRONMENT_FAULTS:
            position = 0
            for fragment in fragments:
                position = text.find(fragment, position)
                if position < 0:
                    break
                position += len(fragment)
            else:
                return text.strip()
    return None


def first_error(diagnostics: tuple[dict[str, object], ...]) -> str | None:
    """Return the first error that Terraform reported, with the address it stands at."""
    for diagnostic in diagnostics:
        if diagnostic.get("severity") == "error":
            address = f"{diagnostic['address']}: " if diagnostic.get("address") else ""
            detail = str(diagnostic.get("detail") or "").strip().splitlines()
            return f"{address}{diagnostic.get('summary', '')}{': ' + detail[0] if detail else ''}"
    return None
