"""The tables are words of providers that exist, and a wrong one is found."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_lsqm.discovery.cloudformation import conversions, extras, finishing, tables
from pytest_lsqm.discovery.cloudformation.stack import _FOLDS
from tests.discovery.cloudformation.checking import Checker

NEWER: dict[str, Any] = json.loads(Path(__file__).with_name("newer.json").read_text())
"""What provider 6.69 knows of the tables' types; `tools/newer_provider.py` records it."""

SCHEMAS: dict[str, Any] = {
    "aws_thing": {
        "block": {
            "attributes": {
                "arn": {"type": "string", "computed": True},
                "name": {"type": "string", "required": True},
                "size": {"type": "number", "optional": True},
                "tags": {"type": ["map", "string"], "optional": True},
            },
            "block_types": {
                "part": {
                    "min_items": 1,
                    "block": {"attributes": {"key": {"type": "string", "required": True}}},
                }
            },
        }
    }
}


def problems(entry: dict[str, Any]) -> list[str]:
    sound = {"Name": "name!", "Part": {"blocks": "part!", "of": {"Key": "key!"}}}
    entry = {"type": "aws_thing", **entry, "properties": {**sound, **entry.get("properties", {})}}
    return list(Checker(SCHEMAS).problems(tables._type(entry)))


def test_the_tables_are_right_for_a_newer_provider() -> None:
    checker = Checker(NEWER, major=6)
    found = {name: list(checker.problems(table)) for name, table in tables.load().items()}
    assert {name: each for name, each in found.items() if each} == {}


def test_the_tables_cover_what_templates_use() -> None:
    assert len(tables.load()) >= 200
    assert {target for target, *_ in _FOLDS.values()} <= tables.load().keys()
    assert not _FOLDS.keys() & tables.load().keys()


def test_no_function_is_there_that_no_table_calls() -> None:
    called: set[str] = set()
    finished = {table.finish for table in tables.load().values()}
    used: set[str] = {"plain"}

    def look(rule: tables.Rule) -> None:
        if rule.kind == "call":
            called.add(rule.name)
        if rule.conversion:
            used.add(rule.conversion)
        for each in (*rule.of.values(), rule.element, rule.later):
            if each is not None:
                look(each)

    for table in tables.load().values():
        for rule in table.properties.values():
            look(rule)
    assert called == extras.CALLS.keys()
    assert finished - {None} == finishing.FINISHES.keys()
    assert used == conversions.BY_NAME.keys()


def test_versions_are_those_from_which_names_are_chosen() -> None:
    text = "".join(file.read_text() for file in Path(tables.__file__).with_name("types").iterdir())
    assert {part.partition('"')[0] for part in text.split('since = "')[1:]} == {"5.0", "6.0"}


def test_a_type_that_stands_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / "types").mkdir(exist_ok=True)
        (tmp_path / "types" / name).write_text('["AWS::A::B"]\ntype = "aws_thing"\n')
    monkeypatch.setattr(importlib.resources, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="AWS::A::B stands twice"):
        tables.load.__wrapped__()


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({}, None),
        ({"type": "aws_thin"}, "aws_thin is no type"),
        ({"ref": "id"}, "id is no attribute"),
        ({"get": {"Url": "https://@.url/"}}, "url is no attribute"),
        ({"finish": "nobody"}, "nobody is no function"),
        ({"set": {"colour": "red"}}, ": colour is no argument"),
        ({"properties": {"Size": "sice"}}, ".Size: sice is no argument"),
        ({"properties": {"Size": "size!"}}, ".Size: size is not required"),
        ({"properties": {"Arn": "arn"}}, ".Arn: arn cannot be set"),
        ({"properties": {"Size": "size | huge"}}, ".Size: huge is no conversion"),
        ({"properties": {"Tags": "tags"}}, ".Tags: tags is a map, which plain does not give"),
        ({"properties": {"Size": "size | tags"}}, ".Size: size is a number, which tags does not give"),
        ({"properties": {"Name": "size"}}, ": name is required"),
        ({"properties": {"Part": "size"}}, ": part is required"),
        ({"properties": {"Part": {"block": "part!", "of": {}}}}, ".Part: key is required"),
        ({"properties": {"Other": {"block": "other"}}}, ".Other: other is no block"),
        ({"properties": {"Call": {"call": "nobody"}}}, ".Call: nobody is no function"),
        ({"properties": {"Call": {"call": "nothing", "gives": ["colour"]}}}, ".Call: colour is no argument"),
        ({"properties": {"Own": {"resource": "aws_own"}}}, ".Own: aws_own is no type"),
        ({"properties": {"Own": {"resource": "aws_thing"}}}, ".Own: name is required"),
        ({"properties": {"Flat": {"flat": {"Size": "sice"}}}}, ".Flat: sice is no argument"),
        ({"since": "5.0"}, "aws_thing is there already"),
    ],
)
def test_a_wrong_word_is_found(entry: dict[str, Any], problem: str | None) -> None:
    found = problems({"ref": "name", **entry})
    assert found == [] if problem is None else problem in found
