"""One architecture that passes, on a real LocalStack: what its result records, and what is left of it."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.models import Modification, ValidationResult
from tests.support import architectures
from tests.support.architectures import Bench, stages
from tests.support.emulator import Lent, shared_localstack
from tests.support.files import short_folder, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.slow


class Done:
    """A validation that is over, and where it took place."""

    def __init__(self, root: Path, bench: Bench, leases: Lent, temporary: Path) -> None:
        self.root = root
        self.bench = bench
        self.leases = leases
        self.temporary = temporary
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(self.temporary))
            self.result = bench.validate(
                {"main.tf": architectures.QUEUE, "a/remark.txt": "a file that is none of Terraform's"},
                architectures.READS_QUEUE,
                change_store=lambda store: setattr(self, "before", snapshot(store.root)),
            )

    before: dict[str, bytes]


@pytest.fixture(scope="module")
def done(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config, engine: Engine, mirror: Mirror
) -> Iterator[Done]:
    root = tmp_path_factory.mktemp("passed")
    leases = Lent(shared_localstack(pytestconfig))
    with short_folder() as temporary:
        yield Done(root, Bench(root, engine, mirror, leases), leases, temporary)


def test_an_architecture_whose_tests_pass_is_passed(done: Done) -> None:
    assert (done.result.status, done.result.error_message) == ("PASSED", None)
    assert done.result.pytest_results is not None
    assert (done.result.pytest_results.total, done.result.pytest_results.passed) == (2, 2)


def test_the_result_round_trips_through_json(done: Done) -> None:
    assert ValidationResult.model_validate_json(done.result.model_dump_json()) == done.result


def test_the_result_says_what_was_applied_and_what_came_out(done: Done) -> None:
    applied = done.result.terraform_apply
    assert applied is not None
    assert (applied.success, applied.resources_created, applied.diagnostics) == (True, 1, ())
    assert applied.outputs["queue_url"].endswith("/orders")
    assert "aws_sqs_queue.orders: Creation complete" in applied.logs


def test_the_result_names_every_stage_in_order_with_its_time(done: Done) -> None:
    names = ["prepare", "init", "apply", "inspect", "drift", "test", "destroy"]
    assert stages(done.result) == dict.fromkeys(names, "ok")
    assert [stage.name for stage in done.result.stages] == names
    assert done.bench.announced == ["emulator", *names]
    assert sum(stage.seconds for stage in done.result.stages) <= done.result.duration_seconds + 0.01


def test_the_result_says_which_versions_took_part(done: Done) -> None:
    versions = done.result.versions
    assert versions["hashicorp/aws"] == "3.39.0"
    assert versions[done.bench.engine.name] == done.bench.engine.version
    assert {"python", "pytest", "boto3", "botocore", "pytest-lsqm"} <= set(versions)
    assert done.result.emulator == done.leases.instance.facts


def test_the_result_says_what_was_added_to_the_configuration(done: Done) -> None:
    [modification] = done.result.modifications
    assert isinstance(modification, Modification)
    assert modification.subject == "provider aws"
    assert {"access_key", "secret_key", "endpoints"} <= set(modification.arguments)


def test_everything_is_destroyed_and_the_account_is_empty_afterwards(done: Done) -> None:
    destroyed = done.result.terraform_destroy
    assert destroyed is not None
    assert (destroyed.success, destroyed.resources_destroyed, destroyed.leftovers) == (True, 1, ())
    assert done.leases.queues() == []


def test_the_lease_is_given_back_clean(done: Done) -> None:
    assert done.leases.released == [False]


def test_no_temporary_folder_is_left(done: Done) -> None:
    assert list(done.temporary.iterdir()) == []


def test_the_store_is_as_it_was(done: Done) -> None:
    assert snapshot(done.root / "store") == done.before
