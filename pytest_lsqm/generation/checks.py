"""What can be said of an app without running it: nothing hard-coded that only the deployment may know."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
RESERVED = ("example.com", "example.org", "example.net", "example", "test", "invalid", "w3.org", "amazonaws.com")
"""Hosts that stand for no address: reserved names, XML namespaces, and service principals in policies."""

SECRET_ARGUMENTS = frozenset(
    {"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "endpoint_url", "profile_name"}
)


def objections(files: Mapping[str, str]) -> list[str]:
    """Return why an app must not be stored, one sentence each; files that do not parse are TestApp's to refuse."""
    found: list[str] = []
    for name, text in sorted(files.items()):
        if name.endswith(".py"):
            tree = ast.parse(text, filename=name)
            found += [f"{name}:{line}: {what}" for line, what in _objections(tree)]
            if name.startswith("test_"):
                found += [f"{name}:{line}: {what}" for line, what in _hollow(tree)]
    return found


def sayable(value: object) -> bool:
    """Whether an app may contain a value: nothing in it that only the deployment may know."""
    return not objections({"app.py": f"it = {value!r}\n"})


def _objections(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, what) for what in _in_text(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, int) and 10**11 <= node.value < 10**12:
            yield node.lineno, f"a hard-coded account id, {node.value}"
        elif isinstance(node, ast.keyword) and node.arg in SECRET_ARGUMENTS and _literal(node.value):
            yield node.value.lineno, f"a hard-coded {node.arg}; the environment has it"


def _literal(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is not None


def _in_text(text: str) -> Iterator[str]:
    if key := ACCESS_KEY.search(text):
        yield f"a hard-coded access key, {key[0]}"
    if account := ACCOUNT.search(text):
        yield f"a hard-coded account id, {account[0]}"
    if host := _foreign_host(text):
        yield f"an address that is not the emulator's, {host}"


def _foreign_host(text: str) -> str | None:
    for word in text.split():
        if word.startswith(("http://", "https://")):
            try:
                host = urlsplit(word).hostname or ""
            except ValueError:
                continue
            if "." in host and "{" not in host and not any(host == r or host.endswith(f".{r}") for r in RESERVED):
                return host
    return None


def _hollow(tree: ast.AST) -> Iterator[tuple[int, str]]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in functions:
        if function.name.startswith("test") and not any(_asserts(node) for node in ast.walk(function)):
            yield function.lineno, f"{function.name} asserts nothing"


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert | ast.Raise):
        return True
    name = node.func if isinstance(node, ast.Call) else None
    called = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
    return called in {"raises", "fail", "xfail"} or called.startswith(("assert", "expect"))
