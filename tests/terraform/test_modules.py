"""Remote modules are fetched once by Terraform itself, and later runs need no network for them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import analysis, process
from pytest_lsqm.errors import AnalysisError
from pytest_lsqm.terraform import modules
from tests.support.files import snapshot, write_tree
from tests.terraform.module_registry import DATA, archive, call, commit, serve_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_lsqm.process import Completed
    from pytest_lsqm.terraform.engine import Engine
    from tests.terraform.module_registry import ModuleRegistry


def make(tmp_path: Path, files: Mapping[str, str], name: str = "arch") -> Path:
    return write_tree(tmp_path / "work" / name, files)


def run(engine: Engine, root: Path, *words: str) -> Completed:
    """Run Terraform where it knows no registry and every other host is out of reach."""
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    env = process.base_environment(root.parent / "home") | nowhere | {"CHECKPOINT_DISABLE": "1"}
    return process.run([*engine.argv, *words, "-no-color"], env=env, cwd=root, timeout=60)


def hash_of(root: Path) -> str:
    gathered = analysis.gather(root)
    return analysis.content_hash(gathered.files, gathered.root)


def copied(root: Path, target: Path) -> Path:
    """Copy what belongs to an architecture, as a store does."""
    gathered = analysis.gather(root)
    for name, path in gathered.files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
    return target / gathered.root


def test_vendored_modules_run_where_there_is_no_registry(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    registry.add_queue()
    calls = call("a", "acme/queue/aws") + call("part", "acme/queue/aws//modules/inner")
    own = {"own/main.tf": call("b", "./../own/deep") + DATA, "own/deep/m.tf": calls}
    root = make(tmp_path, {"main.tf": calls + call("own", "./own/"), **own})
    assert len(analysis.analyse(root).modules) == 2
    modules.vendor(engine, root)
    asked = list(registry.requests)
    assert analysis.analyse(root).modules == ()

    copy = copied(root, tmp_path / "copy")
    modules.install(analysis.load(copy))
    done = run(engine, copy, "init", "-backend=false")
    assert done.ok, done.stdout + done.stderr
    assert "Downloading" not in done.stdout
    assert run(engine, copy, "validate").ok
    assert run(engine, copy, "apply", "-auto-approve").ok
    state = json.loads((copy / "terraform.tfstate").read_text())
    below_queue = ("", ".module.inner", ".module.inner.module.base")
    below_part = ("", ".module.base")
    assert sorted(entry["module"] for entry in state["resources"]) == [
        *(f"module.a{below}" for below in below_queue),
        "module.own",
        *(f"module.own.module.b.module.a{below}" for below in below_queue),
        *(f"module.own.module.b.module.part{below}" for below in below_part),
        *(f"module.part{below}" for below in below_part),
    ]
    assert registry.requests == asked


def test_without_the_list_of_what_is_installed_terraform_would_ask_the_registry(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    registry.add_queue()
    root = make(tmp_path, {"main.tf": call("a", "acme/queue/aws")})
    modules.vendor(engine, root)
    assert not run(engine, root, "init", "-backend=false").ok


def test_a_root_below_the_top_of_its_files_is_vendored_with_its_modules_above(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    registry.add_queue()
    work = make(
        tmp_path,
        {"x/y/z/live/main.tf": call("m", "../../../../shared"), "shared/main.tf": call("q", "acme/queue/aws")},
    )
    modules.vendor(engine, work / "x" / "y" / "z" / "live")
    configuration = analysis.load(work / "x" / "y" / "z" / "live", top=work)
    assert analysis.analyse(configuration).modules == ()
    modules.install(configuration)
    assert run(engine, work / "x" / "y" / "z" / "live", "init", "-backend=false").ok


def test_the_content_of_a_module_is_part_of_the_hash(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    hashes = []
    for number, text in enumerate((DATA, DATA, DATA + "# more\n")):
        registry.add_queue(text)
        root = make(tmp_path, {"main.tf": call("a", "acme/queue/aws")}, f"arch-{number}")
        bare = hash_of(root)
        modules.vendor(engine, root)
        hashes.append(hash_of(root))
    assert hashes[0] == hashes[1]
    assert len({*hashes, bare}) == 3


def test_vendoring_anew_replaces_what_was_there(tmp_path: Path, engine: Engine, registry: ModuleRegistry) -> None:
    registry.add_queue()
    root = make(tmp_path, {"main.tf": call("a", "acme/queue/aws"), "lsqm-modules/old/main.tf": DATA})
    modules.vendor(engine, root)
    assert not (root / "lsqm-modules" / "old").exists()
    assert sorted(path.name for path in root.iterdir()) == ["lsqm-modules", "main.tf"]


def test_an_archive_by_http_is_a_module(tmp_path: Path, engine: Engine, registry: ModuleRegistry) -> None:
    registry.archives["m.tar.gz"] = archive({"deep/main.tf": DATA})
    root = make(tmp_path, {"main.tf": call("a", f"{registry.url}archives/m.tar.gz//deep")})
    modules.vendor(engine, root)
    modules.install(analysis.load(root))
    assert run(engine, root, "init", "-backend=false").ok


def test_a_list_of_installed_modules_that_lies_in_an_architecture_is_not_believed(
    tmp_path: Path, engine: Engine
) -> None:
    listed = {"Modules": [{"Key": "a", "Source": "./a", "Dir": "b"}]}
    files = {
        "main.tf": call("a", "./a"),
        "a/main.tf": DATA,
        "b/main.tf": "",
        ".terraform/modules/modules.json": "",
    }
    root = make(tmp_path, {**files, ".terraform/modules/modules.json": json.dumps(listed)})
    modules.install(analysis.load(root))
    assert run(engine, root, "init", "-backend=false").ok
    assert json.loads((root / ".terraform/modules/modules.json").read_text())["Modules"][-1]["Dir"] == "a"


def test_terraform_gets_the_folder_that_was_analysed_whatever_the_list_says_of_a_second_call(
    tmp_path: Path, engine: Engine
) -> None:
    entries = [
        {"Key": f"{key}.in", "Source": "acme/in/aws", "Version": "1.0.0", "Dir": f"lsqm-modules/{folder}"}
        for key, folder in (("a", "good"), ("b", "evil"))
    ]
    files = {
        "main.tf": call("a", "./m") + call("b", "./m"),
        "m/main.tf": call("in", "acme/in/aws"),
        "lsqm-modules/good/main.tf": DATA,
        "lsqm-modules/evil/main.tf": DATA.replace('"it"', '"evil"'),
        "lsqm-modules/modules.json": json.dumps({"Modules": entries}),
    }
    root = make(tmp_path, files)
    modules.install(analysis.load(root))
    assert run(engine, root, "init", "-backend=false").ok
    planned = run(engine, root, "plan").stdout
    assert "module.b.module.in.terraform_data.it" in planned
    assert "evil" not in planned


def test_a_git_repository_by_https_is_a_module_without_its_history(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(write_tree(tmp_path / "repository", {"main.tf": DATA}))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with serve_files(tmp_path / "repository", tmp_path / "authority.pem") as url:
        root = make(tmp_path, {"main.tf": call("a", f"git::{url}.git?ref=main")})
        modules.vendor(engine, root)
    assert sorted(snapshot(root / "lsqm-modules")) == ["a/main.tf", "modules.json"]
    modules.install(analysis.load(root))
    assert run(engine, root, "init", "-backend=false").ok


def test_calls_that_multiply_without_end_are_refused(tmp_path: Path) -> None:
    files = {
        f"m{depth}/main.tf": call("x", f"../m{depth + 1}") + call("y", f"../m{depth + 1}") for depth in range(20)
    }
    listed = {"Modules": [{"Key": "a", "Source": "acme/a/aws", "Dir": "lsqm-modules/a"}]}
    files |= {"main.tf": call("m", "./m0") + call("a", "acme/a/aws"), "m20/main.tf": "", "lsqm-modules/a/x.tf": ""}
    root = make(tmp_path, {**files, "lsqm-modules/modules.json": json.dumps(listed)})
    with pytest.raises(AnalysisError, match="arch: its modules are called more than 5000 times in all"):
        modules.install(analysis.load(root))
