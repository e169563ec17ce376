"""`pytest --lsqm path/to/terraform`: a folder that is in no corpus, from its files to a verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.plugin.folders import Root
from pytest_lsqm.plugin.session import LsqmSession
from pytest_lsqm.settings import cache_folder
from tests.plugin.conftest import FAILS, QUEUE, TOPIC, environment
from tests.support.files import snapshot, write_tree

if TYPE_CHECKING:
    from pathlib import Path

TESTED = """
run "the_queue_has_its_name" {
  assert {
    condition     = aws_sqs_queue.this.name == "tested"
    error_message = "it is called otherwise"
  }
}

run "this_is_wrong" {
  command = plan

  assert {
    condition     = var.name == "other"
    error_message = "on purpose"
  }
}
"""


@dataclass
class Place:
    """A working directory with Terraform in it, and a cache that has what was fetched but no history."""

    work: Path
    cache: Path

    def write(self, **texts: str) -> None:
        write_tree(self.work, {f"{name.replace('__', '/')}/main.tf": text for name, text in texts.items()})

    def pytest(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "--lsqm", *arguments],
            cwd=cwd or self.work,
            env=environment() | {"LSQM_CACHE": str(self.cache)},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def results(self) -> dict[str, dict[str, Any]]:
        """The results of all runs on record, by name; of two of one name the later."""
        found = [json.loads(path.read_text()) for path in self.cache.glob("folders/*/runs/*/results/*.json")]
        return {entry["name"]: entry for entry in sorted(found, key=lambda entry: str(entry["started_at"]))}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    cache = tmp_path / "cache"
    cache.mkdir()
    for entry in cache_folder().iterdir() if cache_folder().is_dir() else ():
        if entry.name != "folders":
            (cache / entry.name).symlink_to(entry)
    work = tmp_path / "work"
    work.mkdir()
    return Place(work, cache)


@pytest.mark.slow
def test_a_plain_folder_is_deployed_probed_and_reported_and_nothing_is_written_into_it(
    place: Place, endpoint: str
) -> None:
    place.write(infra__queue=QUEUE % "mine", infra__topic=TOPIC % "ours")
    before = snapshot(place.work)
    done = place.pytest("infra", endpoint, "-n", "2", cwd=place.work / "infra" / "..")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 PASSED of 2" in done.stdout
    after = snapshot(place.work)
    assert {name: text for name, text in after.items() if not name.startswith(".pytest_cache")} == before
    results = place.results()
    assert {name: result["status"] for name, result in results.items()} == {"queue": "PASSED", "topic": "PASSED"}
    names = [test["name"] for test in results["queue"]["pytest_results"]["tests"]]
    assert any("gives_back_what_is_sent" in name for name in names)


@pytest.mark.slow
def test_in_the_folder_itself_pytests_cache_is_kept_elsewhere(place: Place, endpoint: str) -> None:
    place.write(infra=QUEUE % "mine")
    before = snapshot(place.work / "infra")
    done = place.pytest(".", endpoint, cwd=place.work / "infra")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ".::infra" in place.pytest(".", endpoint, "--collect-only", "-q", cwd=place.work / "infra").stdout
    assert snapshot(place.work / "infra") == before


@pytest.mark.slow
def test_the_app_beside_the_terraform_is_what_tests_it_and_a_regression_shows(place: Place, endpoint: str) -> None:
    place.write(infra=QUEUE % "mine")
    assert place.pytest("infra", endpoint).returncode == 0
    app = {"conftest.py": "", "app.py": "", "requirements.txt": "boto3\npytest\n", "test_app.py": FAILS}
    write_tree(place.work / "infra" / "lsqm", app)
    done = place.pytest("infra", endpoint)
    assert done.returncode == 1
    assert "REGRESSION infra: PASSED → FAILED" in done.stdout
    assert place.results()["infra"]["pytest_results"]["tests"][0]["name"] == "test_no"
    for name in app:
        (place.work / "infra" / "lsqm" / name).unlink()
    (place.work / "infra" / "lsqm").rmdir()
    done = place.pytest("infra", endpoint)
    assert done.returncode == 0, done.stdout
    assert "FIXED infra: FAILED → PASSED" in done.stdout


@pytest.mark.slow
def test_what_cannot_be_read_fails_alone_and_what_deploys_nothing_is_skipped(place: Place, endpoint: str) -> None:
    place.write(
        a_good=QUEUE % "mine", b_broken='resource "aws_sqs_queue" "x" {', c_nothing='output "x" { value = 1 }'
    )
    done = place.pytest(".", endpoint)
    assert done.returncode == 1
    assert "1 failed, 1 passed, 1 skipped" in done.stdout
    assert "main.tf:1: cannot be read as HCL" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_terraforms_own_tests_are_run_and_recorded_beside_the_status(place: Place, endpoint: str) -> None:
    place.write(infra=QUEUE % "tested")
    write_tree(place.work / "infra", {"tests/queue.tftest.hcl": TESTED})
    done = place.pytest("infra", endpoint)
    assert done.returncode == 0, done.stdout
    assert "terraform test: infra 1/2" in done.stdout
    found = place.results()["infra"]["terraform_tests"]
    assert (found["total"], found["passed"], found["failed"], found.get("problem")) == (2, 1, 1, None)
    assert "on purpose" in found["tests"][1]["message"]


def test_one_root_of_a_folder_is_named_like_any_test(place: Place) -> None:
    place.write(infra__a=QUEUE % "a", infra__b=QUEUE % "b")
    done = place.pytest("infra::b", "--collect-only", "-q")
    assert "infra::b" in done.stdout
    assert "infra::a" not in done.stdout
    done = place.pytest("infra::c", "--collect-only")
    assert done.returncode == 4
    assert "has no Terraform root 'c'" in done.stderr


def test_services_select_in_a_folder_as_in_a_corpus(place: Place) -> None:
    place.write(infra__a=QUEUE % "a", infra__b=TOPIC % "b")
    done = place.pytest("infra", "--collect-only", "-q", "-k", "service_sns")
    assert "infra::b" in done.stdout
    assert "infra::a" not in done.stdout


def test_two_roots_with_the_same_files_are_run_once(place: Place) -> None:
    place.write(infra__a=QUEUE % "a", infra__b=QUEUE % "a")
    done = place.pytest("infra", "--lsqm-dry-run", "--lsqm-emulator=moto", "-rs")
    assert "would run a" in done.stdout
    assert "would run b" not in done.stdout


def test_without_a_generator_a_root_without_an_app_is_skipped_with_the_option(place: Place) -> None:
    place.write(infra=QUEUE % "a")
    done = place.pytest("infra", "--lsqm-dry-run", "--lsqm-emulator=moto", "--lsqm-generate=off")
    assert "would skip infra: has no app" in done.stdout
    assert "--lsqm-generate builtin" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["infra/main.tf"], "name its folder"),
        (["infra", "tests"], "run them one after the other"),
        (["infra", "--lsqm-corpus=store"], "leave --lsqm-corpus away"),
        (["tests"], "tests holds no Terraform"),
    ],
)
def test_a_call_that_cannot_be_meant_is_one_sentence(place: Place, arguments: list[str], message: str) -> None:
    place.write(infra=QUEUE % "a")
    write_tree(place.work, {"tests/test_x.py": "def test_x(): pass\n"})
    done = place.pytest(*arguments)
    assert done.returncode == 4
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_test_is_told_from_one_of_the_same_name_in_another_folder(tmp_path: Path) -> None:
    session = object.__new__(LsqmSession)
    session.config = SimpleNamespace(rootpath=tmp_path)  # type: ignore[assignment]
    session.roots = tuple(Root(str(tmp_path / folder), "net", arch_hash=folder * 16) for folder in "ab")
    assert (session.hash_of("a::net"), session.hash_of("b::net")) == ("a" * 16, "b" * 16)
    assert session.hash_of("c::net") is None


@pytest.mark.slow
def test_with_changed_a_folder_is_run_once_and_again_only_where_it_was_edited(place: Place) -> None:
    place.write(infra__queue=QUEUE % "orders", infra__topic=TOPIC % "news")
    log = place.work / "log.jsonl"

    def run(*arguments: str) -> tuple[str, list[dict[str, Any]]]:
        done = place.pytest("infra", "--lsqm-emulator=moto", f"--log-json={log}", "--lsqm-changed", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, [json.loads(line) for line in log.read_text().splitlines()]

    told, events = run("-n", "1")
    assert "2 not reused: no earlier result (2)" in told
    assert [event["outcome"] for event in events if event["event"] == "emulator_start"] == ["ok"]
    told, events = run()
    assert "2 reused from run " in told
    assert not [event for event in events if event["event"] in {"emulator_start", "stage"}]
    place.write(infra__topic=TOPIC % "other-news")
    told, events = run("-n", "1")
    assert "1 reused from run " in told
    assert {event["name"] for event in events if event["event"] == "stage"} == {"topic"}
