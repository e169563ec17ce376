"""A stranger's package is read apart from us: in bounds of time and depth, and part by part."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import cloudformation, reading
from pytest_lsqm.errors import DiscoveryError
from tests.support.files import write_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_lsqm.discovery.base import Layout
    from pytest_lsqm.discovery.reading import Found

QUEUE = 'resource "aws_sqs_queue" "it" {}\n'
ENDLESS = "".join(f'locals {{\n  name_{number} = "${{var.a}}-{number}"\n}}\n' for number in range(20_000))
"""Just below what is read of one file; four of them keep the parser busy for half a minute or more."""

SLOW = {f"{number}.tf": ENDLESS for number in range(4)}


def read(
    tmp_path: Path,
    files: Mapping[str, str],
    layout: Layout = "module",
    *,
    seconds: float = 60,
    part_seconds: float = 60,
) -> dict[str, Found]:
    package = write_tree(tmp_path / "package", files)
    found = reading.read(package, layout, tmp_path / "read", seconds=seconds, part_seconds=part_seconds)
    return {each.path: each for each in found}


def below(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def test_the_examples_of_a_module_are_architectures_beside_the_module(tmp_path: Path) -> None:
    example = 'module "it" {\n  source = "../.."\n}\n'
    found = read(
        tmp_path,
        {
            "main.tf": QUEUE,
            "examples/simple/main.tf": example,
            "examples/readme/x.md": "",
            "modules/a/main.tf": QUEUE,
        },
    )
    assert set(found) == {".", "examples/simple"}
    files = found["examples/simple"].files
    assert files is not None
    assert set(files) == {"main.tf", "examples/simple/main.tf"}, "what an example refers to comes along"


def test_in_a_repository_each_root_is_one_and_what_another_calls_is_none(tmp_path: Path) -> None:
    call = 'module "it" {\n  source = "../shared"\n}\n'
    found = read(tmp_path, {"a/main.tf": QUEUE, "b/main.tf": call, "shared/main.tf": QUEUE}, "repository")
    assert set(found) == {"a", "b"}


def test_terraform_that_is_made_to_be_slow_is_refused_and_the_other_parts_are_taken(tmp_path: Path) -> None:
    files = {"main.tf": QUEUE, **below("examples/a-slow", SLOW), "examples/b/main.tf": QUEUE}
    found = read(tmp_path, files, part_seconds=4)
    assert found["examples/a-slow"].problem == "cannot be read within 4 s"
    assert found["."].architecture
    assert found["examples/b"].architecture


def test_a_slow_root_of_a_repository_does_not_keep_the_others(tmp_path: Path) -> None:
    found = read(tmp_path, {**below("a-slow", SLOW), "b/main.tf": QUEUE}, "repository", part_seconds=4)
    assert found["a-slow"].problem == "cannot be read within 4 s"
    assert found["b"].architecture


def test_what_was_read_before_the_time_was_up_is_kept_and_the_rest_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, {"main.tf": QUEUE, **below("examples/slow", SLOW)}, seconds=8)
    assert found["."].architecture
    assert found[reading.THE_REST].problem == "it cannot be read within 8 s"


def test_a_package_of_which_nothing_was_read_in_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiscoveryError, match=r"^it cannot be read within 2 s$"):
        read(tmp_path, SLOW, seconds=2)


@pytest.mark.parametrize(
    "text",
    ["locals {\n  x = " + "[" * 20_000 + "]" * 20_000 + "\n}\n", "x {\n" * 5_000 + "}\n" * 5_000],
    ids=["values", "blocks"],
)
def test_what_is_nested_without_end_is_refused_and_the_other_parts_are_taken(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, {"main.tf": text, "examples/b/main.tf": QUEUE})
    assert "nested too deeply" in (found["."].problem or "") or "too deep" in (found["."].problem or "")
    assert found["examples/b"].architecture


def test_yaml_that_multiplies_itself_is_refused_and_the_other_parts_are_taken(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    bomb = "\n".join([*lines, "service: bomb", "provider: {name: aws}", "custom: {x: *a9}", "resources: *a9"])
    found = read(tmp_path, {"a/serverless.yml": bomb, "b/main.tf": QUEUE}, "repository", part_seconds=5)
    assert found["a/serverless.yml"].problem
    assert found["b"].architecture


def test_a_fault_of_the_reader_in_one_part_is_told_and_the_other_parts_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(text: str, named: str) -> None:
        raise KeyError("Fn::Odd")

    monkeypatch.setattr(cloudformation, "read", stumble)
    template = "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n"
    package = write_tree(tmp_path / "package", {"a.yaml": template, "b/main.tf": QUEUE})
    found = {entry["path"]: entry for entry in reading._read(package, "repository", tmp_path / "read")}
    assert found["a.yaml"]["problem"] == "its reader stumbled, please report it: KeyError: 'Fn::Odd'"
    assert "architecture" in found["b"]


def test_more_architectures_than_are_read_of_a_package_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_ROOTS", 2)
    package = write_tree(tmp_path / "package", {f"{name}/main.tf": QUEUE for name in "abcd"})
    found = list(reading._read(package, "repository", tmp_path / "read"))
    assert [("problem" in entry, entry["path"]) for entry in found] == [(False, "a"), (False, "b"), (True, "c")]
    assert "one more than the 2" in found[-1]["problem"]


def test_a_reader_that_dies_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(DiscoveryError, match=r"^its reader ended with exit code 1: no word$"):
        read(tmp_path, {"main.tf": QUEUE})


def test_no_reason_names_the_folder_in_which_it_was_read(tmp_path: Path) -> None:
    found = read(tmp_path, {"main.tf": "broken {", "examples/a/main.tf": 'output "x" {\n  value = 1\n}\n'})
    assert all(each.problem and str(tmp_path) not in each.problem for each in found.values())
