"""Modules that may not be fetched, or cannot be, and how that is said."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import analysis
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, Unreachable
from pytest_lsqm.terraform import modules
from tests.support.files import snapshot, write_tree
from tests.terraform import module_registry
from tests.terraform.module_registry import DATA, archive, call

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from tests.terraform.module_registry import ModuleRegistry


def make(tmp_path: Path, files: Mapping[str, str], name: str = "arch") -> Path:
    return write_tree(tmp_path / "work" / name, files)


@pytest.mark.parametrize(
    "source",
    [
        *("git::ssh://git@example.com/a.git", "git@github.com:a/b.git", "git::file:///tmp/a", "file:///tmp/a"),
        *(
            "/tmp/a",
            "s3::https://s3.amazonaws.com/b/k.zip",
            "gcs::https://www.googleapis.com/b",
            "hg::https://x.y/z",
        ),
        *("git::http://example.com/a.git", "ssh://git@example.com/a.git", "git::-oProxyCommand=x"),
        *("https://example.com/a.zip//../../b", "https://example.com/a.zip//%2e%2e/b", "https:///a.zip"),
        *("github.com/a/b?ref=--upload-pack=x", "github.com/a/b?sshkey=eA==", "a/b/aws//../../../x", "."),
        "https://example.com/a.zip?checksum=file:/etc/passwd",
    ],
)
def test_a_source_that_reaches_other_things_is_refused_before_anything_is_fetched(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, source: str
) -> None:
    registry.add_queue()
    root = make(
        tmp_path, {"main.tf": call("a", "acme/base/aws") + call("m", "./m"), "m/main.tf": call("b", source)}
    )
    with pytest.raises(DiscoveryError) as refused:
        modules.vendor(engine, root)
    assert str(refused.value) == (
        f"module.b in m wants {source}: only modules of a registry, archives, and git repositories by https "
        "are fetched"
    )
    assert registry.requests == []


@pytest.mark.parametrize(
    "source",
    [
        *("acme/queue/aws", "acme/queue/aws//modules/x", "registry.example.com:8443/acme/queue/aws"),
        *(
            "github.com/a/b",
            "github.com/a/b//modules/x?ref=v1.0",
            "bitbucket.org/a/b",
            "https://example.com/a.zip",
        ),
        *("git::https://example.com/a.git//b?ref=v1&depth=1", "http://example.com/a.tar.gz?archive=tgz", "./m"),
    ],
)
def test_registries_archives_and_git_by_https_are_allowed(tmp_path: Path, source: str) -> None:
    root = make(tmp_path, {"main.tf": call("a", source), "m/main.tf": ""})
    assert modules.objections(analysis.load(root)) == ()


def test_a_computed_source_is_refused(tmp_path: Path, engine: Engine) -> None:
    root = make(tmp_path, {"main.tf": call("a", "${var.where}")})
    with pytest.raises(DiscoveryError, match=r"module\.a has a source that is computed"):
        modules.vendor(engine, root)


@pytest.mark.parametrize("again", [1, 2])
def test_a_path_of_this_machine_in_a_fetched_module_is_refused(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, again: int
) -> None:
    secret = write_tree(tmp_path / "secret", {"main.tf": DATA, "key.txt": "secret"})
    # The second call of one package is copied by Terraform where the first is a link.
    calls = "".join(call(f"in{number}", str(secret)) for number in range(again))
    registry.add("acme/evil/aws", archive({"main.tf": calls}))
    root = make(tmp_path, {"main.tf": call("a", "acme/evil/aws")})
    with pytest.raises(DiscoveryError, match=rf"module\.a\.module\.in0 wants file://{secret}: only"):
        modules.vendor(engine, root)
    assert sorted(snapshot(root)) == ["main.tf"]


@pytest.mark.parametrize("again", [1, 2])
def test_a_registry_that_points_to_a_path_of_this_machine_gives_nothing(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, again: int
) -> None:
    secret = write_tree(tmp_path / "secret", {"main.tf": DATA, "key.txt": "secret"})
    registry.point("acme/evil/aws", f"file://{secret}")
    root = make(tmp_path, {"main.tf": "".join(call(f"a{number}", "acme/evil/aws") for number in range(again))})
    with pytest.raises(DiscoveryError):
        modules.vendor(engine, root)
    assert sorted(snapshot(root)) == ["main.tf"]


def test_ssh_in_a_fetched_module_is_never_started(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nexit 1\n")
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    registry.add("acme/evil/aws", archive({"main.tf": call("in", "git::ssh://git@127.0.0.1/x.git")}))
    with pytest.raises(DiscoveryError, match="transport 'ssh' not allowed"):
        modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/evil/aws")}))
    assert not (tmp_path / "started").exists()


def test_a_module_that_fills_the_disk_is_stopped(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modules, "MAX_FETCHED", 0)
    registry.add_queue()
    with pytest.raises(DiscoveryError, match="more than 0 MiB to fetch"):
        modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/queue/aws")}))


def test_a_fetch_that_does_not_end_may_do_so_another_time(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modules, "SECONDS", 0.0)
    with pytest.raises(Unreachable, match="within 0 s"):
        modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/queue/aws")}))


def test_modules_of_terraform_tests_are_refused(tmp_path: Path, engine: Engine, registry: ModuleRegistry) -> None:
    registry.add_queue()
    test = 'run "x" {\n  command = plan\n  module {\n    source = "acme/base/aws"\n  }\n}\n'
    root = make(tmp_path, {"main.tf": call("a", "acme/queue/aws"), "tests/x.tftest.hcl": test})
    with pytest.raises(DiscoveryError, match="its Terraform tests call the module"):
        modules.vendor(engine, root)


def test_a_module_that_the_registry_does_not_know_is_named(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    with pytest.raises(DiscoveryError, match="its modules cannot be fetched: Module not found: ") as refused:
        modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/none/aws")}))
    assert not isinstance(refused.value, Unreachable)
    assert "\n" not in str(refused.value)
    assert 'Module "a"' in str(refused.value)


def test_an_archive_that_is_gone_is_no_matter_of_the_network(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    registry.point("acme/a/aws", f"{registry.url}archives/gone.tar.gz")
    with pytest.raises(DiscoveryError, match="404") as refused:
        modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/a/aws")}))
    assert not isinstance(refused.value, Unreachable)


@pytest.mark.parametrize("status", [429, 503])
def test_a_registry_that_is_out_of_order_may_be_well_another_time(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, status: int
) -> None:
    registry.status = status
    with pytest.raises(Unreachable):
        modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/a/aws")}))


@pytest.mark.parametrize("source", ["acme/a/aws", "https://127.0.0.1:9/a.zip", "git::https://127.0.0.1:9/a.git"])
def test_a_server_that_is_gone_may_be_back_another_time(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    with module_registry.serve() as server:
        (tmp_path / "user.tfrc").write_text(server.cli_config())
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "user.tfrc"))
    root = make(tmp_path, {"main.tf": call("a", source)})
    with pytest.raises(Unreachable, match="its modules cannot be fetched"):
        modules.vendor(engine, root)
    assert sorted(snapshot(root)) == ["main.tf"]


def test_the_users_tokens_stay_with_the_user(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_TOKEN_registry_terraform_io", "secret")
    registry.add_queue()
    modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/queue/aws")}))
    assert [line for line in registry.requests if "token" in line] == []


def test_what_fetches_modules_is_told_of_no_token(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("TF_TOKEN_registry_terraform_io", "GITHUB_TOKEN")
    for name in (*names, "PIP_INDEX_URL", "NPM_CONFIG__AUTH", "UV_INDEX_X_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    told = tmp_path / "told"
    dumping = replace(engine, argv=("sh", "-c", f'env > {told}; exec "$@"', "sh", *engine.argv))
    registry.add_queue()
    modules.vendor(dumping, make(tmp_path, {"main.tf": call("a", "acme/queue/aws")}))
    assert "TF_DATA_DIR=" in told.read_text()
    assert "secret" not in told.read_text()


def test_a_cli_configuration_that_cannot_be_read_is_the_machines_problem(
    tmp_path: Path, engine: Engine, registry: ModuleRegistry
) -> None:
    (tmp_path / "user.tfrc").write_text("host {")
    with pytest.raises(EnvironmentProblem, match=r"user\.tfrc"):
        modules.vendor(engine, make(tmp_path, {"main.tf": call("a", "acme/queue/aws")}))
