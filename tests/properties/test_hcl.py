"""No text in place of Terraform breaks the analysis: it is read, or refused in a sentence, and soon."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lsqm import analysis
from pytest_lsqm.analysis import hcl
from pytest_lsqm.errors import AnalysisError

# The bound: an input that keeps the parser busy for ever fails here and not in the whole run's limit.
pytestmark = pytest.mark.timeout(240)

CORPUS = Path(__file__).parents[2] / "corpus" / "architectures"
OWN = [text for path in sorted(CORPUS.rglob("*.tf")) if len(text := path.read_text(encoding="utf-8")) < 2500][:40]
PIECES = st.sampled_from(
    [
        *'"{}[]#=?:\\\n\0é\ufeff\u2028',
        "${",
        "$${",
        "%{",
        "~}",
        "==>",
        "//",
        "/*",
        "*/",
        "...",
        "..",
        "\r\n",
        "\x1b[31m",
    ]
) | st.sampled_from(
    [
        "<<EOT\n",
        "EOT\n",
        "resource",
        "module",
        "null",
        "1e999",
        "9" * 5000,
        "(" * 60,
        "${" * 20,
        "{ a = " * 30,
        "/" * 50,
    ]
)

NAMES = st.sampled_from(
    ["a", "b-c", "aws_sqs_queue", "default", "source", "count", "for_each", "sensitive", "region"]
)
VALUES = st.recursive(
    st.integers(-9, 10**6).map(str)
    | st.sampled_from(["9" * 5000, "(" * 90 + "1" + ")" * 90, "[" * 90 + "]" * 90, "1e999"])
    | st.sampled_from(
        ['"x"', '"${var.a}"', "var.a", "local.b", "true", "null", '"../.."', '"/etc/passwd"', '"a%{if b}c"']
    )
    | st.sampled_from(
        ['file("x")', "a.b[0].c", "[for x in y : x]", "a ? b : c", "<<EOT\nx\nEOT\n", 'jsonencode({ a = "b" })']
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
        | st.dictionaries(NAMES, inner, max_size=3).map(
            lambda each: "{ " + ", ".join(f'"{name}" = {value}' for name, value in each.items()) + " }"
        )
        | inner.map(lambda each: f"f({each})")
    ),
    max_leaves=5,
)
KINDS = st.sampled_from(
    """resource "aws_sqs_queue" "q"; resource "null_resource" "x"; module "m"; variable "a"; output "o"; locals
    provider "aws"; terraform; data "external" "e"; moved; import; check "c"; resource "x"; resource; variable ""
    provisioner "local-exec"; backend "s3"; required_providers; resource "a" "b" "c" "d\"""".replace(
        "\n", ";"
    ).split(";")
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> str:
    body = [f"  {name} = {draw(VALUES)}\n" for name in draw(st.lists(NAMES, max_size=4, unique=True))]
    if depth < 2:
        body += draw(st.lists(blocks(depth + 1), max_size=2))
    return f"{draw(KINDS)} {{\n{''.join(body)}}}\n"


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Take a real configuration, and cut, double, move and insert."""
    text = draw(st.sampled_from(OWN))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.integers(0, 60)), len(text))
        piece = draw(PIECES)
        text = draw(
            st.sampled_from(
                [
                    text[:start] + text[end:],
                    text[:start] + piece + text[start:],
                    text[:start] + piece + text[end:],
                    text[:end] + text[start:],
                    text[:start],
                ]
            )
        )
    return text[:8000]


@given(st.lists(PIECES | st.text(max_size=20), max_size=12).map("".join))
def test_any_text_is_read_or_refused_with_its_file(text: str) -> None:
    _is_read_or_refused(text)


@given(mutated())
def test_a_real_configuration_with_accidents_is_read_or_refused(text: str) -> None:
    _is_read_or_refused(text)


def _is_read_or_refused(text: str) -> None:
    for read in (hcl.parse, hcl.parse_json):
        try:
            read(text, "main.tf")
        except AnalysisError as error:
            assert str(error).startswith("main.tf")
            assert "\n" not in str(error)


@given(st.lists(blocks(), min_size=1, max_size=4).map("".join), st.text(max_size=60))
def test_what_is_well_formed_is_analysed_whatever_it_says(text: str, values: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf").write_text(text, encoding="utf-8")
        (folder / "terraform.tfvars").write_text(values, encoding="utf-8", errors="replace")
        try:
            facts = analysis.analyse(folder)
            gathered = analysis.gather(folder)
        except AnalysisError as error:
            assert "\n" not in str(error).strip()
        else:
            assert facts.resource_count >= 0
            assert all(
                not Path(inside).is_absolute() and ".." not in Path(inside).parts for inside in gathered.files
            )
            assert all(path.resolve().is_relative_to(folder.resolve()) for path in gathered.files.values())


@given(st.binary(max_size=200))
def test_bytes_that_are_no_text_are_refused_with_their_file(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name, "main.tf").write_bytes(content)
        try:
            analysis.analyse(Path(name))
        except AnalysisError as error:
            assert "main.tf" in str(error) or "holds no" in str(error)
