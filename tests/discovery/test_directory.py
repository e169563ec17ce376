"""Terraform directories of somebody's machine: which of them are roots, and what becomes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import Configuration
from pytest_lsqm.corpus import Store
from pytest_lsqm.discovery import directory
from pytest_lsqm.errors import AnalysisError, UsageError
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

QUEUE = 'resource "aws_sqs_queue" "this" {}\n'
APP = {
    "lsqm/conftest.py": "",
    "lsqm/app.py": "",
    "lsqm/test_app.py": "def test_yes():\n    assert True\n",
    "lsqm/requirements.txt": "boto3\npytest\n",
}


def roots(folder: Path) -> list[str]:
    return [path.relative_to(folder.resolve()).as_posix() for path, _ in directory.configurations(folder)]


def test_each_folder_with_terraform_is_a_root_but_for_the_modules_that_others_call(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "../../modules/queue"\n}\n'
    write_tree(
        tmp_path,
        {
            "envs/dev/main.tf": call,
            "envs/prod/main.tf": call + QUEUE,
            "modules/queue/main.tf": QUEUE,
            "modules/never-called/main.tf": QUEUE,
            "docs/readme.md": "no terraform",
        },
    )
    assert roots(tmp_path) == ["envs/dev", "envs/prod", "modules/never-called"]


def test_the_named_folder_itself_may_be_the_root(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf.json": '{"resource": {}}'})
    assert roots(tmp_path) == ["."]


@pytest.mark.parametrize("where", [".terraform/modules/x", ".git/x", "lsqm", "node_modules/x"])
def test_what_tools_left_is_not_looked_into(tmp_path: Path, where: str) -> None:
    write_tree(tmp_path, {f"{where}/main.tf": QUEUE})
    assert not directory.has_terraform(tmp_path)


def test_a_root_that_cannot_be_read_is_told_with_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    write_tree(tmp_path, {"bad/main.tf": 'resource "x" {', "good/main.tf": QUEUE})
    (_, bad), (_, good) = directory.configurations(tmp_path)
    assert isinstance(bad, AnalysisError)
    assert isinstance(good, Configuration)


def test_a_link_that_leads_back_is_not_followed_for_ever(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/main.tf": QUEUE})
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert roots(tmp_path) == ["a"]


def test_a_root_is_read_with_its_files_and_the_app_that_lies_beside_it(tmp_path: Path) -> None:
    write_tree(tmp_path / "orders", {"main.tf": QUEUE, "policy.json": "{}", **APP})
    incoming = directory.read(tmp_path / "orders", description="orders, queued", version=None)
    assert (incoming.architecture.name, incoming.architecture.description) == ("orders", "orders, queued")
    assert incoming.architecture.services == ("sqs",)
    assert set(incoming.files) == {"main.tf", "policy.json"}
    assert incoming.app is not None
    assert incoming.app.arch_hash == incoming.architecture.hash
    store = Store.create(tmp_path / "store")
    assert directory.keep(store, incoming) == (True, True)
    assert store.architecture(incoming.architecture.hash) == incoming.architecture


def test_nothing_to_deploy_is_said(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": 'output "x" {\n  value = 1\n}\n'})
    with pytest.raises(UsageError, match="no AWS resource, so there is nothing to deploy"):
        directory.read(tmp_path)


def test_an_incomplete_app_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": QUEUE, "lsqm/app.py": ""})
    with pytest.raises(UsageError, match=r"lsqm: the app lacks conftest.py, test_app.py, requirements.txt"):
        directory.read(tmp_path)
