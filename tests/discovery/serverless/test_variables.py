"""Variables of the framework: what each source gives, and what nobody but an account knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.discovery.serverless.syntax import Variable, parse
from pytest_lsqm.discovery.serverless.variables import Variables, finish
from pytest_lsqm.errors import DiscoveryError
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: dict[str, Any] = {
    "service": "shop",
    "provider": {"name": "aws", "stage": "${opt:stage, 'test'}", "region": "eu-west-1"},
    "params": {"default": {"colour": "red"}, "test": {"size": 3}},
    "custom": {
        "name": "orders-${self:provider.stage}",
        "tables": {"test": {"name": "t1"}, "list": ["a", "b"]},
        "by-stage": "${self:custom.tables.${self:provider.stage}}",
        "round": "${self:custom.about}",
        "about": "${self:custom.round}",
        "count": 5,
        "flag": False,
        "nothing": None,
    },
}


@pytest.fixture
def variables(tmp_path: Path) -> Variables:
    """The variables of a service with two files beside it."""
    write_tree(
        tmp_path,
        {
            "service/more.yml": (
                "a:\n  b: ${self:service}-x\n  c: !Ref Table\nlist: [1, 2]\nown: ${file(./more.yml):own}\n"
            ),
            "service/more.json": '{"a": {"b": true}}',
            "service/note.txt": "plain",
            "service/program.js": "module.exports = {}",
            "shared.yml": "x: shared\n",
        },
    )
    return Variables(CONFIG, tmp_path / "service", tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${self:service}", "shop"),
        ("${self:custom.name}", "orders-test"),
        ("${self:custom.count}", 5),
        ("n=${self:custom.count}", "n=5"),
        ("${self:custom.flag}", False),
        ("is ${self:custom.flag}", "is false"),
        ("${self:custom.tables.list.1}", "b"),
        ("${self:custom.by-stage}", {"name": "t1"}),
        ("${self:custom.by-stage.name}", "t1"),
        ("${self:custom.tables.${sls:stage}.name}", "t1"),
        ("${self:provider.region}", "eu-west-1"),
        ("${opt:stage, self:provider.stage}", "test"),
        ("${opt:stage, 'prod'}", "prod"),
        ("${opt:stage}", "dev"),
        ("${opt:region}", "us-east-1"),
        ("${opt:other, ${opt:region, 'x'}}", "x"),
        ("${env:HOME, 'none'}", "none"),
        ("${env:HOME, ''}", ""),
        ("${env:N, 5}", 5),
        ("${env:N, -1.5}", -1.5),
        ("${env:N, true}", True),
        ("${env:N, null}", None),
        ('${env:N, "a, b}"}', "a, b}"),
        ("${ssm:/a/b, self:service}", "shop"),
        ("${self:custom.nothing, 'x'}", "x"),
        ("${param:colour}", "red"),
        ("${param:size}", 3),
        ("${strToBool(true)}", True),
        ("${strToBool('0')}", False),
        ("${file(./more.yml):a.b}", "shop-x"),
        ("${file(more.yml):a.c}", {"Ref": "Table"}),
        ("${file(more.yml):list}", [1, 2]),
        ("${file(more.json):a.b}", True),
        ("${file(note.txt)}", "plain"),
        ("${file(../shared.yml):x}", "shared"),
        ("${file(./absent.yml):a, 'default'}", "default"),
        ("${file(./${self:service}.yml):a, 'default'}", "default"),
        ("${ self:service }", "shop"),
        ("\\${self:service}", "${self:service}"),
        ("${AWS::Region} ${Table.Arn} $1 ${x", "${AWS::Region} ${Table.Arn} $1 ${x"),
        ("${self:service", "${self:service"),
        ("${self:service} ${self:service", "shop ${self:service"),
    ],
)
def test_each_source_gives_what_the_framework_says(variables: Variables, text: str, expected: object) -> None:
    found = variables.resolve(text)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${ssm:/a/b}", "a parameter of somebody's account"),
        ("x-${s3:bucket/key}", "a file in somebody's bucket"),
        ("${cf:stack.Output}", "an output of another stack"),
        ("${cf(eu-west-1):stack.Output}", "an output of another stack"),
        ("${param:size2}", "a parameter that is given at the deployment"),
        ("${env:TOKEN}", "a variable of the environment, TOKEN, with no default"),
        ("${opt:colour}", "an option of the command line, --colour, with no default"),
        ("${git:branch}", "reads from git"),
        ("${custom:x}", "resolved by a plugin, which is a program"),
        ("${sls:instanceId}", "known only while the framework runs"),
        ("${self:custom.absent}", "is not to be found"),
        ("${self:custom.round}", "refers to itself"),
        ("${file(./more.yml):own}", "refers to itself"),
        ("${file(./program.js):x}", "is given by a program"),
        ("${file(../../x.yml):a}", "outside of the package"),
        ("${file(./absent.yml):a}", "is a file that is not there"),
        ("${self:custom.${env:STAGE}.name}", "a variable of the environment, STAGE"),
        ("a ${self:custom.tables} b", "is no text, and stands in the middle of one"),
        ("${aws:profile}", "nothing that the framework knows of AWS"),
    ],
)
def test_what_cannot_be_resolved_is_told_with_its_reason(variables: Variables, text: str, reason: str) -> None:
    why = variables.lost({"deep": [variables.resolve(text)]})
    assert why is not None
    assert reason in why


def test_the_environment_of_this_process_is_not_read(
    variables: Variables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    assert "secret" not in repr(variables.resolve("${env:TOKEN}"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("${aws:region}", {"Ref": "AWS::Region"}),
        ("${aws:accountId}", {"Ref": "AWS::AccountId"}),
        ("b-${aws:accountId}", {"Fn::Join": ["", ["b-", {"Ref": "AWS::AccountId"}]]}),
        ({"Fn::Sub": "${aws:region}-${Table}"}, {"Fn::Sub": "${AWS::Region}-${Table}"}),
        (
            {"Fn::Sub": ["${aws:region}-${X}", {"X": "${aws:region}"}]},
            {"Fn::Sub": ["${AWS::Region}-${X}", {"X": {"Ref": "AWS::Region"}}]},
        ),
        ("#{AWS::AccountId}", {"Ref": "AWS::AccountId"}),
    ],
)
def test_what_aws_knows_becomes_a_pseudo_parameter(variables: Variables, given: object, expected: object) -> None:
    assert finish(variables.resolve(given)) == expected


def test_marks_that_a_service_writes_itself_mean_nothing(variables: Variables) -> None:
    found = variables.resolve({"a": "\0AWS::Region\0", "b": "\0010\001"})
    assert found == {"a": "AWS::Region", "b": "0"}


def test_variables_that_double_and_double_are_refused(tmp_path: Path) -> None:
    custom = {f"v{n}": f"${{self:custom.v{n + 1}}}${{self:custom.v{n + 1}}}" for n in range(40)} | {"v40": "x"}
    bomb = Variables({"custom": custom}, tmp_path, tmp_path)
    with pytest.raises(DiscoveryError, match="unfold to more than can be read"):
        bomb.resolve("${self:custom.v0}")


def test_a_chain_that_is_too_long_is_refused(tmp_path: Path) -> None:
    custom = {f"v{n}": f"${{self:custom.v{n + 1}}}" for n in range(500)}
    with pytest.raises(DiscoveryError, match="unfold to more than can be read"):
        Variables({"custom": custom}, tmp_path, tmp_path).resolve("${self:custom.v0}")


@pytest.mark.parametrize("begin", ["${self:", "${a:b, x"])
def test_thousands_of_braces_without_an_end_stay_text(begin: str) -> None:
    text = begin * 30_000
    assert parse(text) == [text]


def test_a_variable_knows_its_own_text() -> None:
    (variable,) = parse("${opt:stage, 'dev'}")
    assert isinstance(variable, Variable)
    assert variable.text == "opt:stage, 'dev'"
