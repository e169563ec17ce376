"""The `lsqm` command, run as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import RECORDS

if TYPE_CHECKING:
    from pathlib import Path

USAGE_ERROR = 4


def lsqm(*arguments: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from pytest_lsqm.cli import main; sys.exit(main())"]
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


APP = {
    "lsqm/conftest.py": "",
    "lsqm/app.py": "",
    "lsqm/test_app.py": "def test_yes():\n    assert True\n",
    "lsqm/requirements.txt": "boto3\npytest\n",
}
QUEUE = 'resource "aws_sqs_queue" "this" {}\n'


def test_add_brings_in_the_architecture_with_its_files_and_its_app(tmp_path: Path) -> None:
    shared = write(tmp_path / "modules", {"main.tf": 'resource "aws_sns_topic" "this" {}\n', "policy.json": "{}"})
    module = f'module "m" {{\n  source = "../{shared.name}"\n}}\n'
    write(tmp_path / "orders", {"main.tf": QUEUE + module, "functions/handler.py": "x = 1\n", **APP})
    done = lsqm("add", "orders", "--json", "--description", "orders, queued", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)
    assert (told["name"], told["services"], told["resources"]) == ("orders", ["sns", "sqs"], 2)
    store = Store.open(tmp_path / "corpus")
    architecture = store.architecture(told["hash"])
    assert architecture.description == "orders, queued"
    assert architecture.root == "orders"
    folder = store.terraform_folder(told["hash"])
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()) == [
        "metadata.json",
        "modules/main.tf",
        "modules/policy.json",
        "orders/functions/handler.py",
        "orders/main.tf",
    ]
    app = store.app(told["hash"])
    assert app is not None
    assert app.files["test_app.py"] == APP["lsqm/test_app.py"]
    assert app.model_used == "hand-written"


def test_adding_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE})
    assert "added" in lsqm("add", "orders", cwd=tmp_path).stdout
    again = lsqm("add", "orders", cwd=tmp_path)
    assert again.returncode == 0
    assert "there already" in again.stdout
    assert Store.open(tmp_path / "corpus").refresh_index().count == 1


def test_one_directory_that_cannot_be_added_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path / "bad", {"main.tf": "resource {"})
    write(tmp_path / "good", {"main.tf": QUEUE})
    done = lsqm("add", "bad", "good", cwd=tmp_path)
    assert done.returncode == 1
    assert "not added: " in done.stdout
    assert "main.tf" in done.stdout
    assert "good: added" in done.stdout
    assert "Traceback" not in done.stderr


def test_an_app_that_is_no_app_leaves_nothing_in_the_store(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE, **APP, "lsqm/test_app.py": "def ("})
    done = lsqm("add", "orders", cwd=tmp_path)
    assert done.returncode == 1
    assert "test_app.py is not valid Python" in done.stdout
    assert Store.open(tmp_path / "corpus").refresh_index().count == 0


def test_what_cannot_run_is_stored_as_skipped_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE + 'variable "vpc_id" {}\n'})
    done = lsqm("add", "orders", cwd=tmp_path)
    assert "skipped: no value for variable vpc_id" in done.stdout
    (architecture,) = Store.open(tmp_path / "corpus").architectures()
    assert architecture.skipped
    assert architecture.state() == "skipped"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add"], "DIR"),
        (["add", "nowhere"], "nowhere is no directory"),
        (["status"], "lsqm add"),
        (["schema", "house"], "there is no record 'house'; there are: architecture"),
        (["setup", "--emulator", "localstak"], "there is no emulator 'localstak'"),
        (["generate", "--check", "--with", "builtin"], "use one of them"),
        (["generate"], "lsqm add"),
        (["generate", "--check", "0123456789abcdef"], "lsqm add"),
        (["fly"], "invalid choice: 'fly'"),
        ([], "COMMAND"),
        (["add", "a", "b", "--name", "x"], "add the directories one by one"),
    ],
)
def test_a_wrong_call_is_one_sentence_without_a_traceback(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    done = lsqm(*arguments, cwd=tmp_path)
    assert done.returncode in {1, USAGE_ERROR}
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert (done.returncode == 1) == (arguments == ["add", "nowhere"])


def test_status_counts_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE, **APP})
    write(tmp_path / "news", {"main.tf": 'resource "aws_sns_topic" "this" {}\n'})
    lsqm("add", "orders", "news", cwd=tmp_path)
    told: dict[str, Any] = json.loads(lsqm("status", "--json", cwd=tmp_path).stdout)
    assert (told["architectures"], told["with_app"], told["runs"]) == (2, 1, 0)
    assert "2 architectures" in lsqm("status", cwd=tmp_path).stdout


def test_status_names_a_torn_file_and_leaves_it_alone(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE})
    lsqm("add", "orders", cwd=tmp_path)
    (architecture,) = Store.open(tmp_path / "corpus").architectures()
    torn = tmp_path / "corpus" / "architectures" / architecture.hash / "metadata.json"
    torn.write_text('{"hash": "')
    done = lsqm("status", cwd=tmp_path)
    assert done.returncode == 0
    assert f"{architecture.hash}/metadata.json" in done.stdout
    assert torn.read_text() == '{"hash": "'


def test_schema_prints_each_record_and_all_of_them(tmp_path: Path) -> None:
    everything = json.loads(lsqm("schema", cwd=tmp_path).stdout)
    assert set(everything) == set(RECORDS)
    for name in RECORDS:
        alone = json.loads(lsqm("schema", name, cwd=tmp_path).stdout)
        assert alone == everything[name]
        assert alone["properties"]


def test_clean_removes_leftovers_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE})
    lsqm("add", "orders", cwd=tmp_path)
    before = sorted((tmp_path / "corpus").rglob("*"))
    cache = write(tmp_path / "cache", {"providers/x": ""})
    done = lsqm("clean", cwd=tmp_path, LSQM_CACHE=str(cache))
    assert done.returncode == 0, done.stderr
    assert sorted((tmp_path / "corpus").rglob("*")) == before
    assert cache.exists()
    assert lsqm("clean", "--cache", cwd=tmp_path, LSQM_CACHE=str(cache)).returncode == 0
    assert not cache.exists()


def test_doctor_fetches_nothing_and_tells_a_program_too(tmp_path: Path) -> None:
    done = lsqm("doctor", "--json", cwd=tmp_path, LSQM_CACHE=str(tmp_path / "cache"))
    told = {entry["subject"]: entry for entry in json.loads(done.stdout)}
    assert {"python", "uv", "terraform", "providers", "localstack-host", "moto"} <= set(told)
    assert not (tmp_path / "cache").exists() or not any((tmp_path / "cache").rglob("*.zip"))
    missing = [entry for entry in told.values() if entry["needed"] and not entry["ok"]]
    assert done.returncode == (1 if missing else 0)


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    for command in ("setup", "doctor", "add", "generate", "compare", "merge", "status", "clean", "schema"):
        done = lsqm(command, "--help", cwd=tmp_path)
        assert done.returncode == 0
        assert f"example: lsqm {command}" in done.stdout
