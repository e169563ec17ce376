"""A small architecture behind a proxy that meddles: deployed once, and its app run under fault after fault."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.emulators.pool import Lease
from pytest_lsqm.models import GateOutcome
from pytest_lsqm.observing import Proxy
from pytest_lsqm.validation import Tools, causes, scratch, stages
from pytest_lsqm.validation.attempt import Attempt
from pytest_lsqm.validation.verdict import Verdict
from tests.corpus.records import START
from tests.faults.small import SMALL
from tests.support.architectures import put
from tests.support.emulator import Lent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.models import Cause
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror
    from tests.faults.faults import Fault, Several


class Behind(Lent):
    """Leases on an emulator behind a proxy that meddles."""

    endpoint = ""

    def lease(self, *, fresh: bool = False) -> Lease:
        lease = super().lease(fresh=fresh)
        behind = Lease(self.endpoint, lease.account, lease.facts, lease.log_position, 0, lease.number)
        self.leases[-1] = behind
        return behind


@dataclass
class Deployed:
    """An attempt at whose app one can look again; `between` stands between what records and the emulator."""

    attempt: Attempt
    between: Proxy

    def test(self, fault: Fault | Several) -> tuple[str, Cause | None]:
        """Run the app under a fault, and return the status and the cause that a validation would come to."""
        tools, recorded = self.attempt.tools, self.attempt.proxy
        assert recorded is not None
        since = len(recorded.exchanges)
        self.between.meddle = fault
        again = replace(
            self.attempt,
            tools=replace(tools, test_timeout=4.0 if fault.late else 30.0),
            scratch=Path(tempfile.mkdtemp(dir=self.attempt.scratch)),
            deadline=time.monotonic() + tools.timeout,
            stages=[],
        )
        found = stages.run_stage(again, stages.test) or Verdict("PASSED")
        exchanges = tuple(recorded.exchanges[since:])
        logs = tools.leases.logs(self.attempt.lease)
        return found.status, causes.find(causes.Evidence.of(again, found, exchanges, logs))


@contextmanager
def deployed(
    service: str, root: Path, instance: Instance, engine: Engine, mirror: Mirror, others: Several
) -> Iterator[Deployed]:
    """Deploy the small architecture of a service while operations of others fail, and destroy it in the end."""
    leases = Behind(instance)
    store, architecture = put(root, *SMALL[service])
    gated(store)
    tools = Tools(store, engine, mirror, leases, 90.0, 30.0, announce=lambda stage: None)
    with scratch.folder() as folder, Proxy(instance.endpoint, meddle=others) as between:
        leases.endpoint = between.endpoint
        lease = leases.lease()
        with Proxy(lease.endpoint) as proxy:
            made = Attempt(tools, architecture, lease, folder, time.monotonic() + tools.timeout, proxy)
            until_tests = (stages.prepare, stages.init, stages.apply, stages.inspect)
            assert [found for stage in until_tests if (found := stages.run_stage(made, stage))] == []
            yield Deployed(made, between)
            between.meddle = None
            assert stages.clear(made)


def gated(store: Store) -> None:
    """Note that the app has passed its gate, which running it without a fault of its own bears out."""
    (arch_hash,) = store.refresh_index().architectures
    app = store.app(arch_hash)
    assert app is not None
    gate = GateOutcome(passed=True, checked_at=START, emulator="localstack-host 4.14.0")
    store.add_app(app.model_copy(update={"gate": gate}), replace=True)


def named(cause: Cause | None) -> Sequence[object]:
    """Return what a reader is told: the class, the service, the operation, and whether it is proved."""
    return (cause and (cause.kind, cause.service, cause.operation, bool(cause.proof))) or ()
