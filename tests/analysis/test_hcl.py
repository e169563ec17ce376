"""Both syntaxes are parsed, never matched: what earlier tools broke with regexes stays whole."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from pytest_lsqm.analysis import hcl
from pytest_lsqm.analysis.values import Body, Call, Expression, Reference, Template, Value
from pytest_lsqm.errors import AnalysisError


def value(source: str) -> Value:
    return hcl.parse(f"x = {source}\n", "main.tf").attributes["x"]


def only(text: str) -> Body:
    (block,) = hcl.parse(dedent(text), "main.tf").blocks
    return block.body


def test_an_argument_that_begins_like_another_keeps_its_name_and_value() -> None:
    body = only(
        """
        resource "aws_instance" "a" {
          iam_instance_profile = "abc"
          engine_version       = "4.0"
        }
        """
    )
    assert body.attributes == {"iam_instance_profile": "abc", "engine_version": "4.0"}


def test_labels_need_no_quotes() -> None:
    (block,) = hcl.parse("variable name {\n}\n", "main.tf").blocks
    assert (block.type, block.labels, block.line) == ("variable", ("name",), 1)


@pytest.mark.parametrize("text", ["http://a.b//c#d", "a # b", "/* no comment */", "a // b"])
def test_what_looks_like_a_comment_inside_a_string_stays(text: str) -> None:
    assert value(f'"{text}" // a comment') == text


def test_comments_of_all_kinds_are_skipped() -> None:
    text = '# a "b\n// c ${\n/* d\n e */\nx = 1 # f\n'
    assert hcl.parse(text, "main.tf").attributes == {"x": 1}


def test_nested_and_dynamic_blocks_are_found_at_any_depth() -> None:
    body = only(
        """
        resource "aws_s3_bucket" "b" {
          rule {
            transition { days = 1 }
            transition { days = 2 }
          }
          dynamic "tag" {
            for_each = []
            content { key = tag.value }
          }
        }
        """
    )
    (rule,) = body.nested("rule")
    assert [block.body.attributes for block in rule.body.nested("transition")] == [{"days": 1}, {"days": 2}]
    (dynamic,) = body.nested("dynamic")
    assert dynamic.labels == ("tag",)
    assert dynamic.body.attributes == {"for_each": ()}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1", 1),
        ("-1", -1),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ('["a", 1]', ("a", 1)),
        ('{ a = 1, "b" : 2, 3 = 4 }', {"a": 1, "b": 2, "3": 4}),
        (r'"a\"b\\n\tc"', 'a"b\\n\tc'),
        ('"$${a} %%{b} 100% $"', "${a} %{b} 100% $"),
        ('""', ""),
        ("var.region", Reference(("var", "region"))),
        ('"${var.region}"', Reference(("var", "region"))),
        ('"a-${var.b}-c"', Template(("a-", Reference(("var", "b")), "-c"))),
        ('file("a")', Call("file", ("a",))),
        ('provider::aws::arn_parse("a")', Call("provider::aws::arn_parse", ("a",))),
        ("<<EOT\n a\nb\nEOT", " a\nb\n"),
        ("<<-EOT\n  a\n    b\n  EOT", "a\n  b\n"),
        ("<<EOT\nEOT", ""),
        ('<<EOT\n"a" ${file("b}")} $${c}\nEOT', Template(('"a" ', Call("file", ("b}",)), " ${c}\n"))),
        ('jsonencode(<<EOT\nx\nEOT\n)', Call("jsonencode", ("x\n",))),
    ],
)  # fmt: skip
def test_a_value_is_read_as_what_it_means(source: str, expected: Value) -> None:
    assert value(source) == expected


def test_what_must_be_computed_is_an_expression_that_keeps_the_values_inside_it() -> None:
    computed = value('var.a ? file("b") : "c"')
    assert computed == Expression("conditional", (Reference(("var", "a")), Call("file", ("b",)), "c"))


def test_directives_in_templates_are_read() -> None:
    template = value('"a%{ if var.x ~}b%{ endif }"')
    assert isinstance(template, Template)
    assert [part for part in template.parts if isinstance(part, str)] == ["a", "b"]


def test_windows_line_ends_are_read_like_others() -> None:
    text = 'a = <<E\nx\nE\nb "c" {\n  d = 1\n}\n'
    assert hcl.parse(text.replace("\n", "\r\n"), "f").blocks[0].body == hcl.parse(text, "f").blocks[0].body
    assert hcl.parse(text.replace("\n", "\r\n"), "f").attributes == {"a": "x\n"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a {\n  b = \n}\n", "main.tf:2: "),
        ("a = 1\n}\n", "main.tf:2: "),
        ('a = "b', "main.tf:1: "),
        ("a {", "main.tf:"),
        ("a = 1\nb = @\n", "main.tf:2: "),
        ("a = " + "9" * 5000, "main.tf: "),
        ("a = " + "(" * 5000 + "1" + ")" * 5000, "main.tf: "),
        ("a {\n" * 101 + "}\n" * 101, "main.tf: "),
        ("a = " + "-" * 5000 + "1", "main.tf:"),
        ("{" * 5000, "main.tf:1: "),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_file_and_line_in_one_sentence(text: str, place: str) -> None:
    with pytest.raises(AnalysisError) as caught:
        hcl.parse(text, "main.tf")
    assert str(caught.value).startswith(place)
    assert "\n" not in str(caught.value)


def test_the_json_syntax_gives_the_same_blocks() -> None:
    document = {
        "//": "a comment",
        "variable": {"v": {"default": "eu-west-1"}},
        "provider": {"aws": [{"region": "${var.v}"}, {"alias": "b", "//": "x"}]},
        "resource": {"null_resource": {"n": {"provisioner": [{"local-exec": {"command": "id"}}]}}},
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}, "backend": {"s3": {}}},
        "locals": {"a": '${file("b.txt")} c'},
    }
    blocks = hcl.parse_json(json.dumps(document), "main.tf.json").blocks
    found = {(block.type, *block.labels): block.body for block in blocks if "alias" not in block.body.attributes}
    assert found["provider", "aws"].attributes == {"region": Reference(("var", "v"))}
    (provisioner,) = found["resource", "null_resource", "n"].nested("provisioner")
    assert (provisioner.labels, provisioner.body.attributes) == (("local-exec",), {"command": "id"})
    assert [block.type for block in found["terraform",].blocks] == ["required_providers", "backend"]
    assert found["locals",].attributes == {"a": Template((Call("file", ("b.txt",)), " c"))}


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"resource": 1}', '{"resource": {"a": {"b": "c"}}}', '{"a":' * 5000, "9" * 5000]
)
def test_json_that_is_no_configuration_is_refused_with_the_file_named(text: str) -> None:
    with pytest.raises(AnalysisError, match=r"^main\.tf\.json"):
        hcl.parse_json(text, "main.tf.json")


def test_the_parser_is_loaded_only_when_something_is_parsed() -> None:
    code = "import sys, pytest_lsqm.analysis; sys.exit('hcl2' in sys.modules or 'lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
