"""The web as it is: slow, refusing, endless, curious for tokens."""

from __future__ import annotations

import gzip
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import trustme

import pytest_lsqm.discovery
from pytest_lsqm.discovery import connections
from pytest_lsqm.discovery import web as web_module
from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, LsqmError, Unreachable, UsageError
from tests.support.loopback import Server, answer, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.loopback import Answer, Request

SECRET = "geheim"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as serving:
        yield serving


@pytest.fixture
def other() -> Iterator[Server]:
    with Server({"/": answer(body=b"{}")}) as serving:
        yield serving


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(patience=0.05, timeout=5.0, deadline=20.0) as made:
        yield made


def refused(web: Web, url: str, kind: type[DiscoveryError] = DiscoveryError) -> str:
    with pytest.raises(DiscoveryError) as caught:
        web.get_json(f"{url}?token={SECRET}#{SECRET}")
    assert type(caught.value) is kind, caught.value
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def authorizations(server: Server) -> list[str | None]:
    return [request.headers["Authorization"] for request in server.asked]


# What is asked, and who gets to see a token


def test_json_is_read_and_the_question_names_who_asks(server: Server, web: Web) -> None:
    server.answers["/list"] = answer(body=b'{"modules": ["\xc3\xbc"]}')
    assert web.get_json(server.url("/list"), {"q": "a b", "limit": 5}) == {"modules": ["ü"]}
    (request,) = server.asked
    assert request.path == "/list?q=a+b&limit=5"
    assert request.headers["User-Agent"].startswith("pytest-lsqm/")
    assert authorizations(server) == [None]


def test_a_token_goes_to_its_host_and_to_no_other(server: Server, other: Server) -> None:
    server.answers["/"] = answer(body=b"{}")
    with Web({server.netloc: SECRET}) as web:
        web.get_json(server.url("/"))
        web.get_json(other.url("/"))
    assert (authorizations(server), authorizations(other)) == ([f"Bearer {SECRET}"], [None])


def test_a_redirect_to_another_host_drops_the_token_and_the_question(server: Server, other: Server) -> None:
    server.answers["/"] = answer(302, Location=other.url("/"))
    with Web({server.netloc: SECRET}) as web:
        assert web.get_json(server.url("/"), {"token": SECRET}) == {}
    assert (authorizations(server), authorizations(other)) == ([f"Bearer {SECRET}"], [None])
    assert other.paths() == ["/"]


def test_a_redirect_to_a_host_with_a_token_of_its_own_sends_that_one(server: Server, other: Server) -> None:
    server.answers["/"] = answer(302, Location=other.url("/"))
    with Web({server.netloc: SECRET, other.netloc: "another"}) as web:
        web.get_json(server.url("/"))
    assert authorizations(other) == ["Bearer another"]


def test_a_redirect_within_a_host_keeps_the_token(server: Server) -> None:
    server.answers |= {"/": answer(301, Location="new"), "/new": answer(body=b"{}")}
    with Web({server.netloc: SECRET}) as web:
        web.get_json(server.url("/"))
    assert authorizations(server) == [f"Bearer {SECRET}"] * 2


@pytest.mark.parametrize("token", [f"{SECRET}\nX-Other: 1", f" {SECRET}", f"{SECRET}ü"])
def test_a_token_that_no_header_can_hold_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(UsageError) as caught:
        Web({"example.com": token})
    assert "the token for example.com cannot be sent" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_several_threads_may_ask_at_once(server: Server, web: Web) -> None:
    together = threading.Barrier(4, timeout=20)

    def wait(request: Request) -> None:
        together.wait()
        request.send(body=b"1")

    server.answers["/"] = wait
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(web.get_json, [server.url("/")] * 4)) == [1] * 4


def test_without_requests_the_next_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    monkeypatch.delitem(sys.modules, "pytest_lsqm.discovery.connections", raising=False)
    monkeypatch.delattr(pytest_lsqm.discovery, "connections", raising=False)
    with pytest.raises(UsageError, match=r"without the package requests: pip install 'pytest-lsqm\[mine\]'"):
        Web()


def test_what_is_fetched_comes_as_it_is_and_not_compressed_on_the_way(server: Server, web: Web) -> None:
    def compressing(request: Request) -> None:
        wanted = "gzip" in request.headers["Accept-Encoding"]
        request.send(body=gzip.compress(b"1") if wanted else b"1")

    server.answers["/x"] = compressing
    assert web.get_json(server.url("/x")) == 1


def test_no_token_follows_a_redirect_that_leaves_tls(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.answers["/"] = answer(body=b"1")
    with (
        authority.cert_pem.tempfile() as trusted,
        Server({"/": answer(302, Location=server.url("/"))}, tls=context) as safe,
    ):
        session = connections.session()
        session.verify = trusted
        monkeypatch.setattr(connections, "session", lambda: session)
        with Web({safe.netloc: SECRET, server.netloc: SECRET}) as web:
            assert web.get_json(safe.url("/")) == 1
    assert (authorizations(safe), authorizations(server)) == ([f"Bearer {SECRET}"], [None])


# Refused for good


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_is_final_and_says_its_status(server: Server, web: Web, status: int) -> None:
    server.answers["/x"] = answer(status)
    reason = refused(web, server.url("/x"))
    assert reason.startswith(f"{server.url('/x')} ")
    assert reason.endswith(f"(status {status})")
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [201, 204, 206, 300, 304])
def test_an_answer_of_another_kind_is_no_json(server: Server, web: Web, status: int) -> None:
    server.answers["/x"] = answer(status)
    assert f"answers with status {status}" in refused(web, server.url("/x"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe\xfd", b"[" * 100_000])
def test_what_is_not_json_is_refused(server: Server, web: Web, body: bytes) -> None:
    server.answers["/x"] = answer(body=body)
    assert "something other than JSON" in refused(web, server.url("/x"))


def endless(request: Request) -> None:
    request.raw(b"HTTP/1.1 200 OK\r\n\r\n[")
    while not request.released.is_set():
        request.raw(b"1," * 10_000)


@pytest.mark.parametrize(
    "huge", [answer(Content_Length="20971521"), endless], ids=["by its length", "by its bytes"]
)
def test_json_without_end_is_refused(server: Server, web: Web, huge: Answer) -> None:
    server.answers["/x"] = huge
    assert "answers with more than 20 MiB" in refused(web, server.url("/x"))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/x",
        "example.com/x",
        "http:///x",
        "http://[x/",
        "http://a b/",
        "http://*/",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(web: Web, url: str) -> None:
    assert "address" in refused(web, url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.com/", "gopher://x"])
def test_a_redirect_out_of_the_web_is_refused(server: Server, web: Web, target: str) -> None:
    server.answers["/x"] = answer(302, Location=f"{target}?{SECRET}")
    assert f"leads to {target.rstrip('/')}" in refused(web, server.url("/x"))


@pytest.mark.parametrize("target", ["http://[", "http://a b/", "http://\xff/"])
def test_a_redirect_to_what_is_no_address_is_refused(server: Server, web: Web, target: str) -> None:
    server.answers["/x"] = answer(302, Location=target)
    assert "no address" in refused(web, server.url("/x"))


def test_a_redirect_in_a_circle_ends(server: Server, web: Web) -> None:
    server.answers["/x"] = answer(302, Location=f"/x?{SECRET}")
    assert "more than 10 redirects" in refused(web, server.url("/x"))
    assert len(server.asked) == 11


def test_ten_redirects_are_followed(server: Server, web: Web) -> None:
    server.answers["/x"] = in_turn(*[answer(307, Location="/x")] * 10, answer(body=b"1"))
    assert web.get_json(server.url("/x")) == 1


# For now


def test_a_server_that_asks_for_a_second_gets_it(server: Server) -> None:
    early: list[float] = []
    free = 0.0

    def busy(request: Request) -> None:
        nonlocal free
        now = time.monotonic()
        if free and now >= free:
            request.send(body=b"1")
            return
        if free:
            early.append(free - now)
        free = now + 0.95
        request.send(429, Retry_After="1")

    server.answers["/x"] = busy
    with Web(patience=5.0) as web:
        assert web.get_json(server.url("/x")) == 1
    assert early == []


@pytest.mark.parametrize("asked", ["2", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_server_that_asks_for_more_patience_than_there_is_ends_it(server: Server, web: Web, asked: str) -> None:
    server.answers["/x"] = answer(429, Retry_After=asked)
    reason = refused(web, server.url("/x"), Unreachable)
    assert "answers with status 429, and wants to be asked again no sooner than in" in reason
    assert len(server.asked) == 1
    assert asked != "2" or reason.endswith("in 2 s")


def test_a_wait_that_nobody_can_read_is_left_out(server: Server, web: Web) -> None:
    server.answers["/x"] = in_turn(answer(503, Retry_After="soon"), answer(body=b"1"))
    assert web.get_json(server.url("/x")) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_for_ever_is_given_up(server: Server, web: Web, status: int) -> None:
    server.answers["/x"] = answer(status)
    assert f"answers with status {status}, 5 times in a row" in refused(web, server.url("/x"), Unreachable)
    assert len(server.asked) == 5


@pytest.mark.parametrize("status", [408, 425, 501, 520])
def test_other_trouble_is_left_for_a_later_run(server: Server, web: Web, status: int) -> None:
    server.answers["/x"] = answer(status)
    assert refused(web, server.url("/x"), Unreachable).endswith(f"answers with status {status}")
    assert len(server.asked) == 1


@pytest.mark.parametrize("ban", [answer(403, Retry_After="0"), answer(403, X_RateLimit_Remaining="0")])
def test_a_ban_for_asking_too_often_is_not_for_good(server: Server, web: Web, ban: Answer) -> None:
    server.answers["/x"] = ban
    assert "status 403" in refused(web, server.url("/x"), Unreachable)


def hang_up(request: Request) -> None:
    request.handler.close_connection = True


def test_a_broken_connection_is_tried_again(server: Server, web: Web) -> None:
    server.answers["/x"] = in_turn(hang_up, answer(503), answer(body=b"1"))
    assert web.get_json(server.url("/x")) == 1


def test_a_server_that_hangs_up_for_ever_is_given_up(server: Server, web: Web) -> None:
    server.answers["/x"] = hang_up
    assert "broke the connection, 5 times in a row" in refused(web, server.url("/x"), Unreachable)


# Headers


@pytest.mark.parametrize("status", [200, 204])
def test_a_header_is_read_without_the_answer(server: Server, web: Web, status: int) -> None:
    server.answers["/x"] = answer(status, X_Terraform_Get="./there")
    assert web.header(server.url("/x"), "x-terraform-get") == "./there"
    assert web.header(server.url("/x"), "X-None") is None


def test_a_header_is_not_looked_for_elsewhere(server: Server, web: Web) -> None:
    server.answers["/x"] = answer(302, Location="/y")
    with pytest.raises(DiscoveryError, match="answers with status 302"):
        web.header(server.url("/x"), "X-Terraform-Get")
    assert server.paths() == ["/x"]


# Downloads


def drip(request: Request) -> None:
    request.raw(b"HTTP/1.1 200 OK\r\n\r\n1")
    request.drip()


def downloaded(web: Web, url: str, folder: Path, kind: type[LsqmError] = DiscoveryError, **options: int) -> str:
    """Return why a download failed, sure that nothing of it lies about."""
    with pytest.raises(LsqmError) as caught:
        web.download(f"{url}?{SECRET}", folder / "file", **options)
    assert type(caught.value) is kind, caught.value
    assert list(folder.iterdir()) == []
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_a_download_is_whole_and_alone(server: Server, web: Web, tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    server.answers |= {"/x": answer(302, Location="/y"), "/y": answer(body=content, Content_Encoding="gzip")}
    web.download(server.url("/x"), tmp_path / "new" / "file", limit_bytes=len(content))
    assert (tmp_path / "new" / "file").read_bytes() == content
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_download_that_breaks_off_is_made_anew(server: Server, web: Web, tmp_path: Path) -> None:
    server.answers["/x"] = in_turn(
        lambda request: request.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nold"), answer(body=b"new")
    )
    web.download(server.url("/x"), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize(
    "short",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort",
    ],
    ids=["length", "chunks"],
)
def test_a_download_that_always_breaks_off_is_none(server: Server, web: Web, tmp_path: Path, short: bytes) -> None:
    server.answers["/x"] = lambda request: request.raw(short)
    assert "broke off before the end" in downloaded(web, server.url("/x"), tmp_path, Unreachable)


@pytest.mark.parametrize("huge", [answer(Content_Length="1001"), endless], ids=["by its length", "by its bytes"])
def test_a_download_that_is_too_large_is_refused(server: Server, web: Web, tmp_path: Path, huge: Answer) -> None:
    server.answers["/x"] = huge
    assert "more than 1000 bytes" in downloaded(web, server.url("/x"), tmp_path, limit_bytes=1000)


def test_a_download_that_drips_for_ever_is_none(server: Server, tmp_path: Path) -> None:
    server.answers["/x"] = drip
    with Web(deadline=0.5) as web:
        assert "did not answer in full" in downloaded(web, server.url("/x"), tmp_path, Unreachable)


def test_a_download_that_is_not_there_leaves_what_was(server: Server, web: Web, tmp_path: Path) -> None:
    server.answers["/x"] = answer(404)
    (tmp_path / "file").write_text("old")
    with pytest.raises(DiscoveryError):
        web.download(server.url("/x"), tmp_path / "file")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_disk_that_takes_no_file_is_the_machines_problem(server: Server, web: Web, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        web.download(server.url("/x"), tmp_path / "file" / "below")
    assert server.asked == []
    assert web_module.MAX_DOWNLOAD == 200 * 1024 * 1024
