"""Templates as they are written: YAML and JSON, short words and long ones."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lsqm.discovery.cloudformation import is_template, reading
from pytest_lsqm.discovery.cloudformation.reading import read
from pytest_lsqm.errors import DiscoveryError


def resource(written: str) -> Any:
    """Return what the value of a resource is read as."""
    return read(f"Resources:\n  A: {written}\n", named="a.yaml")["Resources"]["A"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ('AWSTemplateFormatVersion: "2010-09-09"\nResources: {}\n', True),
        ('{"AWSTemplateFormatVersion": "2010-09-09"}', True),
        ("Transform: AWS::Serverless-2016-10-31\n", True),
        ("Resources:\n  A:\n    Type: AWS::SQS::Queue\n", True),
        ('{"Resources": {"A": {"Type": "AWS::SQS::Queue"}}}', True),
        ("Resources:\n  A: {Type: Custom}\n", False),
        ("# AWSTemplateFormatVersion was here\nkind: Deployment\n", False),
        ("services:\n  web: {image: nginx}\n", False),
    ],
)
def test_a_template_is_seen_at_a_glance(text: str, is_one: bool) -> None:
    assert is_template(text) is is_one


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("!Ref B", {"Ref": "B"}),
        ("!Condition C", {"Condition": "C"}),
        ("!GetAtt B.Arn", {"Fn::GetAtt": ["B", "Arn"]}),
        ("!GetAtt B.Endpoint.Port", {"Fn::GetAtt": ["B", "Endpoint.Port"]}),
        ("!GetAtt [B, Arn]", {"Fn::GetAtt": ["B", "Arn"]}),
        ("!Sub '${B}-x'", {"Fn::Sub": "${B}-x"}),
        ("!Join ['-', [a, !Ref B]]", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
        ("!If [C, a, !Ref AWS::NoValue]", {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}),
        ("!Transform {Name: x}", {"Fn::Transform": {"Name": "x"}}),
        ("2012-10-17", "2012-10-17"),
        ("!!timestamp 2012-10-17", "2012-10-17"),
        ("012345678901", "012345678901"),
        ("8080:80", "8080:80"),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("yes", True),
        ("null", None),
    ],
)
def test_yaml_is_read_as_cloudformation_means_it(written: str, meant: Any) -> None:
    assert resource(written) == meant


def test_json_is_read_with_a_mark_of_its_order_too() -> None:
    assert read('\ufeff{"Resources": {"A": {"Ref": "B"}}}', named="a.json")["Resources"] == {"A": {"Ref": "B"}}


def test_an_alias_stands_for_what_it_names() -> None:
    text = "Resources:\n  A: &a {Type: T, x: 1}\n  B: {<<: *a, x: 2}\n"
    assert read(text, named="a")["Resources"]["B"] == {"Type": "T", "x": 2}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Resources: [", r"a\.yaml, line \d+ is neither YAML nor JSON"),
        ("\x01", r"a\.yaml is neither YAML nor JSON"),
        ("", "is no template: it has no resources"),
        ("Resources: []", "is no template: it has no resources"),
        ("[1, 2]", "is no template: it has no resources"),
        ("Resources: {? [a] : 1}", "unhashable|found"),
        ("Resources: !!python/object:os.system {}", "could not determine a constructor"),
    ],
)
def test_what_is_no_template_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(DiscoveryError, match=sentence):
        read(text, named="a.yaml")


def test_aliases_of_aliases_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_NODES", 1000)
    doubled = "\n".join(f"  a{n + 1}: &a{n + 1} [*a{n}, *a{n}]" for n in range(12))
    with pytest.raises(DiscoveryError, match="too large once its aliases are written out"):
        read(f"Resources:\n  a0: &a0 [1, 1]\n{doubled}\n", named="a.yaml")


def test_what_contains_itself_has_no_end() -> None:
    with pytest.raises(DiscoveryError, match="too large once its aliases are written out"):
        read("Resources: &r {A: *r}\n", named="a.yaml")


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(DiscoveryError, match="nested too deep"):
        read("Resources: " + "[" * 5000 + "]" * 5000, named="a.yaml")
