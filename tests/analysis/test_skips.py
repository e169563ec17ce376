"""An architecture that cannot run says why, and names the thing; one that can says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import analyse, skip_reasons

if TYPE_CHECKING:
    from .conftest import Write

QUEUE = 'resource "aws_sqs_queue" "q" {}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('resource "random_id" "r" {}\n', "no AWS resource"),
        (f'{QUEUE}variable "a" {{}}\nvariable b {{}}\n', "no value for variable a, b"),
        (f'{QUEUE}module "m" {{\n  source = "a/b/c"\n}}\n', "needs remote module a/b/c"),
        (f'{QUEUE}data "terraform_remote_state" "s" {{}}\n', "data.terraform_remote_state.s"),
        (f"{QUEUE}import {{\n  id = 1\n}}\n", "imports resources that must exist already: main.tf:2"),
        (f'{QUEUE}locals {{\n  a = file("~/.ssh/id.pub")\n}}\n', "~/.ssh/id.pub (main.tf:2)"),
        (f'{QUEUE}locals {{\n  a = file("b.txt")\n}}\n', "do not exist: b.txt (main.tf:2)"),
        (
            'resource "aws_lambda_function" "f" {\n  filename = "${path.module}/f.zip"\n}\n',
            "exist: f.zip (main.tf:1)",
        ),
        ('resource "aws_lambda_layer_version" "f" {\n  filename = "x/f.zip"\n}\n', "x/f.zip (main.tf:1)"),
        (f'{QUEUE}data "archive_file" "z" {{\n  source_dir = "./src"\n}}\n', "./src (main.tf:2)"),
    ],
)
def test_the_reason_names_the_thing(write: Write, text: str, words: str) -> None:
    (reason,) = skip_reasons(analyse(write({"main.tf": text})))
    assert words in reason


@pytest.mark.parametrize(
    "text",
    [
        QUEUE,
        f'{QUEUE}terraform {{\n  backend "s3" {{}}\n}}\n',
        f'{QUEUE}terraform {{\n  cloud {{}}\n}}\n',
        f'{QUEUE}variable "given" {{}}\n',
        f'{QUEUE}variable "a" {{\n  default = null\n}}\n',
        f'{QUEUE}locals {{\n  a = fileexists("b") ? file("b") : try(file("c"), "d")\n}}\n',
        f'{QUEUE}locals {{\n  a = file("${{path.module}}/there.txt")\n  b = "file(\\"x\\")"\n}}\n',
        f'{QUEUE}locals {{\n  a = file(var.path)\n  b = [for f in fileset("none", "*") : file(f)]\n}}\n',
        f'{QUEUE}resource "aws_s3_object" "o" {{\n  count  = 0\n  source = "x"\n}}\n',
        f'{QUEUE}locals {{\n  a = file("b")\n}}\nresource null_resource b {{\n  provisioner local-exec {{}}\n}}\n',
        """
        data "archive_file" "z" {
          source_file = "there.txt"
          output_path = "${path.module}/build/z.zip"
        }
        resource "aws_lambda_function" "f" {
          filename         = "build/z.zip"
          source_code_hash = filebase64sha256("build/z.zip")
        }
        """,
        """
        data "archive_file" "z" {
          source_file = "there.txt"
          output_path = "/tmp/z.zip"
        }
        resource "aws_lambda_function" "f" {
          filename = "/tmp/z.zip"
        }
        """,
    ],
)  # fmt: skip
def test_what_can_run_has_no_reason(write: Write, text: str) -> None:
    arch = write({"main.tf": text, "terraform.tfvars": "given = 1\n", "there.txt": ""})
    assert skip_reasons(analyse(arch)) == ()


def test_a_module_that_may_not_be_called_misses_no_file(write: Write) -> None:
    inner = 'locals {\n  a = file("none.txt")\n}\n'
    call = 'module "m" {{\n  source = "./m"\n  {}\n}}\n'
    arch = write({"main.tf": QUEUE + call.format("count = var.x"), "m/main.tf": inner})
    assert skip_reasons(analyse(arch)) == ()
    (arch / "main.tf").write_text(QUEUE + call.format(""))
    assert "none.txt (m/main.tf:1)" in skip_reasons(analyse(arch))[0]


def test_several_reasons_are_all_given(write: Write) -> None:
    arch = write({"main.tf": 'variable "a" {}\nmodule "m" {\n  source = "a/b/c"\n}\n'})
    assert len(skip_reasons(analyse(arch))) == 3
