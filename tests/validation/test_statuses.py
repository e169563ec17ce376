"""How validations end that do not pass, on a real LocalStack with real Terraform."""

from __future__ import annotations

import json
import os
import secrets
import signal
import tempfile
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.models import ValidationResult
from pytest_lsqm.validation import scratch
from tests.support import architectures, processes
from tests.support.architectures import Bench, stages

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.corpus import Store
    from tests.support.emulator import Lent

pytestmark = pytest.mark.slow

REFUSED = architectures.QUEUE + (
    """
resource "aws_sqs_queue" "refused" {
  name          = aws_sqs_queue.orders.name
  delay_seconds = 9
}
"""
)
"""Two queues of one name that differ: the emulator refuses the second, as AWS does; the provider cannot know."""


def endless(word: str) -> str:
    """Return a resource whose creation runs `sleep WORD`, for ever as tests go."""
    return f"""
resource "terraform_data" "endless" {{
  provisioner "local-exec" {{
    command = "sleep {word}"
  }}
}}
"""


def unique_seconds() -> str:
    """Return a number of seconds that no other process sleeps for."""
    return str(10_000_000 + secrets.randbelow(10_000_000))


def round_trips(result: ValidationResult) -> bool:
    return ValidationResult.model_validate_json(result.model_dump_json()) == result


def test_one_failing_test_makes_it_partial_and_its_queue_is_destroyed(bench: Bench, leases: Lent) -> None:
    result = bench.validate(architectures.QUEUE, architectures.READS_QUEUE + "def test_bad(): assert 0\n")
    assert result.status == "PARTIAL"
    assert result.pytest_results is not None
    assert (result.pytest_results.passed, result.pytest_results.failed) == (2, 1)
    assert result.error_message == "1 of 3 tests failed"
    assert stages(result)["test"] == "failed"
    assert result.terraform_destroy is not None
    assert result.terraform_destroy.success
    assert leases.queues() == []
    # What the emulator logged helps whoever reads of a failure.
    assert "sqs.CreateQueue => 200" in str(result.container_logs)
    assert round_trips(result)


def test_an_architecture_whose_tests_all_fail_is_failed(bench: Bench) -> None:
    result = bench.validate(architectures.NO_CLOUD, "def test_a(): assert 0\ndef test_b(): assert 0\n")
    assert (result.status, result.error_message) == ("FAILED", "2 of 2 tests failed")
    assert result.pytest_results is not None
    assert result.pytest_results.failed == 2
    assert round_trips(result)


def test_an_apply_that_the_emulator_refuses_is_failed_with_zeros_that_say_why(bench: Bench, leases: Lent) -> None:
    result = bench.validate(REFUSED, "def test_never_run(): pass\n")
    assert result.status == "FAILED"
    tests = result.pytest_results
    assert tests is not None
    assert (tests.total, tests.passed, tests.failed, tests.skipped) == (0, 0, 0, 0)
    assert "terraform apply failed: aws_sqs_queue.refused: " in tests.output
    assert "QueueAlreadyExists" in tests.output
    assert "no test was run" in tests.output
    applied = result.terraform_apply
    assert applied is not None
    assert (applied.success, applied.resources_created) == (False, 1)
    assert [entry["address"] for entry in applied.diagnostics] == ["aws_sqs_queue.refused"]
    assert list(stages(result)) == ["prepare", "init", "apply", "destroy"]
    assert leases.queues() == []
    assert leases.released == [False]
    assert round_trips(result)


def test_an_init_that_fails_is_an_error_and_no_verdict_on_the_emulator(bench: Bench) -> None:
    result = bench.validate('resource "random_id" "a" {\n  byte_length = 4\n}\n')
    assert result.status == "ERROR"
    assert "terraform init failed" in str(result.error_message)
    assert "hashicorp/random" in str(result.error_message)
    assert result.pytest_results is None
    assert stages(result) == {"prepare": "ok", "init": "error"}
    assert round_trips(result)


@pytest.mark.parametrize(
    "text",
    ['resource "aws_sqs_queue" "a" {\n', 'module "m" {\n  source = "./absent"\n}\n', "nonsense { { {\n"],
    ids=["unclosed", "absent module", "nonsense"],
)
def test_a_configuration_that_cannot_be_read_is_an_error(bench: Bench, text: str) -> None:
    result = bench.validate(text)
    assert result.status == "ERROR"
    assert result.error_message
    assert "apply" not in stages(result)
    assert round_trips(result)


def test_an_architecture_that_vanished_from_the_store_is_an_error(bench: Bench) -> None:
    def remove(store: Store) -> None:
        (store.root / "architectures" / architectures.HASH / "main.tf").unlink()

    result = bench.validate(architectures.NO_CLOUD, change_store=remove)
    assert (result.status, stages(result)) == ("ERROR", {"prepare": "error"})


@pytest.mark.parametrize("name", ["test_app.py", "requirements.txt"])
def test_a_broken_app_in_the_store_is_an_error_that_names_the_file(bench: Bench, name: str) -> None:
    def remove(store: Store) -> None:
        (store.root / "apps" / architectures.HASH / name).unlink()

    result = bench.validate(architectures.NO_CLOUD, change_store=remove)
    assert result.status == "ERROR"
    assert name in str(result.error_message)
    assert stages(result)["test"] == "error"


def test_an_app_that_cannot_be_collected_is_an_error_with_its_reason(bench: Bench) -> None:
    result = bench.validate(architectures.NO_CLOUD, "import a_module_that_is_not_there\n")
    assert result.status == "ERROR"
    assert "a_module_that_is_not_there" in str(result.error_message)
    assert round_trips(result)


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_an_app_that_kills_its_own_process_is_never_passed(bench: Bench, end: str) -> None:
    result = bench.validate(
        architectures.NO_CLOUD, f"import os, signal\ndef test_a(): pass\ndef test_b(): {end}\n"
    )
    assert result.status == "PARTIAL"
    assert "before its session was over" in str(result.error_message)


def test_an_apply_that_hangs_is_a_timeout_and_its_program_does_not_outlive_it(
    bench: Bench, leases: Lent, temporary: Path
) -> None:
    seconds = unique_seconds()
    seen: list[int] = []

    def look() -> None:
        while not seen and "destroy" not in bench.announced:
            seen.extend(processes.with_argument(seconds))
            time.sleep(0.05)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    result = bench.validate(endless(seconds), timeout=5)
    watcher.join(timeout=10)
    assert seen, "the program never ran, so nothing was shown"
    assert (result.status, result.timed_out_in) == ("TIMEOUT", "apply")
    assert list(stages(result).items())[-2:] == [("apply", "timeout"), ("destroy", "ok")]
    assert processes.gone(*seen)
    assert processes.with_argument(seconds) == []
    assert leases.instance.is_healthy()
    assert list(temporary.iterdir()) == []
    assert round_trips(result)


def test_a_test_that_hangs_fails_and_the_others_count(bench: Bench) -> None:
    test_app = "import time\ndef test_a(): time.sleep(600)\ndef test_b(): pass\n"
    result = bench.validate(architectures.NO_CLOUD, test_app, test_timeout=1)
    assert (result.status, result.timed_out_in) == ("PARTIAL", None)


def test_a_session_that_does_not_end_in_time_is_a_timeout_in_its_tests(bench: Bench) -> None:
    test_app = """
        import signal, time

        def test_a():
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            time.sleep(600)
        """
    result = bench.validate(architectures.NO_CLOUD, test_app, timeout=5)
    assert (result.status, result.timed_out_in) == ("TIMEOUT", "test")
    assert list(stages(result).items())[-2:] == [("test", "timeout"), ("destroy", "ok")]
    assert round_trips(result)


def test_an_interrupt_during_apply_leaves_no_process_and_no_folder(
    bench: Bench, leases: Lent, temporary: Path
) -> None:
    seconds = unique_seconds()
    seen: list[int] = []

    def interrupt() -> None:
        while not seen:
            seen.extend(processes.with_argument(seconds))
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        bench.validate(endless(seconds), timeout=60)
    assert processes.gone(*seen)
    assert processes.with_argument(seconds) == []
    assert list(temporary.iterdir()) == []
    # Nothing was destroyed, so the emulator may hold remains.
    assert leases.released == [True]


def test_a_configuration_in_a_subfolder_is_deployed_with_the_files_beside_it(bench: Bench) -> None:
    files = {
        "live/main.tf": 'module "m" {\n  source = "../shared"\n}\noutput "text" {\n  value = module.m.text\n}\n',
        "shared/main.tf": 'output "text" {\n  value = file("${path.module}/text.txt")\n}\n',
        "shared/text.txt": "from the other folder",
    }
    test_app = """
        import json, os

        def test_it():
            with open(os.environ["LSQM_OUTPUTS"]) as file:
                assert json.load(file) == {"text": "from the other folder"}
        """
    result = bench.validate(files, test_app, folder="live")
    assert (result.status, result.error_message) == ("PASSED", None)
    assert json.loads(result.model_dump_json())["terraform_apply"]["outputs"] == {"text": "from the other folder"}


def test_a_long_path_for_temporary_files_leaves_the_plugins_of_terraform_room_for_their_sockets(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert bench.validate(architectures.QUEUE, architectures.READS_QUEUE).status == "PASSED"


def test_a_provider_that_does_not_start_is_an_error_and_no_verdict_on_the_emulator(
    bench: Bench, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = temporary / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    # Without the remedy there is no room for a plugin's socket, so that no provider can start.
    monkeypatch.setattr(scratch, "LONGEST_TEMPORARY", 1000)
    # Nor for the emulator's own, were there a jail.
    result = replace(bench, confined=False).validate(architectures.QUEUE)
    assert result.status == "ERROR"
    assert "Failed to load plugin schemas" in str(result.error_message)
    assert result.pytest_results is None
