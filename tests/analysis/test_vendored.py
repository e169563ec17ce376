"""Remote modules in `lsqm-modules` are part of the configuration, as far as their list can be believed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.analysis import analyse, content_hash, folders, gather, load, skip_reasons, vendored
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Write

QUEUE = 'resource "aws_sqs_queue" "q" {\n}\n'
LIST = "lsqm-modules/modules.json"


def call(name: str, source: str, more: str = "") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n{more}}}\n'


def listed(**folders: str) -> str:
    """Write a list of modules; a double underline in a name stands for the point in a key."""
    entries = [
        {"Key": key.replace("__", "."), "Source": "acme/x/aws", "Version": "1.0.0", "Dir": folder}
        for key, folder in folders.items()
    ]
    return json.dumps({"Modules": entries})


def names(directory: Path) -> list[str]:
    return [module.name for module in load(directory).modules]


def test_the_facts_of_a_vendored_module_are_the_architectures(write: Write) -> None:
    arch = write(
        {
            "main.tf": call("a", "acme/x/aws", "  count = 2\n"),
            "lsqm-modules/a/main.tf": QUEUE
            + call("sub", "./sub")
            + 'provider "aws" {\n  alias = "x"\n}\nterraform {\n  required_providers {\n    aws = {\n'
            '      source = "hashicorp/aws"\n      version = ">= 3.0"\n    }\n  }\n}\n',
            "lsqm-modules/a/sub/main.tf": 'data "external" "e" {\n  program = ["x"]\n}\n'
            + call("n", "acme/n/aws"),
            "lsqm-modules/a.sub.n/main.tf": 'resource "aws_sns_topic" "t" {\n}\n',
            LIST: listed(a="lsqm-modules/a", a__sub__n="lsqm-modules/a.sub.n"),
        }
    )
    facts = analyse(arch)
    assert names(arch) == [".", "lsqm-modules/a", "lsqm-modules/a/sub", "lsqm-modules/a.sub.n"]
    assert (facts.services, facts.resource_count, facts.modules) == (("sns", "sqs"), 4, ())
    assert facts.executes == ("data.external.e in lsqm-modules/a/sub: runs a program",)
    assert [block.module for block in facts.provider_blocks] == ["lsqm-modules/a"]
    assert [str(each.constraint) for each in facts.required_versions if "3.0" in str(each)] == [">= 3.0"]
    assert skip_reasons(facts) == ()


def test_a_call_that_is_not_in_the_list_is_still_missing(write: Write) -> None:
    arch = write(
        {
            "main.tf": QUEUE + call("a", "acme/x/aws") + call("b", "acme/y/aws"),
            "lsqm-modules/a/main.tf": call("in", "acme/z/aws"),
            LIST: listed(a="lsqm-modules/a", z="lsqm-modules/a"),
        }
    )
    assert analyse(arch).modules == ("acme/y/aws", "acme/z/aws")


def test_a_source_that_may_not_be_fetched_is_missing_whatever_the_list_says(write: Write) -> None:
    arch = write(
        {
            "main.tf": QUEUE + call("a", "git::ssh://git@example.com/x.git"),
            "lsqm-modules/a/main.tf": "",
            LIST: listed(a="lsqm-modules/a"),
        }
    )
    assert analyse(arch).modules == ("git::ssh://git@example.com/x.git",)


def test_a_module_below_a_local_one_that_lies_above_the_root_is_found(write: Write) -> None:
    arch = write(
        {
            "main.tf": call("shared", "../shared"),
            "../shared/main.tf": call("a", "acme/x/aws"),
            "lsqm-modules/a/main.tf": QUEUE,
            LIST: listed(shared__a="lsqm-modules/a"),
        }
    )
    assert names(arch) == [".", "../shared", "lsqm-modules/a"]
    assert analyse(arch).resource_count == 1


def test_vendored_modules_are_gathered_and_hashed(write: Write) -> None:
    files = {
        "main.tf": call("a", "acme/x/aws"),
        "lsqm-modules/a/main.tf": QUEUE,
        "lsqm-modules/a/data/x.txt": "x",
        LIST: listed(a="lsqm-modules/a"),
    }
    arch = write(files)
    before = gather(arch)
    assert set(before.files) == set(files)
    hashed = content_hash(before.files, before.root)
    (arch / "lsqm-modules/a/data/x.txt").write_text("y")
    assert content_hash(gather(arch).files, before.root) != hashed


def entry(**changes: Any) -> str:
    whole = {"Key": "a", "Source": "acme/x/aws", "Dir": "lsqm-modules/a"} | changes
    return json.dumps({"Modules": [{name: value for name, value in whole.items() if value is not None}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"modules\.json:1: not valid JSON"),
        ("[]", "holds no JSON object"),
        ("{}", "holds no list of modules"),
        ('{"Modules": ["a"]}', "has an entry without Key, Source and Dir"),
        (entry(Dir=None), "has an entry without Key, Source and Dir"),
        (entry(Dir=7), "has an entry without Key, Source and Dir"),
        (entry(Version=1), "has an entry without Key, Source and Dir"),
        (entry(Dir="lsqm-modules"), "module a lies in 'lsqm-modules', which is not below lsqm-modules/"),
        (entry(Dir="lsqm-modules/../other"), "is not below"),
        (entry(Dir="lsqm-modules/a/../../.."), "is not below"),
        (entry(Dir="lsqm-modules/..\\other"), "is not below"),
        (entry(Dir="lsqm-modules/a\0"), "is not below"),
        (entry(Dir="/etc"), "is not below"),
        (entry(Dir="other"), "is not below"),
        (entry(Dir="./other"), "is not below"),
        (json.dumps({"Modules": json.loads(entry())["Modules"] * 2}), "names a module twice"),
        ("\x00" * (folders.MAX_TERRAFORM_FILE + 1), "larger than 1 MiB"),
        (entry(Dir="lsqm-modules/none"), "module a wants the folder acme/x/aws, which does not exist"),
    ],
)
def test_a_list_that_cannot_be_believed_is_refused(write: Write, text: str, message: str) -> None:
    arch = write({"main.tf": call("a", "acme/x/aws"), "lsqm-modules/a/main.tf": "", LIST: text})
    with pytest.raises(AnalysisError, match=message):
        load(arch)


def test_a_list_that_is_no_text_is_refused(write: Write) -> None:
    arch = write({"main.tf": "", "lsqm-modules/a/main.tf": ""})
    (arch / LIST).write_bytes(b"\xff")
    with pytest.raises(AnalysisError, match="cannot be read"):
        load(arch)


def test_a_list_that_is_a_pipe_or_lies_elsewhere_is_refused(write: Write, tmp_path: Path) -> None:
    arch = write({"main.tf": "", "lsqm-modules/a/main.tf": ""})
    os.mkfifo(arch / LIST)
    with pytest.raises(AnalysisError, match="not a regular file"):
        load(arch)
    (arch / LIST).unlink()
    (tmp_path / "list.json").write_text(listed(a="lsqm-modules/a"))
    (arch / LIST).symlink_to(tmp_path / "list.json")
    with pytest.raises(AnalysisError, match="leads out of"):
        load(arch, top=arch)


def test_a_folder_of_a_module_that_is_a_link_to_elsewhere_is_refused(write: Write, tmp_path: Path) -> None:
    arch = write({"main.tf": call("a", "acme/x/aws"), LIST: listed(a="lsqm-modules/a")})
    (tmp_path / "secret").mkdir()
    (arch / "lsqm-modules/a").symlink_to(tmp_path / "secret")
    with pytest.raises(AnalysisError, match="leads out of"):
        load(arch, top=arch)


def test_vendored_modules_that_call_each_other_in_a_circle_are_refused(write: Write) -> None:
    arch = write(
        {
            "main.tf": call("a", "acme/x/aws"),
            "lsqm-modules/a/main.tf": call("b", "acme/y/aws"),
            "lsqm-modules/b/main.tf": call("a", "acme/x/aws"),
            LIST: listed(a="lsqm-modules/a", a__b="lsqm-modules/b", a__b__a="lsqm-modules/a"),
        }
    )
    with pytest.raises(AnalysisError, match="module a calls itself by way of acme/x/aws"):
        load(arch)


def test_the_bounds_of_a_configuration_hold_for_vendored_modules_too(write: Write) -> None:
    large = {f"lsqm-modules/a/{n}.tf": "#" * folders.MAX_TERRAFORM_FILE for n in range(5)}
    arch = write({"main.tf": call("a", "acme/x/aws"), LIST: listed(a="lsqm-modules/a"), **large})
    with pytest.raises(AnalysisError, match=r"lsqm-modules/a/3\.tf: with it the configuration exceeds"):
        load(arch)


def test_a_list_is_the_same_text_for_the_same_modules_and_is_read_back(write: Write) -> None:
    records = [
        vendored.Record("b", "acme/b/aws", "lsqm-modules/b", "1.0.0"),
        vendored.Record("a", "x", "lsqm-modules/a"),
    ]
    text = vendored.text_of(records)
    assert vendored.text_of(records[::-1]) == text
    arch = write({"main.tf": "", LIST: text})
    assert vendored.read(arch, arch) == {record.key: record for record in records}
