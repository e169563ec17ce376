"""The Terraform Registry as a source: which of its modules come, and where each one lies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.discovery import registry
from pytest_lsqm.discovery.base import Location
from pytest_lsqm.discovery.registry import TerraformRegistry, location
from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import DiscoveryError, Unreachable
from tests.discovery.servers.registry import Module, RegistryServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.discovery.base import Package

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with RegistryServer(Module("acme", "queue", version="2.1.0"), Module("acme", "table")) as serving:
        yield serving


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(patience=0.2, timeout=10.0, deadline=20.0) as made:
        yield made


def modules(web: Web, server: RegistryServer, since: datetime | None = None, **asked: Any) -> list[str]:
    return [package.name for package in TerraformRegistry(web, server.address, **asked).packages(since)]


def package(web: Web, server: RegistryServer) -> Package:
    return next(iter(TerraformRegistry(web, server.address, ["acme"]).packages(None)))


# What is listed


def test_a_module_is_a_package_of_its_newest_version(web: Web, server: RegistryServer) -> None:
    found = package(web, server)
    assert found.url == f"{server.address}/modules/acme/queue/aws"
    assert (found.name, found.revision, found.version) == ("acme-queue", "2.1.0", "2.1.0")
    assert (found.source_type, found.layout, found.description) == ("terraform_registry", "module", "A module")
    assert found.address_of("examples/a") == f"{found.url}/2.1.0/examples/a"
    assert found.published_at == datetime(2024, 3, 1, 12, 0, 0, 123456, UTC)


@pytest.mark.parametrize("most", [15, 100])
def test_a_listing_is_read_to_its_end(web: Web, most: int) -> None:
    wanted = [f"m{number}" for number in range(230)]
    with RegistryServer(*(Module("acme", name) for name in wanted), most=most) as server:
        assert modules(web, server, namespaces=["acme"]) == [f"acme-{name}" for name in wanted]
        pages = [path for path in server.paths() if path.startswith("/v1/modules/acme?")]
    assert len(pages) == -(-230 // most)
    assert all("provider=aws" in path for path in pages)


def test_a_listing_that_never_ends_is_left(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_PAGES", 7)
    with RegistryServer(Module("acme", "queue"), endless=True) as server:
        assert modules(web, server, namespaces=["acme"]) == ["acme-queue"]
        assert len([path for path in server.paths() if path.startswith("/v1/modules/acme")]) == 7


def test_a_next_page_that_is_no_further_ends_the_listing(web: Web, server: RegistryServer) -> None:
    entry = Module("acme", "queue").entry()
    server.fail("/v1/modules/acme", 200, body={"meta": {"next_offset": 0}, "modules": [entry]})
    assert modules(web, server, namespaces=["acme"]) == ["acme-queue"]


def test_without_namespaces_and_searches_everything_is_listed(web: Web, server: RegistryServer) -> None:
    server.modules.append(Module("other", "topic", verified=False))
    assert modules(web, server) == ["acme-queue", "acme-table"]
    assert modules(web, server, verified=False) == ["acme-queue", "acme-table", "other-topic"]


def test_a_module_that_several_listings_have_comes_once(web: Web, server: RegistryServer) -> None:
    server.modules.append(Module("other", "queue"))
    found = modules(web, server, namespaces=["acme", "acme"], searches=["queue"])
    assert found == ["acme-queue", "acme-table", "other-queue"]


def test_the_modules_of_a_named_namespace_need_not_be_verified(web: Web, server: RegistryServer) -> None:
    server.modules += [Module("known", "one", verified=False), Module("strange", "queue", verified=False)]
    found = modules(web, server, namespaces=["known"], searches=["queue"], verified=True)
    assert found == ["known-one", "acme-queue"]


def test_what_is_older_than_asked_for_is_left_out(web: Web, server: RegistryServer) -> None:
    server.modules[0].published_at = "2023-12-31T23:59:59Z"
    server.modules.append(Module("acme", "undated", published_at=None))
    found = modules(web, server, datetime(2024, 1, 1, tzinfo=UTC), namespaces=["acme"])
    assert found == ["acme-table", "acme-undated"]


@pytest.mark.parametrize("published", ["yesterday", "2024-03-01T12:00:00", "", 5, ["2024"]])
def test_a_time_that_nobody_can_read_is_no_time(web: Web, server: RegistryServer, published: Any) -> None:
    server.modules[0].published_at = published
    assert package(web, server).published_at is None


@pytest.mark.parametrize(
    "entry",
    [
        {"provider": "azurerm"},
        {"name": "../../etc"},
        {"namespace": "a/b"},
        {"version": "1.0/../2"},
        {"version": None},
        {"name": 5},
        {"name": "-x"},
        {"namespace": "a b"},
        {"name": "a\n"},
    ],
)
def test_a_module_of_another_kind_or_with_an_odd_name_is_passed_over(
    web: Web, server: RegistryServer, entry: dict[str, Any]
) -> None:
    listed = [Module("acme", "odd").entry() | entry, "what", Module("acme", "good").entry()]
    server.fail("/v1/modules/acme", 200, body={"modules": listed})
    assert modules(web, server, namespaces=["acme"]) == ["acme-good"]


# What goes wrong


@pytest.mark.parametrize("body", [{}, [], {"modules": {}}, "what", {"modules": None}])
def test_what_is_no_listing_is_said(web: Web, server: RegistryServer, body: Any) -> None:
    server.fail("/v1/modules/acme", 200, body=body)
    with pytest.raises(DiscoveryError, match="something other than a list of modules"):
        modules(web, server, namespaces=["acme"])


@pytest.mark.parametrize("meta", [[], "x", None, {"next_offset": "9"}, {"next_offset": None}])
def test_a_listing_with_an_odd_next_page_is_taken_as_its_end(web: Web, server: RegistryServer, meta: Any) -> None:
    server.fail("/v1/modules/acme", 200, body={"meta": meta, "modules": [Module("acme", "queue").entry()]})
    assert modules(web, server, namespaces=["acme"]) == ["acme-queue"]


@pytest.mark.parametrize("body", [{}, [], {"modules.v1": 5}, {"providers.v1": "/v1/providers/"}])
def test_what_is_no_registry_is_said(web: Web, server: RegistryServer, body: Any) -> None:
    server.fail("/.well-known", 200, body=body)
    with pytest.raises(DiscoveryError, match=r"is no module registry: it names no modules\.v1 service"):
        modules(web, server, namespaces=["acme"])


def test_a_namespace_that_is_missing_keeps_nobody_from_the_others(web: Web, server: RegistryServer) -> None:
    server.fail("/v1/modules/gone", 404)
    found: list[Package] = []
    with pytest.raises(DiscoveryError, match=r"/v1/modules/gone is not there \(status 404\)"):
        found.extend(TerraformRegistry(web, server.address, ["gone", "acme"]).packages(None))
    assert [each.name for each in found] == ["acme-queue", "acme-table"]


def test_a_registry_in_trouble_ends_the_listing(web: Web, server: RegistryServer) -> None:
    server.fail("/v1/modules/first", 501)
    with pytest.raises(Unreachable, match="status 501"):
        modules(web, server, namespaces=["first", "acme"])
    assert not [path for path in server.paths() if "acme" in path]


def test_a_name_with_signs_in_it_stays_within_its_part_of_the_address(web: Web, server: RegistryServer) -> None:
    assert modules(web, server, namespaces=["../x?y"]) == []
    assert [path for path in server.paths() if path.startswith("/v1/modules/..%2Fx%3Fy?")]


# Where a module lies


def test_the_registry_is_asked_where_a_version_lies(web: Web, server: RegistryServer) -> None:
    found = TerraformRegistry(web, server.address).locate(package(web, server))
    assert found == Location(f"{server.address}/archives/acme/queue/aws/2.1.0.tar.gz")


def test_the_service_is_looked_up_once(web: Web, server: RegistryServer) -> None:
    source = TerraformRegistry(web, server.address, ["acme"])
    for each in source.packages(None):
        source.locate(each)
    assert server.paths().count("/.well-known/terraform.json") == 1


def test_a_registry_that_does_not_say_where_is_refused(web: Web, server: RegistryServer) -> None:
    found = package(web, server)
    server.fail("/v1/modules/acme/queue/aws/2.1.0/download", 204)
    with pytest.raises(DiscoveryError, match=r"does not say where 2\.1\.0 lies"):
        TerraformRegistry(web, server.address).locate(found)


DOWNLOAD = "https://registry.example/v1/modules/acme/queue/aws/1.0.0/download"
HERE = "https://registry.example/v1/modules/acme/queue/aws/1.0.0"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("https://x.example/a.tar.gz", Location("https://x.example/a.tar.gz")),
        ("https://x.example/a.tar.gz?archive=tar.gz&key=5", Location("https://x.example/a.tar.gz?key=5")),
        ("https://x.example/a.tar.gz//*?archive=tar.gz", Location("https://x.example/a.tar.gz")),
        ("https://x.example/a.tar.gz//", Location("https://x.example/a.tar.gz")),
        ("https://x.example/a.tar.gz//sub/dir?x=1", Location("https://x.example/a.tar.gz?x=1", inner="sub/dir")),
        ("https://x.example/a.tar.gz//*/sub", Location("https://x.example/a.tar.gz", inner="sub")),
        ("./a.tar.gz?archive=tar.gz", Location(f"{HERE}/a.tar.gz")),
        ("./a.tar.gz//*?archive=tar.gz", Location(f"{HERE}/a.tar.gz")),
        ("../a.tar.gz//sub", Location(f"{HERE.rpartition('/')[0]}/a.tar.gz", inner="sub")),
        ("/files/a.zip", Location("https://registry.example/files/a.zip")),
        (
            "https://api.github.com/repos/x/y/tarball/v1//*?archive=tar.gz",
            Location("https://api.github.com/repos/x/y/tarball/v1"),
        ),
        (
            f"https://codeload.example/x/y/{SHA}.tar.gz",
            Location(f"https://codeload.example/x/y/{SHA}.tar.gz", commit=SHA),
        ),
        (
            f"git::https://github.com/x/y?ref={SHA}",
            Location("https://github.com/x/y", git=True, ref=SHA, commit=SHA),
        ),
        ("git::https://x.example/y.git", Location("https://x.example/y.git", git=True)),
        (
            "git::https://x.example/y.git//modules/z?depth=1&ref=v1.0",
            Location("https://x.example/y.git", git=True, ref="v1.0", inner="modules/z"),
        ),
        ("https://x.example/y.git?ref=main", Location("https://x.example/y.git", git=True, ref="main")),
        ("git::http://[::1]:80/y?ref=v1", Location("http://[::1]:80/y", git=True, ref="v1")),
    ],
)
def test_an_address_of_go_getter_is_understood(given: str, wanted: Location) -> None:
    assert location(given, DOWNLOAD) == wanted


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("s3::https://s3.amazonaws.com/b/k.zip", "leads to s3::, which nothing here fetches"),
        ("hg::http://x.example/y", "leads to hg::, which nothing here fetches"),
        ("git::ssh://git@github.com/x/y.git", "ssh://github.com/x/y.git is not fetched"),
        ("git::git@github.com:x/y.git", "leads to git@github.com:x/y.git, which nothing here fetches"),
        ("file:///etc/passwd", "file:///etc/passwd is not fetched"),
        ("github.com/x/y?token=secret", "leads to github.com/x/y, which nothing here fetches"),
        ("x.zip", "leads to x.zip, which nothing here fetches"),
        ("https://[x/a.zip", "leads to what is no address"),
    ],
)
def test_another_address_is_refused_and_named(given: str, reason: str) -> None:
    with pytest.raises(DiscoveryError) as caught:
        location(given, DOWNLOAD)
    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)
