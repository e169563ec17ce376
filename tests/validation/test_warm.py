"""A validation with provider processes kept warm: what they can serve, and what their end does to a verdict."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import pytest

from pytest_lsqm.emulators.pool import Lease
from pytest_lsqm.models import EmulatorFacts
from pytest_lsqm.terraform.warm import Warm
from pytest_lsqm.validation import Tools, course, validate
from pytest_lsqm.validation.attempt import Attempt
from pytest_lsqm.validation.stages import prepare
from tests.support import architectures, processes
from tests.support.architectures import QUEUE, put
from tests.support.emulator import Lent, shared_localstack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.emulators.pool import Leases
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

ONE = 'provider "aws" { region = "eu-west-1" }\n'
ALIAS = 'provider "aws" {\n  alias  = "other"\n  region = "us-west-2"\n}\n'
UPLOAD = 'resource "aws_s3_bucket_object" "o" {\n  bucket = "b"\n  key = "k"\n  source = %s\n}\n'
TEST = 'run "it" {\n  command = plan\n}\n'


@pytest.fixture
def warm() -> Iterator[Warm]:
    keeper = Warm()
    yield keeper
    keeper.close()


@pytest.mark.parametrize(
    ("files", "kept", "among_files"),
    [
        ({"main.tf": QUEUE}, True, False),
        ({"main.tf": ONE + QUEUE}, True, False),
        ({"main.tf": ONE + ALIAS + QUEUE}, False, False),
        ({"main.tf": ALIAS + QUEUE}, False, False),
        ({"main.tf": 'module "m" { source = "./m" }\n', "m/main.tf": ONE + QUEUE}, False, False),
        ({"main.tf": QUEUE, "it.tftest.hcl": TEST}, False, True),
        ({"main.tf": QUEUE, "page.html": "<p>"}, True, True),
        ({"main.tf": QUEUE + UPLOAD % '"${path.module}/main.tf"'}, True, True),
        ({"main.tf": QUEUE + UPLOAD % 'tolist(fileset(path.module, "*"))[0]'}, True, True),
    ],
    ids=[
        "none written",
        "one",
        "one and an alias",
        "an alias",
        "one of a module's own",
        "tests of its own",
        "a file to upload",
        "it uploads itself",
        "it lists its files",
    ],
)
def test_a_process_is_lent_where_one_configuration_is_all_there_is_and_where_files_are_read_among_them(
    temporary: Path,
    engine: Engine,
    mirror: Mirror,
    warm: Warm,
    files: dict[str, str],
    *,
    kept: bool,
    among_files: bool,
) -> None:
    store, architecture = put(temporary / "corpus", files)
    tools = Tools(store, engine, mirror, cast("Leases", None), 60, 30, announce=lambda _: None, warm=warm)
    lease = Lease("http://127.0.0.1:9", "000000000001", EmulatorFacts(name="none", version="0"), 0, 0, 0)
    attempt = Attempt(tools, architecture, lease, temporary / "scratch", time.monotonic() + 60)
    (temporary / "scratch").mkdir()
    prepare(attempt)
    assert ((attempt.deployed().warm is warm), attempt.deployed().reads_files) == (kept, among_files)


def test_a_lock_file_of_the_architectures_own_decides_which_provider_init_takes(
    temporary: Path, engine: Engine, mirror: Mirror, warm: Warm
) -> None:
    found = []
    for name, files in (("a", {"main.tf": QUEUE}), ("b", {"main.tf": QUEUE, ".terraform.lock.hcl": ""})):
        store, architecture = put(temporary / name, files)
        tools = Tools(store, engine, mirror, cast("Leases", None), 60, 30, announce=lambda _: None, warm=warm)
        lease = Lease("http://127.0.0.1:9", "000000000001", EmulatorFacts(name="none", version="0"), 0, 0, 0)
        attempt = Attempt(tools, architecture, lease, temporary / f"scratch-{name}", time.monotonic() + 60)
        (temporary / f"scratch-{name}").mkdir()
        prepare(attempt)
        found.append(attempt.deployed().constraints is None)
    assert found == [False, True]


@pytest.mark.slow
def test_a_provider_process_that_is_killed_does_not_change_the_verdict(
    temporary: Path,
    engine: Engine,
    mirror: Mirror,
    warm: Warm,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, architecture = put(temporary / "corpus", {"main.tf": QUEUE}, architectures.READS_QUEUE)
    leases = Lent(shared_localstack(pytestconfig))
    lent: list[Any] = []
    started = warm.lend

    def lend(*arguments: Any, **named: Any) -> Any:
        lent.append(started(*arguments, **named))
        return lent[-1]

    monkeypatch.setattr(warm, "lend", lend)

    def announce(stage: str) -> None:
        if stage == "apply" and len(leases.leases) == 1:
            told = json.loads(lent[0].environment()["TF_REATTACH_PROVIDERS"])
            (pid,) = (each["Pid"] for each in told.values())
            os.kill(pid, signal.SIGKILL)
            assert processes.gone(pid)

    tools = Tools(store, engine, mirror, leases, 120, 30, announce=announce, warm=warm)
    result = validate(architecture, str(uuid4()), tools)
    assert (result.status, result.error_message) == ("PASSED", None)
    assert result.set_aside == (course.PROVIDER_ENDED,)
    assert leases.released == [True, False], "the first emulator may hold remains"


@pytest.mark.slow
@pytest.mark.parametrize("confined", [False, True], ids=["free", "confined"])
def test_a_provider_among_an_architectures_files_outlives_the_end_of_its_app(
    temporary: Path, engine: Engine, mirror: Mirror, warm: Warm, pytestconfig: pytest.Config, *, confined: bool
) -> None:
    store, architecture = put(
        temporary / "corpus", {"main.tf": QUEUE, "page.html": "<p>"}, architectures.READS_QUEUE
    )
    leases = Lent(shared_localstack(pytestconfig))
    tools = Tools(store, engine, mirror, leases, 120, 30, announce=lambda _: None, warm=warm, confined=confined)
    result = validate(architecture, str(uuid4()), tools)
    assert (result.status, result.error_message, result.set_aside) == ("PASSED", None, ())
