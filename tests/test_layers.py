"""The layers of design.md, held: who may import whom, and who alone may touch a dependency."""

from __future__ import annotations

import ast
import fnmatch
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1] / "pytest_lsqm"

LAYERS = [
    {"plugin", "cli", "__main__"},
    {"conclusion"},
    {"validation", "reporting", "outreach"},
    {"discovery", "generation", "emulators", "terraform", "subsession", "history", "observing"},
    {"analysis", "corpus", "process", "github"},
    {"settings", "models", "masking"},
    {"errors"},
]
"""From top to bottom: a module may import what stands below it, and nothing beside it or above it."""

OWNERS = {
    # The recorder, and its rehearsal, run inside a session of the app's kind.
    "pytest": ["plugin/*", "subsession/recorder.py", "subsession/rehearsal.py"],
    "_pytest": [],
    "xdist": ["plugin/*"],
    "pytest_timeout": ["plugin/*"],
    "subprocess": ["process/*", "emulators/launch.py"],  # the launcher runs inside the emulator's own process
    "asyncio.subprocess": [],
    "pty": [],
    "hcl2": ["analysis/*"],
    "lark": ["analysis/*"],
    "testcontainers": ["emulators/container.py", "emulators/container/*"],
    "docker": ["emulators/container.py", "emulators/container/*"],
    "anthropic": ["generation/claude.py"],
    "jinja2": ["reporting/html*"],
    "github": ["github.py", "github/*"],
    "aiohttp": ["observing/*"],
    "grpc": ["terraform/relay.py"],
    "botocore": ["observing/*", "generation/builtin/*", "emulators/leftovers/*"],
    "jmespath": ["emulators/leftovers/*"],
    "requests": ["discovery/connections.py", "discovery/web.py", "github.py", "outreach/webhooks.py"],
    "urllib3": ["discovery/connections.py", "discovery/web.py"],
    "yaml": ["discovery/*"],
    "samtranslator": ["discovery/cloudformation/*"],
    "tqdm": ["cli/mine.py"],
}
"""The only files that may import a dependency."""

FORBIDDEN_CALLS = [
    "os.system", "os.popen", "os.exec*", "os.spawn*", "os.posix_spawn*", "os.fork*", "pty.*",
    "asyncio.create_subprocess_*",
]  # fmt: skip
"""The side doors to other processes, which nobody may use."""

INSIDE = {"process/door.py", "process/entering.py", "process/forkserver.py"}
"""Scripts that run inside what `process` has started, and become or fork what they are there for."""

MAX_LINES = 400


@dataclass(frozen=True)
class Import:
    """An import statement: `eager` if it happens as soon as its module is loaded."""

    name: str
    line: int
    eager: bool


def _modules(root: Path) -> list[Path]:
    return sorted(root.rglob("*.py"))


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _imports(root: Path, path: Path) -> Iterator[Import]:
    """Yield the full name of everything imported, `from a import b` as `a.b`."""
    package = [root.name, *path.relative_to(root).parent.parts]
    tree = _parse(path)
    lazy = _lazy_nodes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = [*base, *([node.module] if node.module else [])]
            names = [".".join([*prefix, alias.name]) for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names = [str(word.value) for word in node.args[:1] if isinstance(word, ast.Constant)]
        else:
            continue
        for name in names:
            yield Import(name, node.lineno, node not in lazy)


def _lazy_nodes(tree: ast.Module) -> set[ast.AST]:
    """Return what is inside a function or under `if TYPE_CHECKING`."""
    lazy: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and not ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.If):
            lazy |= {inner for statement in node.body for inner in ast.walk(statement)}
    return lazy


def _level(module: str) -> int | None:
    return next((depth for depth, layer in enumerate(LAYERS) if module in layer), None)


def wrong_directions(root: Path) -> list[str]:
    """Name every import that does not point down."""
    found = []
    for path in _modules(root):
        own = path.relative_to(root).parts[0].removesuffix(".py")
        for item in _imports(root, path):
            parts = item.name.split(".")
            if parts[0] != root.name or len(parts) == 1 or parts[1] == own:
                continue
            if own == "__init__":
                # The package itself stands below all layers: every module's import loads it first.
                found.append(f"{path.relative_to(root)}:{item.line} imports {item.name}")
                continue
            mine, other = _level(own), _level(parts[1])
            if mine is None:
                found.append(f"{own} stands in no layer")
            elif other is None or other <= mine:
                found.append(f"{path.relative_to(root)}:{item.line} imports {item.name}")
    return found


def stray_dependencies(root: Path) -> list[str]:
    """Name every import of a dependency by a file that does not own it."""
    found = []
    for path in _modules(root):
        place = path.relative_to(root).as_posix()
        for item in _imports(root, path):
            for dependency, owners in OWNERS.items():
                wanted = item.name == dependency or item.name.startswith(f"{dependency}.")
                if wanted and not any(fnmatch.fnmatch(place, owner) for owner in owners):
                    found.append(f"{place}:{item.line} imports {item.name}")
    return found


def side_doors(root: Path) -> list[str]:
    """Name every use of a function that starts a process, by whatever name its module is imported."""
    found = []
    for path in _modules(root):
        if path.relative_to(root).as_posix() in INSIDE:
            continue
        tree = _parse(path)
        aliases = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        uses = [(item.name, item.line) for item in _imports(root, path)]
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                head, _, rest = ast.unparse(node).partition(".")
                uses.append((f"{aliases.get(head, head)}.{rest}", node.lineno))
        found += [
            f"{path.relative_to(root)}:{line} uses {name}"
            for name, line in uses
            if any(fnmatch.fnmatchcase(name, forbidden) for forbidden in FORBIDDEN_CALLS)
        ]
    return found


def long_files(root: Path) -> list[str]:
    """Name every file that is too long to be read in one go."""
    return [
        f"{path.relative_to(root)} has {lines} lines"
        for path in _modules(root)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    ]


def heavy_at_start(root: Path) -> list[str]:
    """Name what a pytest run without `--lsqm` would load beyond pytest and the standard library."""
    found = []
    waiting, seen = [root / "__init__.py", root / "plugin" / "__init__.py"], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for item in _imports(root, path):
            top, *rest = item.name.split(".")
            if not item.eager or top == "pytest" or top in sys.stdlib_module_names:
                continue
            if top != root.name:
                found.append(f"{path.relative_to(root)}:{item.line} imports {item.name}")
                continue
            for depth in range(len(rest) + 1):
                base = root.joinpath(*rest[:depth])
                waiting += [file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()]
    return found


CHECKS = [wrong_directions, stray_dependencies, side_doors, long_files, heavy_at_start]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_package_keeps_its_layers(check: object) -> None:
    assert callable(check)
    assert check(ROOT) == []


def test_history_reads_no_file_and_starts_nothing() -> None:
    own = {f"{ROOT.name}.{name}" for name in ("models", "errors")}
    pure = {"__future__", "collections", "dataclasses", "datetime", "fractions", "hashlib", "typing", "uuid"}
    own |= {f"{ROOT.name}.history"}
    for item in (item for path in (ROOT / "history").glob("*.py") for item in _imports(ROOT, path)):
        assert item.name.split(".")[0] in pure or ".".join(item.name.split(".")[:2]) in own, item


# The checks themselves, on trees made for them


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "pytest_lsqm"
    for name in ("plugin", "corpus", "process", "emulators", "analysis", "subsession"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text("")
    for name in ("__init__", "models", "errors", "settings", "history", "cli"):
        (root / f"{name}.py").write_text("")
    return root


def _put(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_an_empty_tree_breaks_no_rule(tree: Path) -> None:
    assert [check(tree) for check in CHECKS] == [[], [], [], [], []]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("models.py", "from pytest_lsqm.corpus import Store"),
        ("models.py", "import pytest_lsqm.settings"),
        ("errors.py", "from pytest_lsqm import models"),
        ("corpus/store.py", "from pytest_lsqm import process"),
        ("corpus/store.py", "from ..process import run"),
        ("corpus/store.py", "from .. import process"),
        ("corpus/store.py", "def f():\n    from pytest_lsqm.history import baseline"),
        ("corpus/store.py", "if TYPE_CHECKING:\n    from pytest_lsqm.plugin import session"),
        ("corpus/store.py", "import importlib\nimportlib.import_module('pytest_lsqm.cli')"),
        ("emulators/moto.py", "from pytest_lsqm.subsession import record"),
        ("cli.py", "from pytest_lsqm.plugin import options"),
        ("__init__.py", "from pytest_lsqm.models import Run"),
        ("stray.py", "from pytest_lsqm.models import Run"),
        ("models.py", "from pytest_lsqm.stray import x"),
    ],
)
def test_an_import_beside_or_upwards_is_found(tree: Path, name: str, text: str) -> None:
    _put(tree, name, text)
    assert len(wrong_directions(tree)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("corpus/store.py", "from pytest_lsqm.corpus import files\nfrom . import runs\nfrom .runs import read"),
        ("corpus/store.py", "from ..models import Run\nfrom pytest_lsqm import errors"),
        ("plugin/session.py", "import pytest\nfrom pytest_lsqm import history, process, cli_like"),
        ("history.py", "from pytest_lsqm.models import Run\nimport fractions"),
    ],
)
def test_an_import_downwards_or_at_home_is_allowed(tree: Path, name: str, text: str) -> None:
    _put(tree, name, text.replace(", cli_like", ""))
    assert wrong_directions(tree) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("corpus/store.py", "import pytest"),
        ("subsession/record.py", "from pytest import Item"),
        ("plugin/session.py", "from _pytest.config import Config"),
        ("emulators/host.py", "import subprocess as s"),
        ("emulators/host.py", "from subprocess import run"),
        ("emulators/host.py", "from asyncio import subprocess"),
        ("emulators/host.py", "def f():\n    import pty"),
        ("corpus/store.py", "import hcl2.api"),
        ("emulators/localstack.py", "from testcontainers.core import x"),
        ("emulators/localstack.py", "import docker"),
        ("generation/builtin.py", "import anthropic"),
        ("reporting/terminal.py", "from jinja2 import Environment"),
        ("outreach/issues.py", "from github import Github"),
    ],
)
def test_a_dependency_away_from_its_owner_is_found(tree: Path, name: str, text: str) -> None:
    _put(tree, name, text)
    assert len(stray_dependencies(tree)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plugin/session.py", "import pytest"),
        ("subsession/recorder.py", "import pytest"),
        ("process/guard.py", "import subprocess"),
        ("emulators/container.py", "import docker, testcontainers.core"),
        ("generation/claude.py", "import anthropic"),
        ("reporting/html.py", "import jinja2"),
        ("reporting/html/page.py", "import jinja2"),
        ("github.py", "import github"),
        ("outreach/issues.py", "from pytest_lsqm import github"),
    ],
)
def test_a_dependency_with_its_owner_is_allowed(tree: Path, name: str, text: str) -> None:
    _put(tree, name, text)
    assert stray_dependencies(tree) == []


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system('ls')",
        "import os as o\no.popen('ls')",
        "import os\nos.execvpe('ls', [], {})",
        "import os\nos.spawnl(0, 'ls')",
        "import os\nrun = os.posix_spawn",
        "import os\nos.fork()",
        "from os import system as s",
        "import asyncio\nasyncio.create_subprocess_shell('ls')",
    ],
)
def test_a_side_door_to_processes_is_found_even_in_process(tree: Path, text: str) -> None:
    _put(tree, "process/guard.py", text)
    assert len(side_doors(tree)) == 1


def test_killing_and_reading_the_environment_are_no_side_doors(tree: Path) -> None:
    _put(tree, "process/guard.py", "import os\nos.killpg(1, 9)\nos.environ.get('x')\nself.os.system_name")
    assert side_doors(tree) == []


def test_a_file_that_is_too_long_is_found(tree: Path) -> None:
    _put(tree, "cli.py", "x = 1\n" * 401)
    assert long_files(tree) == ["cli.py has 401 lines"]


@pytest.mark.parametrize(
    ("plugin", "other"),
    [
        ("import pydantic", ""),
        ("from pytest_lsqm.plugin.options import x", "import pydantic"),
        ("from .options import x", "from pytest_lsqm import models"),
        ("from pytest_lsqm import plugin\nimport pytest_lsqm.plugin.options", "import platformdirs"),
        ("try:\n    import xdist\nexcept ImportError:\n    pass", ""),
    ],
)
def test_what_the_plugin_loads_without_being_asked_is_found(tree: Path, plugin: str, other: str) -> None:
    _put(tree, "models.py", "import pydantic")
    _put(tree, "plugin/__init__.py", plugin)
    _put(tree, "plugin/options.py", other)
    assert len(heavy_at_start(tree)) == 1


def test_what_the_plugin_loads_only_when_asked_is_allowed(tree: Path) -> None:
    _put(tree, "models.py", "import pydantic")
    _put(
        tree,
        "plugin/__init__.py",
        "import typing, pytest\nfrom pytest_lsqm.plugin.options import x\n"
        "if typing.TYPE_CHECKING:\n    import pydantic\n"
        "def pytest_configure(config):\n    from pytest_lsqm.models import Run",
    )
    _put(tree, "plugin/options.py", "import dataclasses")
    assert heavy_at_start(tree) == []
