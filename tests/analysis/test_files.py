"""Every file that an architecture refers to comes along, and nothing that is not its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import content_hash, folders, gather
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Write


def test_submodules_templates_and_function_sources_come_along(write: Write) -> None:
    given = {
        "main.tf": 'module "m" {\n  source = "./modules/m"\n}\n',
        "modules/m/main.tf": "",
        "modules/m/policy.json": "{}",
        "templates/a.tpl": "x",
        "src/handler/index.py": "x",
        "terraform.tfvars": "",
    }
    found = gather(write(given))
    assert set(found.files) == set(given)
    assert found.root == "."
    assert all(path.is_absolute() and path.is_file() for path in found.files.values())


def test_leftovers_of_tools_secrets_and_the_app_stay_behind(write: Write) -> None:
    left = [
        ".git/config",
        ".terraform/modules/modules.json",
        ".terraform.lock.hcl",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "src/__pycache__/a.pyc",
        "crash.log",
        "crash.1.log",
        ".DS_Store",
        ".env",
        "lsqm/test_app.py",
        "x.tfplan",
    ]
    found = gather(write({"main.tf": "", "sub/lsqm/kept.txt": "", **dict.fromkeys(left, "")}))
    assert set(found.files) == {"main.tf", "sub/lsqm/kept.txt"}


def test_what_to_ignore_beside_the_configuration_can_be_chosen(write: Write) -> None:
    arch = write({"main.tf": "", "metadata.json": "", "lsqm/app.py": "", "m/metadata.json": ""})
    assert set(gather(arch, ignore={"lsqm", "metadata.json"}).files) == {"main.tf", "m/metadata.json"}


def test_files_above_the_folder_lift_the_root(write: Write) -> None:
    arch = write(
        {
            "main.tf": """
                module "m" {
                  source = "../modules/m"
                }
                resource "aws_iam_policy" "p" {
                  policy = file("${path.module}/../shared/policy.json")
                }
                data "archive_file" "z" {
                  source_dir  = "../src"
                  output_path = "z.zip"
                }
                resource "aws_s3_object" "o" {
                  for_each = local.names
                  source   = "${path.module}/../site/${each.value}"
                }
                resource "aws_ssm_parameter" "s" {
                  value = <<-EOT
                    ${templatefile("../t/a.tpl", {})}
                  EOT
                }
                """,
            "../modules/m/main.tf": 'locals {\n  a = file("${path.module}/../../deep/a.txt")\n}\n',
            "../modules/m/inner.txt": "",
            "../deep/a.txt": "",
            "../shared/policy.json": "",
            "../shared/other.json": "not referred to",
            "../src/lib/index.py": "",
            "../site/index.html": "",
            "../t/a.tpl": "",
            "../unrelated/main.tf": "",
        }
    )
    found = gather(arch)
    assert found.root == "arch"
    assert set(found.files) == {
        "arch/main.tf",
        "modules/m/main.tf",
        "modules/m/inner.txt",
        "deep/a.txt",
        "shared/policy.json",
        "src/lib/index.py",
        "site/index.html",
        "t/a.tpl",
    }


def test_an_example_takes_the_module_around_it_without_its_other_examples(write: Write) -> None:
    example = write(
        {
            "examples/one/main.tf": 'module "m" {\n  source = "../../"\n}\n',
            "examples/two/main.tf": "",
            "main.tf": 'locals {\n  p = file("${path.module}/policies/p.json")\n}\n',
            "policies/p.json": "",
            "README.md": "",
        }
    )
    found = gather(example / "examples" / "one")
    assert found.root == "examples/one"
    assert set(found.files) == {"examples/one/main.tf", "main.tf", "policies/p.json"}


def test_a_copy_of_what_was_gathered_has_the_same_hash(write: Write, tmp_path: Path) -> None:
    arch = write({"main.tf": 'locals {\n  a = file("../x.txt")\n}\n', "../x.txt": "1\r\n"})
    found = gather(arch)
    for name, path in found.files.items():
        copy = tmp_path / "store" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    again = gather(tmp_path / "store" / found.root)
    assert content_hash(again.files, again.root) == content_hash(found.files, found.root)


def test_links_inside_the_boundary_are_followed_to_their_content(write: Write) -> None:
    arch = write({"main.tf": "", "../shared/a.txt": "x", "../lib/b.txt": "y"})
    (arch / "a.txt").symlink_to("../shared/a.txt")
    (arch / "lib").symlink_to("../lib")
    found = gather(arch)
    assert set(found.files) == {"main.tf", "a.txt", "lib/b.txt"}
    assert found.root == "."
    assert not any(path.is_symlink() for path in found.files.values())


def test_links_that_leave_the_boundary_are_refused(write: Write, tmp_path: Path) -> None:
    arch = write({"main.tf": ""})
    (arch / ".git").mkdir()
    (tmp_path / "secret").write_text("x")
    (arch / "notes.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(AnalysisError, match=r"notes\.txt: leads out of"):
        gather(arch)


def test_paths_that_leave_the_boundary_are_refused(write: Write, tmp_path: Path) -> None:
    arch = write({"main.tf": 'locals {\n  a = file("../../secret")\n}\n'})
    (arch / ".git").mkdir()
    (tmp_path / "secret").write_text("x")
    with pytest.raises(AnalysisError, match=r"main\.tf:1: \.\./\.\./secret: leads out of"):
        gather(arch)


def test_the_settings_of_a_work_tree_are_refused_even_when_a_path_names_them(write: Write) -> None:
    arch = write({"main.tf": 'locals {\n  a = file("../.git/config")\n}\n', "../.git/config": "token"})
    with pytest.raises(AnalysisError, match=r"lies in \.git"):
        gather(arch)


def test_absolute_paths_never_come_along(write: Write, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x")
    found = gather(write({"main.tf": f'locals {{\n  a = file("{tmp_path}/key")\n  b = file("~/x")\n}}\n'}))
    assert set(found.files) == {"main.tf"}


def test_a_folder_that_links_to_itself_is_refused(write: Write) -> None:
    arch = write({"main.tf": ""})
    (arch / "loop").symlink_to(".")
    with pytest.raises(AnalysisError, match="link to a folder around it"):
        gather(arch)


def test_a_pipe_is_refused_and_not_waited_for(write: Write) -> None:
    arch = write({"main.tf": ""})
    os.mkfifo(arch / "pipe")
    with pytest.raises(AnalysisError, match="not a regular file"):
        gather(arch)


@pytest.mark.parametrize("name", ["a\nb", b"\xff".decode(errors="surrogateescape")])
def test_names_that_are_not_text_are_refused(write: Write, name: str) -> None:
    arch = write({"main.tf": ""})
    (arch / name).touch()
    with pytest.raises(AnalysisError, match="a name that is no text"):
        gather(arch)


@pytest.mark.parametrize("bound", ["MAX_FILES", "MAX_BYTES"])
def test_too_much_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    arch = write({"main.tf": "", "a": "x" * 10, "b": "x" * 10})
    monkeypatch.setattr(folders, bound, 2)
    with pytest.raises(AnalysisError, match="more than"):
        gather(arch)


def test_a_maze_of_links_without_files_is_refused(write: Write) -> None:
    arch = write({"main.tf": ""})
    for n in range(15):
        (arch / f"d{n}").mkdir()
        if n:
            (arch / f"d{n - 1}" / "a").symlink_to(f"../d{n}")
            (arch / f"d{n - 1}" / "b").symlink_to(f"../d{n}")
    with pytest.raises(AnalysisError, match="more than"):
        gather(arch)
