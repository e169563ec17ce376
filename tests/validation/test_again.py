"""What befalls an emulator only because it is shared is not held against it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict

from pytest_lsqm.observing import Proxy
from pytest_lsqm.observing.proxy import Answer
from pytest_lsqm.validation import Tools, gate, sharing
from tests.support.architectures import NO_CLOUD, Bench, put
from tests.support.emulator import Lent, shared_localstack

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from pytest_lsqm.emulators.pool import Lease
    from pytest_lsqm.observing.operations import Request
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.slow

LISTS_TABLES = """
import boto3

def test_it():
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []
"""


BROKEN_DOWN = {"__type": "InternalFailure", "message": "an unknown error, exception or failure"}
HALF_LOADED = {
    "__type": "InternalError",
    "message": "exception while calling dynamodb.ListTables: deadlock detected by _ModuleLock('moto')",
}
"""What LocalStack 4.14.0 said of API Gateway in two of twenty starts, with eighteen services called at once."""


class Leases(Lent):
    """An instance that others use too, and on which all breaks down; a fresh one is in order where `mended`."""

    mended = True
    says: Mapping[str, str] = BROKEN_DOWN
    substitutions: tuple[str, ...] = ("DynamoDB Local 1.x from npm",)
    between = ""

    def lease(self, *, fresh: bool = False) -> Lease:
        lent = super().lease(fresh=fresh)
        facts = lent.facts.model_copy(update={"substitutions": self.substitutions})
        endpoint = lent.endpoint if fresh and self.mended else self.between
        self.leases[-1] = replace(lent, facts=facts, endpoint=endpoint, shared=not fresh)
        return self.leases[-1]


@pytest.fixture
def leases(pytestconfig: pytest.Config) -> Iterator[Leases]:
    made = Leases(shared_localstack(pytestconfig))

    async def breaks_down(request: Request, pass_on: Callable[[], Awaitable[Answer]]) -> Answer | None:
        headers = CIMultiDict({"Content-Type": "application/x-amz-json-1.0"})
        return Answer(500, headers, json.dumps(made.says).encode())

    with Proxy(made.instance.endpoint, meddle=breaks_down) as between:
        made.between = between.endpoint
        yield made


@pytest.fixture
def bench(tmp_path: Path, engine: Engine, mirror: Mirror, leases: Leases, temporary: Path) -> Bench:
    return Bench(tmp_path, engine, mirror, leases)


def test_it_is_run_again_on_a_fresh_emulator(bench: Bench, leases: Leases) -> None:
    result = bench.validate(NO_CLOUD, LISTS_TABLES)
    assert (result.status, result.set_aside) == ("PASSED", (sharing.STAND_IN_FAILED,)), result.error_message
    assert [lease.shared for lease in leases.leases] == [True, False]
    assert leases.released[-1] is False


def test_where_a_service_was_half_loaded_nobody_gets_that_emulator_any_more(bench: Bench, leases: Leases) -> None:
    leases.says, leases.substitutions = HALF_LOADED, ()
    result = bench.validate(NO_CLOUD, LISTS_TABLES)
    assert (result.status, result.set_aside) == ("PASSED", (sharing.HALF_LOADED,)), result.error_message
    assert leases.released == [True, False]


def test_what_cannot_be_imported_on_the_third_emulator_either_is_its_own_fault(
    bench: Bench, leases: Leases
) -> None:
    leases.says, leases.mended = HALF_LOADED, False
    result = bench.validate(NO_CLOUD, LISTS_TABLES)
    assert (result.status, result.set_aside) == ("FAILED", (sharing.HALF_LOADED, sharing.HALF_LOADED))
    assert leases.released == [True, True, True]


def test_what_breaks_down_on_a_fresh_one_too_has_failed(bench: Bench, leases: Leases) -> None:
    leases.mended = False
    assert bench.validate(NO_CLOUD, LISTS_TABLES).status == "FAILED"
    assert len(leases.leases) == 2


def test_an_emulators_own_part_is_believed_at_once(bench: Bench, leases: Leases) -> None:
    leases.substitutions = ()
    result = bench.validate(NO_CLOUD, LISTS_TABLES)
    assert (result.status, result.set_aside) == ("FAILED", ())
    assert len(leases.leases) == 1


def test_an_app_goes_through_the_gate_again_where_nobody_else_is(bench: Bench, leases: Leases) -> None:
    found = checked(bench)
    # It got as far as this on the fresh ones, and there is no table in any account.
    assert found.reasons == ("test_it does not fail when nothing is deployed",)
    assert [lease.shared for lease in leases.leases] == [True, False, False]
    assert leases.released[0] is False


def test_no_app_is_blamed_where_a_service_is_half_loaded_each_time(bench: Bench, leases: Leases) -> None:
    leases.says, leases.mended = HALF_LOADED, False
    found = checked(bench)
    assert found.reasons == (f"{sharing.HALF_LOADED}, each of 3 times",)
    assert found.app is None, "so no generator is paid to repair it"
    assert leases.released == [True, True, True]


def test_an_app_that_fails_on_a_fresh_emulator_too_is_refused(bench: Bench, leases: Leases) -> None:
    leases.mended = False
    reason, failure = checked(bench).reasons
    assert "did not pass on the reference deployment (time 1)" in reason
    assert "InternalFailure" in failure
    assert [lease.shared for lease in leases.leases] == [True, False]


def checked(bench: Bench) -> gate.GateResult:
    store, architecture = put(bench.root, NO_CLOUD, LISTS_TABLES)
    tools = Tools(store, bench.engine, bench.mirror, bench.leases, 90.0, 30.0, bench.announced.append)
    app = store.app(architecture.hash)
    assert app is not None
    return gate.check(architecture, tools, lambda attempt: app)
