"""Records and histories of every kind that may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pytest_lsqm.models import STATUSES, ValidationResult
from tests.corpus import records

HASHES = st.sampled_from([letter * 16 for letter in "abcdef0123"])
TEXTS = st.text(max_size=40)
"""With control characters, surrogates aside: a lone one has no UTF-8, and pydantic takes none."""
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
SERVICES = st.lists(st.sampled_from(["s3", "sqs", "sns", "kms"]), max_size=3, unique=True)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@st.composite
def tests_of_app(draw: st.DrawFn) -> dict[str, Any]:
    outcomes = ("passed", "failed", "error", "skipped", "unfinished")
    tests = draw(
        st.lists(
            st.fixed_dictionaries(
                {"name": TEXTS, "outcome": st.sampled_from(outcomes), "seconds": st.floats(0, 100)},
                optional={"message": TEXTS, "started": st.floats(0, 2e9), "ended": st.floats(0, 2e9)},
            ),
            max_size=4,
        )
    )
    passed = sum(test["outcome"] == "passed" for test in tests)
    skipped = sum(test["outcome"] == "skipped" for test in tests)
    return {
        "total": len(tests),
        "passed": passed,
        "failed": len(tests) - passed - skipped,
        "skipped": skipped,
        "output": draw(TEXTS),
        "tests": tests,
    }


@st.composite
def results(draw: st.DrawFn) -> ValidationResult:
    seconds = draw(st.floats(0.001, 1e5))
    started = draw(MOMENTS)
    fields: dict[str, Any] = {
        "arch_hash": draw(HASHES),
        "run_id": records.run_id(draw(st.integers(1, 5))),
        "status": draw(st.sampled_from(STATUSES)),
        "started_at": started,
        "completed_at": started + timedelta(seconds=seconds),
        "duration_seconds": seconds,
        "error_message": draw(st.text(min_size=1, max_size=20)),
        "pytest_results": draw(tests_of_app()),
        "services": draw(SERVICES),
        "terraform_apply": draw(
            st.none()
            | st.fixed_dictionaries(
                {
                    "success": st.booleans(),
                    "resources_created": st.integers(0, 99),
                    "outputs": st.dictionaries(TEXTS, JSON, max_size=3),
                    "logs": TEXTS,
                    "diagnostics": st.lists(st.dictionaries(TEXTS, JSON, max_size=3), max_size=2),
                }
            )
        ),
        "container_logs": draw(st.none() | TEXTS),
        "digests": draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
        "operations": draw(
            st.dictionaries(
                st.sampled_from(["deploy", "test"]),
                st.dictionaries(TEXTS, st.dictionaries(TEXTS, st.integers(0, 9), max_size=2), max_size=2),
                max_size=2,
            )
        ),
        "a_field_of_a_later_release": draw(JSON),
    }
    return ValidationResult.model_validate(fields)
