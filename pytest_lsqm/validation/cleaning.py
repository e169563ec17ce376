"""The end of a validation: nothing of it stays in its account, or nobody else gets its emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.emulators import leftovers
from pytest_lsqm.models import Cleaning

if TYPE_CHECKING:
    from pytest_lsqm.validation.attempt import Attempt


def clean(attempt: Attempt) -> bool:
    """Remove what is left in the account, and record it; whether the emulator may serve another architecture.

    Each architecture has an account that nobody had before or has later, so what is left matters where accounts
    do not keep things apart: names of buckets, processes and memory of the emulator. That is why what could
    not be looked for is recorded, and no reason to start another emulator.
    """
    if not attempt.lease.shared or attempt.proxy is None or not attempt.tools.leases.healthy(attempt.lease):
        return True
    made = {
        (exchange.operation, exchange.region)
        for exchange in attempt.proxy.exchanges
        if exchange.operation and exchange.region and exchange.status is not None and exchange.status < 300
    }
    try:
        attempt.cleaning = leftovers.clean(attempt.lease.endpoint, attempt.lease.account, made)
    except Exception as error:
        # Whatever an emulator has answered that nobody thought of: the verdict is found, and stays.
        attempt.cleaning = Cleaning(unchecked={"*": f"{type(error).__name__}: {error}"[:300]})
        return False
    return not attempt.cleaning.remains
