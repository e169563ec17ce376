"""Whatever runs a program or acts outside the emulator is named; what is harmless is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import analyse

if TYPE_CHECKING:
    from .conftest import Write


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}',
            "null_resource.x: provisioner local-exec",
        ),
        (
            'resource "terraform_data" "x" {\n  provisioner "remote-exec" {}\n}',
            "terraform_data.x: provisioner remote-exec",
        ),
        ("resource aws_instance x {\n  provisioner file {}\n}", "aws_instance.x: provisioner file"),
        ('removed {\n  from = a.b\n  provisioner "local-exec" {}\n}', "removed: provisioner local-exec"),
        ('data "external" "x" {}', "data.external.x: runs a program"),
        ('check "c" {\n  data "external" "x" {}\n}', "data.external.x: runs a program"),
        ('data "http" "x" {}', "data.http.x: sends a request to a host of its own choosing"),
        ('action "local_command" "x" {}', "action.local_command.x: runs a program"),
        ('resource "shell_script" "x" {}', "provider hashicorp/shell: acts outside the emulator"),
        ('provider "kubernetes" {}', "provider hashicorp/kubernetes: acts outside the emulator"),
        (
            'terraform {\n  required_providers {\n    aws = { source = "evil/aws" }\n  }\n}',
            "provider evil/aws: acts outside the emulator",
        ),
        (
            'resource "local_file" "x" {\n  filename = "/etc/cron.d/x"\n}',
            "local_file.x: writes outside the configuration's folder",
        ),
        (
            'resource "local_file" "x" {\n  filename = "${path.module}/../../x-${var.a}"\n}',
            "local_file.x: writes outside the configuration's folder",
        ),
        (
            'data "archive_file" "x" {\n  output_path = "~/x.zip"\n}',
            "data.archive_file.x: writes outside the configuration's folder",
        ),
    ],
)
def test_it_is_named_with_its_address(write: Write, text: str, sentence: str) -> None:
    assert sentence in analyse(write({"main.tf": text})).executes


def test_a_module_is_searched_as_well_and_named(write: Write) -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": 'data "external" "x" {}\n'}
    assert analyse(write(files)).executes == ("data.external.x in m: runs a program",)


def test_the_json_syntax_hides_nothing(write: Write) -> None:
    text = '{"resource": {"null_resource": {"x": [{"provisioner": {"local-exec": {"command": "id"}}}]}}}'
    assert analyse(write({"main.tf.json": text})).executes == ("null_resource.x: provisioner local-exec",)


def test_an_override_file_hides_nothing(write: Write) -> None:
    files = {
        "main.tf": 'resource "null_resource" "x" {}\n',
        "override.tf": 'resource "null_resource" "x" {\n  provisioner "local-exec" {}\n}\n',
    }
    assert analyse(write(files)).executes == ("null_resource.x: provisioner local-exec",)


def test_harmless_providers_files_and_words_are_not_named(write: Write) -> None:
    text = """
        # provisioner "local-exec"
        resource "random_id" "r" {}
        resource "null_resource" "n" {}
        resource "local_file" "a" {
          filename = "${path.module}/out/a.txt"
          content  = file("${path.module}/local-exec.txt")
        }
        data "archive_file" "z" {
          output_path = "/tmp/z.zip"
        }
        resource "aws_ssm_parameter" "p" {
          value = "provisioner \\"local-exec\\" { }"
        }
        """
    assert analyse(write({"main.tf": text})).executes == ()


def test_data_that_needs_the_network_is_reported_apart(write: Write) -> None:
    found = analyse(write({"main.tf": 'data "tls_certificate" "c" {}\ndata "aws_ip_ranges" "r" {}\n'}))
    assert found.executes == ()
    assert found.reaches_outside == (
        "data.aws_ip_ranges.r: fetches AWS's list of address ranges",
        "data.tls_certificate.c: opens a connection to a server",
    )
