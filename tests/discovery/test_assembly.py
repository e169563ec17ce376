"""Cloud assemblies: the stacks in one, where their functions' code lies, and those that are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.discovery import assembly
from pytest_lsqm.errors import DiscoveryError
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

CODE = {"S3Bucket": {"Fn::Sub": "cdk-assets-${AWS::AccountId}"}, "S3Key": "abc.zip"}
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {"Code": CODE}}


def stack(file: str, **properties: str) -> dict[str, Any]:
    return {"type": "aws:cloudformation:stack", "properties": {"templateFile": file, **properties}}


def nested(folder: str) -> dict[str, Any]:
    return {"type": "cdk:cloud-assembly", "properties": {"directoryName": folder}}


def assembled(folder: Path, artifacts: dict[str, Any], **files: Any) -> Path:
    """Write a cloud assembly; `files` are what it names, `A_template` for `A.template.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    for name, content in files.items():
        (folder / (name.replace("_", ".") + ".json")).write_text(json.dumps(content))
    return folder


def test_each_stack_is_told_by_its_name(tmp_path: Path) -> None:
    queue = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    artifacts = {
        "B": stack("B.template.json"),
        "A": stack("A.template.json", stackName="a-name"),
        "A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}},
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    }
    out = assembled(tmp_path, artifacts, A_template=queue, B_template={"Resources": {}})
    assert list(assembly.templates(out)) == [("a-name", queue, {}), ("B", {}, {})]


def test_stacks_of_a_stage_are_told_too_and_each_by_a_name_of_its_own(tmp_path: Path) -> None:
    out = assembled(
        tmp_path, {"One": stack("One.template.json", stackName="same"), "stage": nested("assembly-Prod")},
        One_template={"Resources": {"F": FUNCTION}},
    )  # fmt: skip
    inner = {**FUNCTION, "Metadata": {"aws:asset:path": "../asset.abc"}}
    assembled(
        tmp_path / "assembly-Prod", {"ProdOne": stack("ProdOne.template.json", stackName="same")},
        ProdOne_template={"Resources": {"F": inner}},
    )  # fmt: skip
    write_tree(tmp_path, {"asset.abc/index.js": ""})
    assert [(name, assets) for name, _, assets in assembly.templates(out)] == [
        ("same", {}),
        ("ProdOne", {"F": "asset.abc"}),
    ]


def test_what_the_cdk_adds_for_itself_is_left_out(tmp_path: Path) -> None:
    template = {
        "Parameters": {"BootstrapVersion": {"Type": "x"}, "Own": {"Type": "String"}},
        "Rules": {"CheckBootstrapVersion": {}},
        "Conditions": {"CDKMetadataAvailable": {}},
        "Resources": {"CDKMetadata": {"Type": "AWS::CDK::Metadata"}, "Q": {"Type": "AWS::SQS::Queue"}},
    }
    out = assembled(tmp_path, {"A": stack("A.template.json")}, A_template=template)
    ((_, found, _),) = assembly.templates(out)
    assert found == {"Parameters": {"Own": {"Type": "String"}}, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}


@pytest.mark.parametrize(
    ("metadata", "path", "expected"),
    [
        ({"aws:asset:path": "asset.abc"}, "asset.abc/index.js", {"F": "asset.abc"}),
        ({"aws:asset:path": "asset.abc.zip"}, "asset.abc.zip", {"F": "asset.abc.zip"}),
        ({}, "asset.def/index.js", {"F": "asset.def"}),
        ({"aws:asset:path": "asset.absent"}, "x", {}),
        ({}, "x", {}),
        ([], "asset.def/index.js", {"F": "asset.def"}),
    ],
)
def test_a_functions_code_is_found_by_its_metadata_or_its_key(
    tmp_path: Path, metadata: object, path: str, expected: dict[str, str]
) -> None:
    published = {
        "abc": {"source": {"path": "asset.def"}, "destinations": {"here": {"objectKey": "abc.zip"}}},
        "torn": [],
    }
    topic = {"Type": "AWS::SNS::Topic", "Metadata": {"aws:asset:path": "asset.abc"}}
    out = assembled(
        tmp_path, {"A": stack("A.template.json")},
        A_template={"Resources": {"F": {**FUNCTION, "Metadata": metadata}, "T": topic, "N": None}},
        A_assets={"files": published},
    )  # fmt: skip
    write_tree(out, {path: ""})
    ((_, _, assets),) = assembly.templates(out)
    assert assets == expected


@pytest.mark.parametrize(
    ("artifacts", "reason"),
    [
        ({"A": stack("../secret.json")}, r"wants \.\./secret\.json, which lies outside of it"),
        ({"A": stack("/etc/passwd")}, "wants /etc/passwd, which lies outside of it"),
        ({"A": stack("link.json")}, r"wants link\.json, which lies outside of it"),
        ({"A": stack("")}, "names a file by what is no path"),
        ({"A": {"type": "aws:cloudformation:stack", "properties": {}}}, "names a file by what is no path"),
        ({"A": nested("../..")}, r"wants \.\./\.\., which lies outside of it"),
        ({"A": stack("A.template.json", stackName="../../x")}, r"\.\./\.\./x is no name of a stack"),
        ({"../x": stack("A.template.json")}, "no name of a stack"),
        ({"A": stack("A.template.json"), "B": stack("A.template.json", stackName="A\n")}, "no name of a stack"),
        ({"A": stack("A.template.json", stackName="B"), "B": stack("A.template.json")}, "B is .* that of two"),
        ({"A": stack("absent.json")}, r"absent\.json cannot be read: No such file"),
        ({"A": stack("torn.json")}, r"torn\.json cannot be read"),
        ({"A": stack("list.json")}, r"list\.json is no mapping"),
        ({"A": stack("asset.json")}, r"wants \.\./x, which lies outside of it"),
    ],
)
def test_an_assembly_that_leads_out_or_is_torn_is_refused(
    tmp_path: Path, artifacts: dict[str, Any], reason: str
) -> None:
    out = assembled(tmp_path / "a" / "b", artifacts, A_template={})
    hostile = {"Resources": {"F": {**FUNCTION, "Metadata": {"aws:asset:path": "../x"}}}}
    write_tree(
        out, {"torn.json": "{", "list.json": "[]", "asset.json": json.dumps(hostile), "../secret.json": "{}"}
    )
    (out / "link.json").symlink_to("../secret.json")
    with pytest.raises(DiscoveryError, match=reason):
        list(assembly.templates(out))


def test_an_assembly_within_itself_comes_to_an_end(tmp_path: Path) -> None:
    out = assembled(tmp_path, {"A": stack("A.template.json"), "again": nested("."), "inner": nested("inner")})
    write_tree(out, {"A.template.json": "{}"})
    assembled(tmp_path / "inner", {"back": nested("..")})
    found = [name for name, _, _ in assembly.templates(out)]
    assert found == ["A"]


def test_a_folder_that_is_no_assembly_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiscoveryError, match=r"manifest\.json cannot be read"):
        list(assembly.templates(tmp_path))
