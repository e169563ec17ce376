"""Lines about what stayed in the accounts."""

from __future__ import annotations

from typing import Any

from pytest_lsqm.reporting import leftovers, terminal
from tests.reporting.made import EVERYTHING, lines, report, result

BUCKET = {"service": "s3", "kind": "bucket", "id": "photos", "region": "us-east-1", "removed": True}
KEPT = {"service": "sqs", "kind": "queue", "id": "q", "region": "us-east-1", "removed": False, "answer": "500 no"}


def cleaned(*left: dict[str, Any], **unchecked: str) -> dict[str, Any]:
    return {"leftovers": left, "unchecked": unchecked}


def test_an_explanation_names_what_was_left_and_what_became_of_it() -> None:
    told = terminal.explain(result("FAILED", cleaning=cleaned(BUCKET, KEPT)), "again")
    assert "left in the account: s3 bucket photos: removed\n" in told
    assert "left in the account: sqs queue q: cannot be removed (500 no)\n" in told


def test_a_summary_counts_what_was_left_and_names_by_whom() -> None:
    one, two = result(name="one", cleaning=cleaned(BUCKET)), result(name="two", cleaning=cleaned(BUCKET, KEPT))
    assert "left in the accounts: 1 things and removed: one" in lines(report(one))
    assert "left in the accounts: 3 things, 1 of them cannot be removed: one, two" in lines(report(one, two))


def test_a_summary_says_nothing_of_accounts_that_were_empty() -> None:
    told = lines(report(result(cleaning=cleaned()), result(name="other")), screen=EVERYTHING)
    assert not [line for line in told if "left" in line or "looked for" in line]


def test_what_could_not_be_looked_for_is_said_where_everything_is() -> None:
    results = [result(cleaning={"unchecked": {"glacier.CreateVault": "not known"}})]
    assert list(leftovers.of_all(results, everything=True)) == [
        "not looked for afterwards: what came of glacier.CreateVault"
    ]
    assert list(leftovers.of_all(results, everything=False)) == []
