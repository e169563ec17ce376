"""Templates whose values are of other kinds than expected cost what they stand in, and nothing else."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

import hcl2
import pytest

from pytest_lsqm.discovery import cloudformation
from pytest_lsqm.discovery.cloudformation import tables
from pytest_lsqm.errors import DiscoveryError
from tests.discovery.cloudformation import templates

if TYPE_CHECKING:
    from collections.abc import Iterator

JUNK: tuple[Any, ...] = (
    None,
    "",
    "${x}",
    0,
    True,
    [],
    {},
    ["a"],
    [[1]],
    [{}],
    {"a": {"b": []}},
    {"Ref": "Queue"},
    {"Ref": ["x"]},
    {"Fn::GetAtt": []},
    {"Fn::If": ["C", 1, 2]},
    {"Fn::Sub": "${"},
    {"Fn::FindInMap": ["Map", "x", {"Ref": "AWS::Region"}]},
    {"Ref": "Later"},
    {"Ref": "Laters"},
)
SECTIONS: dict[str, Any] = {
    "Parameters": {"Later": {"Type": "String"}, "Laters": {"Type": "CommaDelimitedList"}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "Later"}, "x"]}},
    "Mappings": {"Map": {"x": {"us-east-1": "y"}}},
}


def shape(rule: tables.Rule, choose: random.Random, depth: int = 0) -> Any:
    """Return a value with the properties that a rule looks for, some of them of another kind."""
    if choose.random() < 0.25 or depth > 6:
        return copy.deepcopy(choose.choice(JUNK))
    if rule.kind in {"block", "flat", "resource"} and rule.of:
        return {key: shape(each, choose, depth + 1) for key, each in rule.of.items() if choose.random() < 0.8}
    if rule.kind in {"blocks", "resources"}:
        entry = tables.Rule("flat", "", of=rule.of) if rule.of else rule.element
        assert entry is not None
        return [shape(entry, choose, depth + 1) for _ in range(choose.randrange(3))]
    return copy.deepcopy(choose.choice(JUNK)) if choose.random() < 0.5 else "word"


def converted(resources: dict[str, Any]) -> dict[str, str]:
    queue = {"Queue": {"Type": "AWS::SQS::Queue"}}
    return cloudformation.convert({"Resources": {**queue, **resources}, **SECTIONS}, name="it").files


@pytest.mark.parametrize("kind", sorted(tables.load()))
def test_a_type_takes_values_of_any_kind(kind: str) -> None:
    choose = random.Random(kind)
    table = tables.load()[kind]
    given = {target.property: tables.Rule("argument", "") for target in table.targets} | table.properties
    for _ in range(6):
        properties = {key: shape(rule, choose) for key, rule in given.items()}
        files = converted({"It": {"Type": kind, "Properties": properties}})
        assert "aws_sqs_queue" in files["main.tf"]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a template where something else could stand."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in list(pairs):
        yield value, key
        yield from places(each)


@pytest.mark.parametrize("name", templates.NAMES)
def test_a_template_with_a_wrong_value_anywhere_ends_in_files_or_a_sentence(name: str) -> None:
    choose = random.Random(name)
    whole = templates.template(name)
    for _ in range(60):
        changed = copy.deepcopy(whole)
        where, key = choose.choice(list(places(changed)))
        where[key] = copy.deepcopy(choose.choice(JUNK))
        try:
            cloudformation.convert(changed, name="it")
        except DiscoveryError as error:
            assert str(error)


def test_what_is_written_can_be_read_whatever_a_template_holds() -> None:
    texts = ['"', "\\", "\n", "${x}", "%{y}", "é", "\u2028", "</script>", "#", "'", "`"]
    tags = [{"Key": text, "Value": text} for text in texts]
    files = converted({"It": {"Type": "AWS::SQS::Queue", "Properties": {"Tags": tags}}})
    assert hcl2.loads(files["main.tf"])["resource"]
