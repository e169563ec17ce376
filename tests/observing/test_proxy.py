"""The proxy between a client and an emulator: what it notes, and that nothing changes on the way."""

from __future__ import annotations

import http.client
import re
import socket
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from pytest_lsqm.observing import Proxy
from tests.support.emulator import client, new_account, shared_localstack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.emulators.base import Instance

BODY = bytes(range(256)) * 300


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str], bytes]]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        type(self).seen.append((self.command, self.path, dict(self.headers), body))
        if self.path == "/vanish":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(int(self.path.split("status=")[1]) if "status=" in self.path else 200)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("x-amzn-RequestId", "8d5ca2fc")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(BODY)

    do_GET = do_PUT = do_HEAD = do_POST = answer  # noqa: N815  the names that http.server looks for

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    Echo.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ask(proxy: Proxy, method: str, path: str, **options: Any) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(proxy.endpoint).netloc, timeout=10)
    connection.request(method, path, **options)
    answer = connection.getresponse()
    return answer, answer.read()


def test_body_path_and_headers_arrive_as_they_were_sent(echo: str) -> None:
    with Proxy(echo) as proxy:
        ask(proxy, "PUT", "/b/a%2Fb%20c?x=%2F&y", body=BODY, headers={"Host": "bucket.example", "X-Own": "1"})
    [(method, path, headers, body)] = Echo.seen
    assert (method, path, body) == ("PUT", "/b/a%2Fb%20c?x=%2F&y", BODY)
    assert (headers["Host"], headers["X-Own"]) == ("bucket.example", "1")
    assert not {"User-Agent", "Accept", "Content-Type"} & set(headers)


def test_status_headers_and_body_come_back_as_they_were_answered(echo: str) -> None:
    with Proxy(echo) as proxy:
        answer, body = ask(proxy, "GET", "/status=404")
    assert (answer.status, body) == (404, BODY)
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_failure_is_noted_with_the_id_by_which_an_error_names_it(echo: str) -> None:
    with Proxy(echo) as proxy:
        ask(proxy, "GET", "/status=500")
    assert [(each.status, each.request_id) for each in proxy.exchanges] == [(500, "8d5ca2fc")]


def test_a_head_request_is_told_the_length_without_the_body(echo: str) -> None:
    with Proxy(echo) as proxy:
        answer, body = ask(proxy, "HEAD", "/b/k")
    assert (answer.headers["Content-Length"], body) == (str(len(BODY)), b"")


def test_where_the_emulator_hangs_up_the_proxy_does_too(echo: str) -> None:
    with Proxy(echo) as proxy:
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask(proxy, "GET", "/vanish")
        assert [each.status for each in proxy.exchanges] == [None]


def test_where_nobody_listens_the_client_is_told_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    with Proxy("http://127.0.0.1:9") as proxy:
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask(proxy, "GET", "/")
        assert proxy.exchanges[0].outcome.startswith("no answer")
    assert caplog.records == [], "an emulator that died is told in its result, not by a traceback beside it"


def test_an_exchange_is_noted_with_the_phase_it_fell_into(echo: str) -> None:
    with Proxy(echo) as proxy:
        for phase in ("deploy", "test"):
            proxy.phase = phase
            ask(proxy, "GET", "/")
        assert [each.phase for each in proxy.exchanges] == ["deploy", "test"]


def test_an_exchange_that_succeeds_is_noted_with_its_region(echo: str) -> None:
    with Proxy(echo) as proxy:
        ask(proxy, "GET", "/", headers={"Authorization": "Credential=A/20260101/eu-west-2/s3/aws4_request"})
        ask(proxy, "GET", "/")
        assert [each.region for each in proxy.exchanges] == ["eu-west-2", None]


@pytest.mark.slow
def test_what_is_noted_is_what_the_log_of_localstack_names(localstack: Instance) -> None:
    """Two witnesses of one course of calls, over protocols of every kind."""
    account, position = new_account(), localstack.log_size()
    with Proxy(localstack.endpoint) as proxy:
        sqs, s3, sns = (client(name, proxy.endpoint, account) for name in ("sqs", "s3", "sns"))
        url = sqs.create_queue(QueueName="witness")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="x")
        bucket = f"witness-{account}"
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="a/b c", Body=BODY)
        assert s3.get_object(Bucket=bucket, Key="a/b c")["Body"].read() == BODY
        sns.create_topic(Name="witness")
        with pytest.raises(s3.exceptions.ClientError):
            s3.get_bucket_policy(Bucket=bucket)
        noted = Counter((each.operation, each.status) for each in proxy.exchanges)
    logged = re.findall(r"AWS (\w+\.\w+) => (\d+)", localstack.logs(position))
    assert noted == Counter((name, int(status)) for name, status in logged)
    assert noted["s3.GetBucketPolicy", 404] == 1


@pytest.mark.slow
def test_a_queue_is_addressed_by_way_of_the_proxy(localstack: Instance) -> None:
    with Proxy(localstack.endpoint) as proxy:
        sqs = client("sqs", proxy.endpoint, new_account())
        url = sqs.create_queue(QueueName="by-way")["QueueUrl"]
        assert url.startswith(proxy.endpoint + "/")
        assert sqs.get_queue_url(QueueName="by-way")["QueueUrl"] == url
        sqs.send_message(QueueUrl=url, MessageBody="x")
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "x"


@pytest.fixture
def localstack(pytestconfig: pytest.Config) -> Instance:
    return shared_localstack(pytestconfig)
