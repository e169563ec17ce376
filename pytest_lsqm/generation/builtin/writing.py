"""Probes become the files of an app: what a test's body names is imported, and made a fixture or a helper."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

IMPORTS = {
    "base64": "import base64",
    "boto3": "import boto3",
    "gzip": "import gzip",
    "hashlib": "import hashlib",
    "io": "import io",
    "ipaddress": "import ipaddress",
    "json": "import json",
    "os": "import os",
    "pytest": "import pytest",
    "re": "import re",
    "time": "import time",
    "zipfile": "import zipfile",
    "AWSRequest": "from botocore.awsrequest import AWSRequest",
    "ClientError": "from botocore.exceptions import ClientError",
    "Path": "from pathlib import Path",
    "SigV4Auth": "from botocore.auth import SigV4Auth",
    "URLLib3Session": "from botocore.httpsession import URLLib3Session",
    "UTC": "from datetime import UTC",
    "datetime": "from datetime import datetime",
    "timedelta": "from datetime import timedelta",
    "urlsplit": "from urllib.parse import urlsplit",
    "uuid4": "from uuid import uuid4",
}
"""The names that a body or a helper may use, with where they come from."""

FIXTURES = ("deployed", "outputs")

CLIENTS = {"lambda_": "lambda"}
"""Fixtures of clients that cannot be called like their service; others have `_` for `-`."""

WIDTH = 88

HELPERS: dict[str, str] = {}
"""The functions of `app.py` by name, filled by `helper`."""


PARAMETERS = ("address", "other", "third", "fourth")
"""What the addresses of a test are called when it is made for several resources."""


@dataclass(frozen=True)
class Test:
    """One test of an app: `body` is dedented code, `covers` the addresses of the resources that it probes.

    `{}` in the name stands for the label of the first of them. A client is called like its boto3 service (`sqs`,
    `cognito_idp`); it is one of `region` where that is not None.
    """

    __test__ = False  # pytest must not take it for a test

    name: str
    body: str
    covers: tuple[str, ...]
    label: str = ""
    region: str | None = None


@dataclass(frozen=True)
class _Function:
    """A test as it is written: `rows` are the addresses for each of which it runs, none when it stands alone."""

    name: str
    body: str
    region: str | None
    rows: tuple[tuple[str, ...], ...] = ()


def helper(source: str) -> None:
    """Register a function for `app.py`; it is written there when a test or another helper names it."""
    text = textwrap.dedent(source).strip()
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    HELPERS[function.name] = "\n".join(_wrapped(line) for line in text.split("\n"))


def _wrapped(line: str) -> str:
    """Break a docstring that a formatter would leave too long."""
    if len(line) <= WIDTH or not line.lstrip().startswith('"""'):
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    return "\n".join(textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False))


def app_files(tests: Sequence[Test], description: str) -> dict[str, str]:
    """Write the four files of an app; they parse, and a formatter may still improve their looks."""
    named = _functions(tests)
    wanted = _helpers({name for test in named for name in _free(test.body)})
    helpers = [HELPERS[name] for name in wanted]
    clients = sorted({client for test in named if test.region is None for client in _clients(test.body)})
    return {
        "conftest.py": _conftest(clients),
        "app.py": _module(_docstring(f"What the tests do with it: {description}"), helpers),
        "test_app.py": _module(
            _docstring(description), [_function(test) for test in named], extra=_from_app(wanted, named)
        ),
        "requirements.txt": "boto3\npytest\n",
    }


def _functions(tests: Sequence[Test]) -> list[_Function]:
    """Write tests that differ in their addresses alone once for all of them; each has a name of its own."""
    alike: dict[tuple[str | None, str], list[Test]] = {}
    for test in tests:
        alike.setdefault((test.region, test.name + _with_parameters(test)), []).append(test)
    seen: Counter[str] = Counter()
    found = []
    for (region, _), group in alike.items():
        first = group[0]
        name = first.name.format(first.label) if len(group) == 1 else f"every_{first.name.replace('_{}', '')}"
        seen[name] += 1
        name = name if seen[name] == 1 else f"{name}_{seen[name]}"
        if len(group) == 1:
            found.append(_Function(name, first.body, region))
        else:
            rows = tuple(test.covers for test in group)
            found.append(_Function(name, _with_parameters(first), region, rows))
    return found


def _with_parameters(test: Test) -> str:
    """The body with names for the addresses; as it is where it has more of them than there are names."""
    if len(test.covers) > len(PARAMETERS):
        return test.body
    body = test.body
    for name, address in zip(PARAMETERS, test.covers, strict=False):
        body = body.replace(f"deployed[{address!r}]", f"deployed[{name}]")
    return body


_FIXTURES = '''
@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def deployed():
    """The attributes of each managed resource, by its Terraform address."""
    listed = json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())
    return {resource["address"]: resource["attributes"] for resource in listed}
'''

_CLIENT = """
@pytest.fixture(scope="session")
def {name}():
    return boto3.client("{service}")
"""


def _conftest(clients: Iterable[str]) -> str:
    own = [_CLIENT.format(name=name, service=_service(name)).strip() for name in clients]
    return _module("", [_FIXTURES.strip(), *own])


def _function(test: _Function) -> str:
    free = _free(test.body)
    lines = []
    clients = _clients(test.body)
    if test.region is None:
        arguments = [*clients, *(name for name in FIXTURES if name in free)]
    else:
        arguments = [name for name in FIXTURES if name in free]
        lines = [f"{name} = boto3.client({_service(name)!r}, region_name={test.region!r})" for name in clients]
    decorator = ""
    if test.rows:
        names = PARAMETERS[: len(test.rows[0])]
        arguments += names
        values = [row[0] if len(row) == 1 else row for row in test.rows]
        what = names[0] if len(names) == 1 else names
        decorator = f"@pytest.mark.parametrize({what!r}, {values!r})\n"
    body = "\n".join([*lines, textwrap.dedent(test.body).strip()])
    return f"{decorator}def test_{test.name}({', '.join(arguments)}):\n{textwrap.indent(body, '    ')}"


def _module(docstring: str, parts: Sequence[str], *, extra: str = "") -> str:
    text = "\n\n\n".join(parts)
    names = _loaded(text)
    imports = [line for name, line in IMPORTS.items() if name in names]
    plain = sorted(line for line in imports if line.startswith("import"))
    head = "\n".join([*plain, *sorted(line for line in imports if line not in plain), *([extra] if extra else [])])
    return "\n\n".join(part for part in (docstring, head, f"\n{text}" if head else text) if part) + "\n"


def _docstring(text: str) -> str:
    plain = " ".join(text.replace("\\", " ").replace('"', "'").split())
    return '"""' + "\n".join(textwrap.wrap(plain, 82)) + '"""'


def _from_app(wanted: Sequence[str], tests: Sequence[_Function]) -> str:
    used = {name for test in tests for name in _free(test.body)}
    names = sorted(name for name in wanted if name in used)
    return f"from app import {', '.join(names)}" if names else ""


def _helpers(names: set[str]) -> list[str]:
    """The helpers among these names, and those that they need, in the order of their names."""
    found: set[str] = set()
    todo = [name for name in names if name in HELPERS]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other for other in _free(HELPERS[name]) if other in HELPERS]
    return sorted(found)


def _clients(body: str) -> list[str]:
    """What a body names and nothing else provides is a client."""
    provided = {*IMPORTS, *FIXTURES, *HELPERS, *dir(builtins), *PARAMETERS}
    return sorted(_free(body) - provided)


def _service(client: str) -> str:
    return CLIENTS.get(client, re.sub("_", "-", client))


def _free(source: str) -> set[str]:
    tree = ast.parse(textwrap.dedent(source))
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    named = (ast.FunctionDef, ast.ExceptHandler)
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, named) and node.name}
    return _loaded(source) - bound


def _loaded(source: str) -> set[str]:
    tree = ast.parse(textwrap.dedent(source))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
