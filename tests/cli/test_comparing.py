"""`lsqm matrix`, `bisect` and `repro`, run as a person runs them, on emulators that start quickly."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.terraform.engine import find_engine
from pytest_lsqm.terraform.providers import open_mirror
from tests.cli.test_commands import APP, QUEUE, lsqm, write

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow

DEDUPLICATES = {
    "lsqm/test_app.py": """
import json, os
import boto3

def test_the_same_message_is_taken_once():
    with open(os.environ["LSQM_OUTPUTS"]) as stream:
        url = json.load(stream)["url"]
    sqs = boto3.client("sqs")
    send = lambda: sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d")
    assert send()["MessageId"] == send()["MessageId"]
""",
}
FIFO = """
provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "q" {
  name       = "q.fifo"
  fifo_queue = true
}

output "url" {
  value = aws_sqs_queue.q.id
}
"""


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, Any]]:
    """A queue that works on both emulators, and one in which only MiniStack does what SQS does."""
    folder = tmp_path_factory.mktemp("compared")
    write(folder / "plain", {"main.tf": QUEUE, **APP})
    write(folder / "fifo", {"main.tf": FIFO, **APP, **DEDUPLICATES})
    added = lsqm("add", "plain", "fifo", cwd=folder)
    assert added.returncode == 0, added.stdout
    done = lsqm("matrix", "--emulators", "moto,ministack", "--json", "--output", "docs", cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return folder, found


def cells(matrix: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {matrix["names"][key]: row for key, row in matrix["cells"].items()}


def test_each_architecture_has_its_verdict_on_each_emulator(compared: tuple[Path, Mapping[str, Any]]) -> None:
    found = cells(compared[1])
    assert {label: cell["status"] for label, cell in found["plain"].items()} == {
        "moto": "PASSED",
        "ministack": "PASSED",
    }
    assert {label: cell["status"] for label, cell in found["fifo"].items()} == {
        "moto": "FAILED",
        "ministack": "PASSED",
    }


def test_what_fails_on_one_alone_was_tried_again_on_a_fresh_one(compared: tuple[Path, Mapping[str, Any]]) -> None:
    found = cells(compared[1])["fifo"]["moto"]
    assert found["attempts"] == 2
    assert found["cause"]["operation"] == "sqs.SendMessage"


def test_the_comparison_is_kept_and_can_be_shown_again(compared: tuple[Path, Mapping[str, Any]]) -> None:
    folder, found = compared
    done = lsqm("matrix", "--show", found["matrix_id"], "--json", cwd=folder)
    assert json.loads(done.stdout) == found
    page = (folder / "docs" / "compatibility.md").read_text()
    assert "| fifo | FAIL | pass |" in page
    assert json.loads((folder / "docs" / "compatibility.json").read_text()) == found


def test_one_that_was_stopped_goes_on_with_what_is_missing(
    compared: tuple[Path, Mapping[str, Any]], tmp_path: Path
) -> None:
    folder, found = compared
    shutil.copytree(folder / "corpus", tmp_path / "corpus")
    missing = next(key for key, name in found["names"].items() if name == "plain")
    (tmp_path / "corpus" / "matrices" / found["matrix_id"] / "results" / "moto" / f"{missing}.json").unlink()
    done = lsqm("matrix", "--continue", found["matrix_id"], "--json", cwd=tmp_path)
    again = json.loads(done.stdout)
    ran = [line.split()[1:] for line in done.stderr.splitlines() if " pass " in line or " FAIL " in line]
    assert ran == [["moto", "pass", "plain"]]
    assert (again["matrix_id"], again["started_at"]) == (found["matrix_id"], found["started_at"])
    assert cells(again)["fifo"] == cells(found)["fifo"]


def test_no_run_is_recorded_that_a_later_run_would_be_compared_with(
    compared: tuple[Path, Mapping[str, Any]],
) -> None:
    assert Store.open(compared[0] / "corpus").runs() == []


def test_an_emulator_that_cannot_be_had_is_a_column_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path / "plain", {"main.tf": QUEUE, **APP})
    lsqm("add", "plain", cwd=tmp_path)
    done = lsqm("matrix", "--emulators", "http://127.0.0.1:9,moto", cwd=tmp_path)
    assert done.returncode == 1
    assert "http://127.0.0.1:9: " in done.stdout
    assert "moto: 1 of 1 passed" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("matrix",), "--emulators wants at least one"),
        (("matrix", "--emulators", "moto", "-k", "nothing-like-it"), "'nothing-like-it'"),
        (("matrix", "--emulators", "moto", "-n", "0"), "-n wants"),
        (("matrix", "--show", "0" * 8), "matrix.json"),
        (("bisect", "f" * 16, "--good", "4.4.0", "--bad", "4.14.0"), "no architecture"),
        (("repro", "0" * 8, "f" * 16), "there is no run"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    compared: tuple[Path, Mapping[str, Any]], words: tuple[str, ...], says: str
) -> None:
    done = lsqm(*words, cwd=compared[0])
    assert done.returncode in {1, 4}
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_shows_the_failure_with_nothing_of_ours_installed(
    compared: tuple[Path, Mapping[str, Any]], tmp_path: Path
) -> None:
    folder, found = compared
    arch_hash = next(key for key, name in found["names"].items() if name == "fifo")
    shown = folder / f"repro-{arch_hash}"
    done = lsqm("repro", f"{found['matrix_id']}:moto", arch_hash, cwd=folder)
    assert done.returncode == 0, done.stderr
    again = lsqm("repro", f"{found['matrix_id']}:moto", arch_hash, cwd=folder)
    assert (again.returncode, "is there already" in again.stderr) == (4, True)
    ran = subprocess.run(
        [shown / "run.sh"], env=bare(tmp_path), capture_output=True, text=True, timeout=600, check=False
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "FAILED app/test_app.py::test_the_same_message_is_taken_once" in ran.stdout
    assert re.search(r"assert '[0-9a-f.-]+' == '[0-9a-f.-]+'", ran.stdout), "it asks in the region it is in"
    assert "Destroy complete" in ran.stdout
    assert not list(shown.rglob("pytest_lsqm"))


def bare(scratch: Path) -> dict[str, str]:
    """An environment without this project: a home of its own, Terraform, Python, and the ways to the packages."""
    config = scratch / "cli.tfrc"
    engine = find_engine(lambda _: None)
    open_mirror("mirror", engine, lambda _: None).write_cli_config(config)
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("the script wants `terraform` on PATH")
    tools = scratch / "bin"
    tools.mkdir()
    (tools / "terraform").symlink_to(terraform)
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for name in (minor, "python3"):
        (tools / name).symlink_to(Path(sys.base_prefix, "bin", minor))
    kept = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    return {
        **kept,
        "HOME": os.environ["HOME"],
        "PATH": f"{tools}:/usr/bin:/bin",
        "TF_CLI_CONFIG_FILE": str(config),
    }
