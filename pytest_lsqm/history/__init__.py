"""Runs in, regressions and trends out: pure functions over records that somebody else has read.

Results are compared only within one emulator kind, and each architecture with its own latest earlier
result: a run of a subset (`-k`) neither hides what the run before it knew nor invents a change.
"""

from __future__ import annotations

from pytest_lsqm.history.attribution import changes
from pytest_lsqm.history.comparing import Earlier, Fix, baseline, fixes, precedes, regressions
from pytest_lsqm.history.identity import identity, reusable, unlike
from pytest_lsqm.history.merging import Whole, merge
from pytest_lsqm.history.naming import find_run
from pytest_lsqm.history.operations import service_operations
from pytest_lsqm.history.outcomes import (
    Circumstances,
    Outcome,
    RunOutcomes,
    RunStandings,
    newest_first,
    origin,
)
from pytest_lsqm.history.sharding import divide, durations, plan_of
from pytest_lsqm.history.sides import Comparison, StatusChange, compare
from pytest_lsqm.history.trends import architecture_trends, service_trends

__all__ = [
    "Circumstances",
    "Comparison",
    "Earlier",
    "Fix",
    "Outcome",
    "RunOutcomes",
    "RunStandings",
    "StatusChange",
    "Whole",
    "architecture_trends",
    "baseline",
    "changes",
    "compare",
    "divide",
    "durations",
    "find_run",
    "fixes",
    "identity",
    "merge",
    "newest_first",
    "origin",
    "plan_of",
    "precedes",
    "regressions",
    "reusable",
    "service_operations",
    "service_trends",
    "unlike",
]
