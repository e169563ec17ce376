"""Values as Terraform's language writes them."""

from __future__ import annotations

from typing import Any

import hcl2
import pytest

from pytest_lsqm.discovery.cloudformation.hcl import (
    Block,
    Expr,
    Json,
    Piece,
    Text,
    call,
    inline,
    join,
    literal,
    write,
)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("plain", '"plain"'),
        ('a "quoted" \\ word', '"a \\"quoted\\" \\\\ word"'),
        ("two\nlines\tand a tab", '"two\\nlines\\tand a tab"'),
        ("${aws:username}", '"$${aws:username}"'),
        ("%{if}", '"%%{if}"'),
        ("\b\f\x7f", '"\\u0008\\u000c\\u007f"'),
        ("für 100 €", '"für 100 €"'),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        ([1, "a"], '[1, "a"]'),
        ({}, "{}"),
        ({"a": 1, "b c": 2, "for": 3, "x:y": 4}, '{ a = 1, "b c" = 2, "for" = 3, "x:y" = 4 }'),
        (Expr("var.a"), "var.a"),
        (Text(("${", Expr("var.a"), "}")), '"$${${var.a}}"'),
        (Json({"a": Expr("var.a")}), "jsonencode({ a = var.a })"),
        (call("join", ",", ["a"]), 'join(",", ["a"])'),
    ],
)
def test_values_in_one_line(given: Any, written: str) -> None:
    assert inline(given) == written


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ([], ""),
        (["a", 1, True, "b"], "a1trueb"),
        ([Expr("var.a")], Expr("var.a")),
        (["", Expr("var.a"), ""], Expr("var.a")),
        (["x-", Text(("y", Expr("var.a"))), "-z"], Text(("x-y", Expr("var.a"), "-z"))),
    ],
)
def test_joined_parts_are_as_simple_as_they_can_be(parts: list[Any], joined: Any) -> None:
    assert join(parts) == joined


def test_what_holds_an_expression_anywhere_is_no_literal() -> None:
    assert literal({"a": [1, "b", None]})
    assert not literal({"a": [1, Expr("var.a")]})
    assert not literal([Json({})])


def test_a_file_is_written_as_terraform_formats_it() -> None:
    body = {
        "name": "a",
        "long_name": Expr("var.a"),
        "policy": Json({"Statement": [{"Effect": "Allow"}]}),
        "after": 1,
        "rule": [Block({"id": 1}), Block({"id": 2})],
        "single": Block({}),
    }
    assert write([Piece("resource", ("aws_a", "b"), body), Piece("locals", (), {"x": ["a" * 50, "b" * 50]})]) == (
        'resource "aws_a" "b" {\n'
        '  name      = "a"\n'
        "  long_name = var.a\n"
        "  policy = jsonencode({\n"
        "    Statement = [\n"
        "      {\n"
        '        Effect = "Allow"\n'
        "      },\n"
        "    ]\n"
        "  })\n"
        "  after = 1\n"
        "\n"
        "  rule {\n"
        "    id = 1\n"
        "  }\n"
        "\n"
        "  rule {\n"
        "    id = 2\n"
        "  }\n"
        "\n"
        "  single {\n"
        "  }\n"
        "}\n"
        "\n"
        "locals {\n"
        "  x = [\n"
        f'    "{"a" * 50}",\n'
        f'    "{"b" * 50}",\n'
        "  ]\n"
        "}\n"
    )


@pytest.mark.parametrize("text", ["a\nb", '"', "\\", "${x}", "$${x}", "%{x}", "\u2028", "'", "#", "//", "/*"])
def test_a_parser_reads_the_text_that_was_meant(text: str) -> None:
    [found] = hcl2.loads(write([Piece("locals", (), {"x": [text]})]))["locals"]
    read = str(found["x"][0])
    assert read.strip('"') == inline(text)[1:-1].strip('"')
