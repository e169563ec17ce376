"""A configuration is loaded as Terraform loads it, inside its bounds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import folders, load
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Write


def names(directory: Path) -> list[str]:
    return [module.name for module in load(directory).modules]


def test_local_modules_are_followed_from_module_to_module(write: Write) -> None:
    arch = write(
        {
            "main.tf": 'module "a" {\n  source = "./modules/a"\n}\n',
            "modules/a/main.tf": 'module "b" {\n  source = "../../../shared/b"\n}\n',
            "../shared/b/x.tf.json": "{}",
        }
    )
    assert names(arch) == [".", "modules/a", "../shared/b"]


def test_files_that_terraform_does_not_load_are_not_read(write: Write) -> None:
    arch = write(
        {"main.tf": "", ".hidden.tf": "}", "#main.tf#": "}", "main.tf~": "}", "a.tf.bak": "}", "x/y.tf": "}"}
    )
    assert load(arch).root.files == ("main.tf",)


def test_override_files_replace_arguments_and_nested_blocks_of_what_they_name(write: Write) -> None:
    arch = write(
        {
            "a_override.tf": 'resource "aws_sqs_queue" "q" {\n  name = "new"\n  b {\n    d = 2\n  }\n}\n',
            "main.tf": 'resource "aws_sqs_queue" "q" {\n  name = "old"\n  kept = 1\n  b {\n    c = 1\n  }\n}\n',
            "override.tf": 'provider "aws" {\n  alias = "x"\n}\n',
        }
    )
    queue, provider = load(arch).root.blocks
    assert queue.body.attributes == {"name": "new", "kept": 1}
    assert [block.body.attributes for block in queue.body.blocks] == [{"d": 2}]
    assert provider.labels == ("aws",)


def test_a_link_to_a_file_inside_the_boundary_is_read(write: Write) -> None:
    arch = write({"main.tf": "", "../shared/provider.tf": 'provider "aws" {\n}\n'})
    (arch / "provider.tf").symlink_to("../shared/provider.tf")
    assert [block.type for block in load(arch).root.blocks] == ["provider"]


def test_a_link_that_leaves_the_boundary_is_refused(write: Write, tmp_path: Path) -> None:
    arch = write({"main.tf": ""})
    (tmp_path / "secret.tf").write_text("")
    (arch / "x.tf").symlink_to(tmp_path / "secret.tf")
    with pytest.raises(AnalysisError, match=r"x\.tf: leads out of"):
        load(arch, top=arch)


@pytest.mark.parametrize("target", ["x.tf", "nowhere.tf"])
def test_a_link_that_leads_nowhere_is_refused(write: Write, target: str) -> None:
    arch = write({"main.tf": ""})
    (arch / "x.tf").symlink_to(target)
    with pytest.raises(AnalysisError, match=r"x\.tf: cannot be"):
        load(arch)


def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(write: Write) -> None:
    arch = write({"main.tf": ""})
    os.mkfifo(arch / "x.tf")
    with pytest.raises(AnalysisError, match="not a regular file"):
        load(arch)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"main.tf": 'module "a" {\n  source = "./a"\n}\n'}, r"main\.tf:1: module a wants the folder \./a"),
        (
            {"main.tf": 'module "a" {\n  source = "./a"\n}\n', "a/m.tf": 'module "b" {\n  source = "../a"\n}\n'},
            r"a/m\.tf:1: module b calls itself",
        ),
        ({"main.tf": 'module "a" {\n  source = "../../../../x"\n}\n'}, r"main\.tf:1: .* leads out of"),
        ({"readme.md": ""}, r"holds no \.tf"),
        ({"main.tf": "#" * (folders.MAX_TERRAFORM_FILE + 1)}, r"main\.tf: is larger than 1 MiB"),
        ({f"{n}.tf": "#" * folders.MAX_TERRAFORM_FILE for n in range(5)}, r"4\.tf: .* exceeds"),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_its_place(
    write: Write, files: dict[str, str], message: str
) -> None:
    with pytest.raises(AnalysisError, match=message):
        load(write(files))


def test_a_file_that_is_not_utf8_is_refused_and_a_byte_order_mark_is_not(write: Write) -> None:
    arch = write({"main.tf": "\ufeffa = 1\n"})
    assert load(arch).root.files == ("main.tf",)
    (arch / "b.tf").write_bytes(b"# \xff\n")
    with pytest.raises(AnalysisError, match=r"b\.tf: is not UTF-8"):
        load(arch)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="is not a folder"):
        load(tmp_path / "none")


def test_more_files_than_the_bound_are_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_FILES", 2)
    with pytest.raises(AnalysisError, match="exceeds 2 Terraform files"):
        load(write({f"{n}.tf": "" for n in range(3)}))


def test_the_boundary_is_the_git_work_tree_or_two_folders_above(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    assert folders.boundary(deep) == tmp_path / "a" / "b"
    (tmp_path / "a" / ".git").mkdir()
    assert folders.boundary(deep) == tmp_path / "a"


def test_the_boundary_never_holds_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".git").mkdir()
    (tmp_path / "arch").mkdir()
    assert folders.boundary(tmp_path / "arch") == tmp_path / "arch"
