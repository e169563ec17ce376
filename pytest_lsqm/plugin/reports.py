"""How a result travels: as plain JSON on its own test report, from the process that made it to the controller.

It survives a worker's crash that way, and needs nothing shared between the two. It is JSON's text and no nested
dicts: pytest-xdist takes those apart value by value, which costs more than all the rest of a report's way.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_lsqm import masking
from pytest_lsqm.models import TestApp, ValidationResult

if TYPE_CHECKING:
    import pytest

    from pytest_lsqm.models import Status

_RESULT, _STATUS, _APP, _SKIPPED = "lsqm_result", "lsqm_status", "lsqm_app", "lsqm_skipped"
_REUSED = "lsqm_reused"


def attach_result(report: pytest.TestReport, result: ValidationResult, app: TestApp | None = None) -> None:
    """Put a result on a report, with the app that was written for it."""
    setattr(report, _RESULT, json.dumps(result.model_dump(mode="json")))
    setattr(report, _STATUS, result.status)
    setattr(report, _REUSED, result.reused is not None)
    if app is not None:
        setattr(report, _APP, app.model_dump(mode="json"))


def attach_skip(report: pytest.TestReport, arch_hash: str, reason: str) -> None:
    """Put the reason of a skip on a report."""
    setattr(report, _SKIPPED, [arch_hash, reason])


def mask(report: pytest.TestReport) -> None:
    """Take credentials out of what a report tells besides its result: tracebacks and captured output."""
    if not report.sections and not report.longrepr:
        return
    masker = masking.masker()
    report.sections = [(name, masker.text(text)) for name, text in report.sections]
    told = str(report.longrepr or "")
    if not isinstance(report.longrepr, tuple) and (masked := masker.text(told)) != told:
        report.longrepr = masked


def take_result(report: pytest.TestReport) -> ValidationResult | None:
    """Return the result that a report carries, and take it off: pytest keeps its reports for the whole session."""
    text = report.__dict__.pop(_RESULT, None)
    return None if text is None else ValidationResult.model_validate(json.loads(text))


def app_of(report: pytest.TestReport) -> TestApp | None:
    """Return the app that a report carries."""
    data = getattr(report, _APP, None)
    return None if data is None else TestApp.model_validate(data)


def status_of(report: pytest.TestReport) -> Status | None:
    """Return the status that a report carries."""
    status: Status | None = getattr(report, _STATUS, None)
    return status


def is_reused(report: pytest.TestReport) -> bool:
    """Whether the result that a report carries was taken over from an earlier run."""
    return bool(getattr(report, _REUSED, False))


def skip_of(report: pytest.TestReport) -> tuple[str, str] | None:
    """Return the hash and the reason of the skip that a report carries."""
    data = getattr(report, _SKIPPED, None)
    return None if data is None else (str(data[0]), str(data[1]))
