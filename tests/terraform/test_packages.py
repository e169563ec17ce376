"""What was fetched is taken over without links, without history, and once."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import vendored
from pytest_lsqm.errors import DiscoveryError
from pytest_lsqm.terraform import modules, packages
from tests.support.files import snapshot, write_tree
from tests.terraform.module_registry import DATA, archive, call, commit, serve_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from tests.terraform.module_registry import ModuleRegistry


def make(tmp_path: Path, files: Mapping[str, str], name: str = "arch") -> Path:
    return write_tree(tmp_path / "work" / name, files)


def test_a_package_is_kept_once_without_what_only_its_makers_need(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    registry.add_queue()
    root = make(tmp_path, {"main.tf": call("a", "acme/queue/aws") + call("b", "acme/queue/aws//modules/inner")})
    modules.vendor(engine, root)
    kept = sorted(snapshot(root / "lsqm-modules"))
    assert kept == [
        *("a.inner.base/files/x.txt", "a.inner.base/main.tf"),
        *("a/README.md", "a/main.tf", "a/modules/inner/main.tf", "modules.json"),
    ]
    assert json.loads((root / "lsqm-modules" / "modules.json").read_text())["Modules"][-1] == {
        "Key": "b.base",
        "Source": "acme/base/aws",
        "Version": "1.0.0",
        "Dir": "lsqm-modules/a.inner.base",
    }


def test_a_folder_for_examples_stays_where_a_module_uses_it(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    text = 'output "x" {\n  value = file("${path.module}/docs/x.md")\n}\n'
    registry.add("acme/a/aws", archive({"main.tf": text, "docs/x.md": "x", "test/main.tf": DATA}))
    registry.add("acme/b/aws", archive({"main.tf": DATA, "examples/in/main.tf": DATA}))
    root = make(tmp_path, {"main.tf": call("a", "acme/a/aws") + call("b", "acme/b/aws//examples/in")})
    modules.vendor(engine, root)
    kept = {name for name in snapshot(root / "lsqm-modules") if "/" in name}
    assert kept == {"a/main.tf", "a/docs/x.md", "b/main.tf", "b/examples/in/main.tf"}


def test_a_pipe_in_a_package_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "fetched" / "a").mkdir(parents=True)
    os.mkfifo(tmp_path / "fetched" / "a" / "x")
    record = vendored.Record("a", "acme/a/aws", str(tmp_path / "fetched" / "a"))
    with pytest.raises(DiscoveryError, match="x in module a is not a regular file"):
        packages.collect([record], tmp_path / "fetched", tmp_path / "kept")


def test_more_than_an_architecture_may_hold_is_refused(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    registry.add("acme/a/aws", archive({f"{number}.txt": "" for number in range(2001)} | {"main.tf": DATA}))
    root = make(tmp_path, {"main.tf": call("a", "acme/a/aws")})
    with pytest.raises(DiscoveryError, match="more than 2000 files or 50 MiB"):
        modules.vendor(engine, root)
    assert sorted(snapshot(root)) == ["main.tf"]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mapping[str, str]], str]]:
    """Make a git repository with links in it, by their names and targets, and say how a module names it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    folder = write_tree(tmp_path / "repository", {"main.tf": DATA, "a/x.txt": "x"})
    with serve_files(folder, tmp_path / "authority.pem") as url:

        def make(links: Mapping[str, str]) -> str:
            for name, target in links.items():
                (folder / name).symlink_to(target)
            commit(folder)
            return f"git::{url}.git"

        yield make


@pytest.mark.parametrize("target", ["../outside.txt", "/etc/hostname", "../../../../../../../../../../etc"])
def test_a_link_that_leads_out_of_a_package_is_refused(
    tmp_path: Path, engine: Engine, repository: Callable[[Mapping[str, str]], str], target: str
) -> None:
    root = make(tmp_path, {"main.tf": call("a", repository({"x": target}))})
    with pytest.raises(DiscoveryError, match="x in module a is a link that leads out of the module's package"):
        modules.vendor(engine, root)
    assert sorted(snapshot(root)) == ["main.tf"]


def test_a_link_to_a_folder_around_it_is_refused(
    tmp_path: Path, engine: Engine, repository: Callable[[Mapping[str, str]], str]
) -> None:
    root = make(tmp_path, {"main.tf": call("a", repository({"a/round": ".."}))})
    with pytest.raises(DiscoveryError, match="a/round in module a is a link to a folder around it"):
        modules.vendor(engine, root)


def test_a_link_to_itself_is_refused(
    tmp_path: Path, engine: Engine, repository: Callable[[Mapping[str, str]], str]
) -> None:
    root = make(tmp_path, {"main.tf": call("a", repository({"round": "round"}))})
    with pytest.raises(DiscoveryError, match="round in module a is a link that cannot be followed"):
        modules.vendor(engine, root)


def test_a_link_inside_a_package_becomes_what_it_leads_to(
    tmp_path: Path, engine: Engine, repository: Callable[[Mapping[str, str]], str]
) -> None:
    root = make(tmp_path, {"main.tf": call("a", repository({"y.txt": "a/x.txt", "b": "a", "nowhere": "none"}))})
    modules.vendor(engine, root)
    kept = snapshot(root / "lsqm-modules" / "a")
    assert kept == {**dict.fromkeys(("a/x.txt", "b/x.txt", "y.txt"), b"x"), "main.tf": DATA.encode()}
    assert not any(path.is_symlink() for path in root.rglob("*"))


def test_folders_that_multiply_by_links_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_ENTRIES", 500)
    package = tmp_path / "fetched" / "a"
    for depth in range(20):
        (package / str(depth)).mkdir(parents=True)
        for name in "xy":
            (package / str(depth) / name).symlink_to(f"../{depth + 1}")
    (package / "20").mkdir()
    record = vendored.Record("a", "acme/a/aws", str(package))
    with pytest.raises(DiscoveryError, match="made of more than 500 files"):
        packages.collect([record], tmp_path / "fetched", tmp_path / "kept")
