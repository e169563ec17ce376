"""Credentials that a configuration brings along are known before anything is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import analysis
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

SENSITIVE = 'variable "v" {\n  default = "by default"\n  sensitive = true\n}\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SENSITIVE, {"by default"}),
        ('variable "v" {\n  default = { a = ["one", "two"] }\n  sensitive = true\n}\n', {"one", "two"}),
        ('variable "v" {\n  default = "shown"\n  sensitive = false\n}\n', set()),
        ('variable "db_password" {\n  default = "tiger"\n}\n', {"tiger"}),
        ('resource "aws_db_instance" "d" {\n  password = "tiger"\n  username = "scott"\n}\n', {"tiger"}),
        ('resource "x" "y" {\n  a {\n    b {\n      auth_token = "deep1token"\n    }\n  }\n}\n', {"deep1token"}),
        ('locals {\n  all = { one = { api_key = "in a map" } }\n}\n', {"in a map"}),
        ('resource "x" "y" {\n  password = var.p\n}\n', set()),
        ('resource "x" "y" {\n  secret = "arn:aws:secretsmanager:x:1:secret:y"\n}\n', set()),
    ],
)
def test_literals_that_are_credentials_are_found(tmp_path: Path, text: str, found: set[str]) -> None:
    write_tree(tmp_path, {"main.tf": text})
    assert analysis.analyse(tmp_path).credentials == found


def test_a_sensitive_variable_is_known_by_the_value_that_is_supplied_too(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": SENSITIVE, "terraform.tfvars": 'v = "supplied"\nother = "x"\n'})
    assert analysis.analyse(tmp_path).credentials == {"by default", "supplied"}


def test_those_of_a_module_are_found_too(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": SENSITIVE})
    assert analysis.analyse(tmp_path).credentials == {"by default"}
