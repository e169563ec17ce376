"""The workflow files: what they call exists, and what they use is pinned."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_lsqm.cli.parser import parser

FOLDER = Path(__file__).parents[1] / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


def steps() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            found += [(f"{path.name} {name}", step) for step in job["steps"]]
    return found


def calls(program: str) -> list[list[str]]:
    """The arguments of every call of a program, with a number in place of each `${{ … }}`."""
    found = []
    for _, step in steps():
        text = re.sub(r"\$\{\{.*?\}\}", "1", step.get("run", ""))
        for line in text.splitlines():
            words = shlex.split(line)
            if words[:1] == [program]:
                found.append(words[1:])
    return found


LSQM, PYTEST = calls("lsqm"), calls("pytest")


def test_there_are_calls_to_check() -> None:
    assert {words[0] for words in LSQM} == {"setup", "merge", "report"}
    assert any("--lsqm" in words for words in PYTEST)


@pytest.mark.parametrize("words", LSQM, ids=lambda words: words[0])
def test_each_call_of_lsqm_is_one_that_it_takes(words: list[str]) -> None:
    assert parser().parse_args(words).run


@pytest.mark.parametrize("words", PYTEST, ids=" ".join)
def test_each_option_of_pytest_is_one_that_it_has(words: list[str], pytester: pytest.Pytester) -> None:
    known = set(re.findall(r"(?<![\w-])--?[\w-]+", pytester.runpytest_subprocess("--help").stdout.str()))
    used = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert used
    assert used <= known


@pytest.mark.parametrize(("where", "step"), [pair for pair in steps() if "uses" in pair[1]])
def test_actions_are_pinned_to_a_commit(where: str, step: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), where


@pytest.mark.parametrize(("where", "step"), [pair for pair in steps() if "run" in pair[1]])
def test_no_text_of_others_is_put_into_a_script(where: str, step: dict[str, Any]) -> None:
    # What a person or an event says goes through the environment: in the script itself it would be code.
    expressions = re.findall(r"\$\{\{\s*(.*?)\s*\}\}", step["run"])
    assert set(expressions) <= {"matrix.shard"}, where
