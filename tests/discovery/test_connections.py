"""Connections that are refused, silent, not to be trusted, or without end."""

from __future__ import annotations

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import trustme

from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import Unreachable
from tests.support.loopback import Server, answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.loopback import Answer, Request


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as serving:
        yield serving


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(patience=0.05, timeout=5.0, deadline=20.0) as made:
        yield made


@pytest.fixture
def hasty() -> Iterator[Web]:
    """One whose time is soon up."""
    with Web(patience=0.05, timeout=5.0, deadline=0.5) as made:
        yield made


def unreachable(web: Web, url: str) -> str:
    with pytest.raises(Unreachable) as caught:
        web.get_json(url)
    return str(caught.value)


def test_neither_passwords_nor_proxies_are_taken_from_the_environment(
    server: Server, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answers["/"] = answer(body=b"{}")
    web.get_json(server.url("/"))
    assert server.asked[0].headers["Authorization"] is None


def test_a_server_that_is_not_there_is_said(web: Web) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/x"
        assert "cannot be reached: Connection refused" in unreachable(web, url)


def silent(request: Request) -> None:
    request.released.wait(60)


def test_a_silent_server_is_given_up(server: Server) -> None:
    server.answers["/x"] = silent
    with Web(patience=0.0, timeout=0.1) as web:
        assert "was silent for 0.1 s" in unreachable(web, server.url("/x"))


def test_a_certificate_of_nobody_known_is_said(web: Web) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with Server({"/x": answer(body=b"1")}, tls=context) as server:
        assert "has a certificate that is not trusted" in unreachable(web, server.url("/x"))


# What drips


def drip_body(request: Request) -> None:
    request.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    request.drip()


def drip_body_without_length(request: Request) -> None:
    request.raw(b"HTTP/1.1 200 OK\r\n\r\n1")
    request.drip()


def drip_chunks(request: Request) -> None:
    request.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    request.drip(b"1\r\n \r\n")


def drip_headers(request: Request) -> None:
    request.raw(b"HTTP/1.1 200 OK\r\nX: ")
    request.drip()


DRIPS = [drip_body, drip_body_without_length, drip_chunks, drip_headers]


@pytest.mark.parametrize("drip", DRIPS)
def test_a_server_that_drips_for_ever_is_left_at_the_deadline(server: Server, hasty: Web, drip: Answer) -> None:
    server.answers |= {"/x": drip, "/first": answer(body=b"1")}
    assert "did not answer in full within 0.5 s" in unreachable(hasty, server.url("/x"))
    # The same over a connection that was made for an earlier request.
    assert hasty.get_json(server.url("/first")) == 1
    assert "did not answer in full within 0.5 s" in unreachable(hasty, server.url("/x"))
    assert [request for request in server.asked if request.endured] == []


def test_a_server_that_drips_while_it_should_shake_hands_is_left_too(hasty: Web) -> None:
    released = threading.Event()
    endured: list[bool] = []

    def drip(listening: socket.socket) -> None:
        connected, _ = listening.accept()
        with connected:
            connected.sendall(b"\x16\x03\x03\x40\x00")
            try:
                for _ in range(250):
                    if not released.wait(0.02):
                        connected.sendall(b"\x02")
                endured.append(not released.is_set())
            except OSError:
                return

    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        pool = stack.enter_context(ThreadPoolExecutor(1))
        stack.callback(released.set)
        pool.submit(drip, listening)
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/x"
        assert "did not answer in full within 0.5 s" in unreachable(hasty, url)
    assert True not in endured
