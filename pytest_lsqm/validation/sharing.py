"""What befalls an architecture only because others use its emulator at the same time: nobody is blamed for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lsqm.observing import Exchange
    from pytest_lsqm.validation.attempt import Attempt

NAME_TAKEN = "another architecture had a bucket of its name on the emulator that both used"
NAME_TAKEN_THERE = (
    "another account of this emulator has a bucket of a name that this architecture wants, and such a name is "
    "taken in all accounts. Run it alone (-n 0), or remove that bucket."
)
"""What is said of it on an emulator of somebody else's, where there is no fresh one."""

STAND_IN_FAILED = "DynamoDB Local, which stands in for the emulator's own, broke down while others used it too"
HALF_LOADED = "the emulator could not import a service, as happens when several are called for the first time"

_IMPORT_FAILED = re.compile(
    r"deadlock detected by _ModuleLock|cannot import name|No module named|partially initialized module"
)
"""What Python says when threads import at once and it goes wrong; the first was seen with LocalStack 4.14.0.

It never tries a second time: the service answers 500 for as long as that LocalStack runs.
"""


def accident(attempt: Attempt) -> str | None:
    """Say which accident befell an architecture that did not pass; None where none did.

    Where nobody shares the emulator it can only be half loaded, by one architecture's own calls.
    What is the emulator's own fault comes again on the next one.
    """
    lease = attempt.lease
    asked = attempt.proxy.exchanges if attempt.proxy else ()
    if lease.shared and _name_was_taken(asked):
        return NAME_TAKEN
    if lease.outlives_us:
        return None  # what it is made of is not known, and there is no other one
    if _half_loaded(asked):
        return HALF_LOADED
    if not lease.shared:
        return None
    stands_in = any(text.startswith("DynamoDB Local") for text in lease.facts.substitutions)
    return STAND_IN_FAILED if stands_in and _tables_broke_down(asked) else None


def _name_was_taken(asked: Sequence[Exchange]) -> bool:
    """Whether a bucket's name was taken: it is so in all accounts of an emulator."""
    return any(each.operation == "s3.CreateBucket" and each.code == "BucketAlreadyExists" for each in asked)


def _half_loaded(asked: Sequence[Exchange]) -> bool:
    # An operation's: what a deployed function says of its own imports is its own business.
    return any(each.operation and each.status == 500 and _IMPORT_FAILED.search(each.body) for each in asked)


def _tables_broke_down(asked: Sequence[Exchange]) -> bool:
    """Whether DynamoDB Local 1.x answered as it does now and then when it has much to do."""
    return any(
        (each.operation or "").startswith("dynamodb.") and each.outcome == "500 InternalFailure" for each in asked
    )
