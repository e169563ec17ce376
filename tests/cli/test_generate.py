"""`lsqm generate`, run as a person runs it, on moto: apps are made, kept, and refused with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from tests.cli.test_commands import APP, QUEUE, lsqm, write

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import TestApp

pytestmark = pytest.mark.slow

ON_MOTO = ("--emulator", "moto", "--sample", "0")


def apps(folder: Path) -> dict[str, TestApp]:
    store = Store.open(folder / "corpus")
    found = {each.name or "": store.app(each.hash) for each in store.architectures() if store.has_app(each.hash)}
    return {name: app for name, app in found.items() if app is not None}


def test_apps_that_are_missing_are_made_gated_and_stored_and_those_that_are_there_stay(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE})
    write(tmp_path / "by-hand", {"main.tf": QUEUE + "# another\n", **APP})
    lsqm("add", "orders", "by-hand", cwd=tmp_path)
    done = lsqm("generate", "--with", "builtin", *ON_MOTO, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "orders: passes" in done.stdout
    assert "1 apps made, 0 refused, 0 not tried" in done.stdout
    made = apps(tmp_path)
    assert made["orders"].model_used == "builtin"
    assert made["orders"].gate is not None
    assert made["orders"].gate.passed
    assert made["orders"].gate.emulator.startswith("moto ")
    assert made["by-hand"].model_used == "hand-written"
    done = lsqm("generate", "--with", "builtin", "--again", "--json", *ON_MOTO, cwd=tmp_path)
    told: list[dict[str, Any]] = json.loads(done.stdout)
    assert [entry["name"] for entry in told] == ["orders"]
    assert apps(tmp_path)["by-hand"] == made["by-hand"]


def test_what_cannot_be_deployed_gets_no_app_and_the_reason_is_told(tmp_path: Path) -> None:
    write(tmp_path / "odd", {"main.tf": 'resource "aws_sqs_queue" "this" {\n  name = "no spaces here"\n}\n'})
    lsqm("add", "odd", cwd=tmp_path)
    done = lsqm("generate", "--with", "builtin", *ON_MOTO, cwd=tmp_path)
    assert done.returncode == 1
    assert "odd: REFUSED: the reference deployment failed in apply" in done.stdout
    assert apps(tmp_path) == {}


def test_without_a_key_claude_is_a_sentence_and_builtin_is_what_is_taken_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "orders", {"main.tf": QUEUE})
    lsqm("add", "orders", cwd=tmp_path)
    done = lsqm("generate", "--with", "claude", *ON_MOTO, cwd=tmp_path, ANTHROPIC_API_KEY="")
    assert done.returncode == 4
    assert "ANTHROPIC_API_KEY" in done.stderr
    done = lsqm("generate", *ON_MOTO, cwd=tmp_path, ANTHROPIC_API_KEY="")
    assert done.returncode == 0, done.stderr
    assert apps(tmp_path)["orders"].model_used == "builtin"


def test_a_hollow_app_is_refused_with_a_line_of_reason_and_the_reason_is_kept(tmp_path: Path) -> None:
    hollow = {"lsqm/test_app.py": "def test_nothing():\n    print('fine')\n"}
    write(tmp_path / "orders", {"main.tf": QUEUE, **APP, **hollow})
    lsqm("add", "orders", cwd=tmp_path)
    (added,) = Store.open(tmp_path / "corpus").architectures()
    (tmp_path / "corpus" / "architectures" / "index.json").unlink()  # as in a fresh clone
    done = lsqm("generate", "--check", added.hash, "--emulator", "moto", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "REFUSED: test_app.py:1: test_nothing asserts nothing" in done.stdout
    store = Store.open(tmp_path / "corpus")
    (architecture,) = store.architectures()
    app = store.app(architecture.hash)
    assert app is not None
    assert app.gate is not None
    assert not app.gate.passed
    assert app.gate.reasons == ("test_app.py:1: test_nothing asserts nothing",)
    assert app.files["test_app.py"] == hollow["lsqm/test_app.py"]
