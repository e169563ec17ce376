"""What one architecture leaves behind on a shared emulator is no part of another one's verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.orders import FRESH, differences, in_all_orders
from pytest_lsqm.corpus import Store
from pytest_lsqm.models import Architecture, TestApp
from pytest_lsqm.validation import sharing
from pytest_lsqm.validation.bench import Bench
from tests.support.apps import app_texts
from tests.support.architectures import NO_CLOUD, QUEUE, READS_QUEUE
from tests.support.emulator import client
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.slow

BUCKET = "museum-of-shared-names"
RUN = "6d1f3b0e-8a44-4a53-9f0e-0c5c6f0b7a11"

LEAVES_A_BUCKET = f"""
import boto3

def test_it_can_make_one():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="{BUCKET}")
    s3.put_object(Bucket="{BUCKET}", Key="a", Body=b"1")
"""

WANTS_THAT_NAME = f"""
import boto3

def test_the_name_is_free():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="{BUCKET}")
    s3.delete_bucket(Bucket="{BUCKET}")
"""

LEAVES_WHAT_STAYS = """
import boto3

def test_it_can_record():
    recorder = {"name": "default", "roleARN": "arn:aws:iam::123456789012:role/any"}
    boto3.client("config").put_configuration_recorder(ConfigurationRecorder=recorder)
"""

LEAVER, FINDER, OTHER, STAYER = (f"{number:016x}" for number in (1, 2, 3, 4))

ARCHITECTURES = {
    LEAVER: (NO_CLOUD, LEAVES_A_BUCKET),
    FINDER: (NO_CLOUD, WANTS_THAT_NAME),
    OTHER: (QUEUE, READS_QUEUE),
    STAYER: (NO_CLOUD, LEAVES_WHAT_STAYS),
}


@pytest.fixture
def bench(tmp_path: Path, engine: Engine, mirror: Mirror, temporary: Path) -> Bench:
    store = Store.create(tmp_path / "store")
    then = datetime(2026, 1, 10, tzinfo=UTC)
    for arch_hash, (terraform, test_app) in ARCHITECTURES.items():
        folder = write_tree(tmp_path / arch_hash, {"main.tf": terraform})
        architecture = Architecture(
            hash=arch_hash,
            source_url="https://example.com/tiny",
            source_type="github",
            discovered_at=then,
            services=("s3",),
            resource_count=1,
        )
        store.add_architecture(architecture, {"main.tf": folder / "main.tf"})
        app = TestApp(
            arch_hash=arch_hash,
            generated_at=then,
            generator_version="1",
            model_used="by hand",
            input_tokens=0,
            output_tokens=0,
            files=app_texts(test_app),
        )
        store.add_app(app)
    return Bench(store, engine, mirror, lambda _: None)


def test_three_orders_and_fresh_emulators_give_the_same_verdicts(bench: Bench) -> None:
    runs = in_all_orders(bench, "ministack", (LEAVER, FINDER, OTHER), seeds=(4, 5, 6))
    orders = [list(results) for order, results in runs.items() if order != FRESH]
    assert {order.index(LEAVER) < order.index(FINDER) for order in orders} == {True, False}
    assert list(differences(runs)) == []
    assert {result.status for results in runs.values() for result in results.values()} == {"PASSED"}
    for order, results in runs.items():
        cleaning = results[LEAVER].cleaning
        if order == FRESH:
            assert cleaning is None
        else:
            assert cleaning is not None
            (left,) = cleaning.leftovers
            assert (left.kind, left.id, left.removed) == ("bucket", BUCKET, True)


def test_an_emulator_that_keeps_something_serves_nobody_else(bench: Bench) -> None:
    with bench.on("ministack", size=1) as place:
        before = place.pool.lease()
        place.pool.release(before, dirty=False)
        result = place.validate(STAYER, RUN)
        after = place.pool.lease()
        place.pool.release(after, dirty=False)
    assert result.status == "PASSED"
    assert result.cleaning is not None
    assert [left.kind for left in result.cleaning.remains] == ["recorder"]
    assert result.cleaning.remains[0].answer is not None
    assert before.slot != after.slot


def test_a_name_that_another_architecture_has_at_the_same_time_is_held_against_nobody(bench: Bench) -> None:
    with bench.on("ministack", size=2) as place:
        other = place.pool.lease()
        client("s3", other.endpoint, other.account).create_bucket(Bucket=BUCKET)
        result = place.validate(FINDER, RUN)
        kept = client("s3", other.endpoint, other.account).list_buckets()["Buckets"]
        place.pool.release(other, dirty=False)
    assert (result.status, result.error_message, result.set_aside) == ("PASSED", None, (sharing.NAME_TAKEN,))
    assert [bucket["Name"] for bucket in kept] == [BUCKET]


def test_on_an_emulator_of_somebody_elses_it_is_an_error_that_says_so(bench: Bench) -> None:
    with bench.on("ministack", size=1) as ours:
        running = ours.pool.lease()
        with bench.on(running.endpoint, size=2) as place:
            other = place.pool.lease()
            client("s3", other.endpoint, other.account).create_bucket(Bucket=BUCKET)
            result = place.validate(FINDER, RUN)
            place.pool.release(other, dirty=False)
        ours.pool.release(running, dirty=False)
    assert result.status == "ERROR"
    assert "another account of this emulator has a bucket" in str(result.error_message)
