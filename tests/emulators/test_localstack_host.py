"""LocalStack as a process of this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators import install, parts, pythons, releases, wire
from pytest_lsqm.emulators.localstack_host import LocalStackHost
from pytest_lsqm.errors import EmulatorError

from .aws import ONE, OTHER, client, create_table, put_on_stream

if TYPE_CHECKING:
    from pytest_lsqm.emulators.base import Instance

slow = pytest.mark.slow
needs_java = pytest.mark.skipif(parts.java_home()[0] is None, reason="no Java 17 is here")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here")


@slow
def test_it_is_the_version_that_was_asked_for_on_the_python_it_names(localstack_host: Instance) -> None:
    release = releases.known(localstack_host.facts.version)
    assert release is not None
    assert localstack_host.facts.python is not None
    assert localstack_host.facts.python.startswith(f"{release.python}.")
    health = wire.send(localstack_host.endpoint, "GET", "/_localstack/health").json()
    assert health["version"] == localstack_host.facts.version


@slow
def test_it_listens_on_the_loopback_only(localstack_host: Instance) -> None:
    port = int(localstack_host.endpoint.rpartition(":")[2])
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {
        "127.0.0.1"
    }
    for address in others:
        with socket.socket() as probe:
            assert probe.connect_ex((str(address), port)) != 0


@slow
def test_two_accounts_are_apart_and_queue_urls_lead_to_the_endpoint(localstack_host: Instance) -> None:
    mine = client("sqs", localstack_host.endpoint, ONE).create_queue(QueueName="same")["QueueUrl"]
    theirs = client("sqs", localstack_host.endpoint, OTHER).create_queue(QueueName="same")["QueueUrl"]
    port = localstack_host.endpoint.rpartition(":")[2]
    assert (mine, theirs) == (f"http://localhost:{port}/{ONE}/same", f"http://localhost:{port}/{OTHER}/same")
    client("sqs", localstack_host.endpoint, ONE).send_message(QueueUrl=mine, MessageBody="x")
    assert "Messages" not in client("sqs", localstack_host.endpoint, OTHER).receive_message(QueueUrl=theirs)


@slow
def test_two_of_them_at_the_same_time_keep_their_buckets_apart(localstack_host: Instance) -> None:
    other = LocalStackHost(localstack_host.facts.version).start()
    try:
        mine, theirs = (client("s3", each.endpoint, ONE) for each in (localstack_host, other))
        for each in (mine, theirs):
            each.create_bucket(Bucket="in-both")
        theirs.put_object(Bucket="in-both", Key="k", Body=b"x" * 2_000_000)
        theirs.delete_object(Bucket="in-both", Key="k")
        theirs.delete_bucket(Bucket="in-both")
        # Large enough to be kept as a file.
        mine.put_object(Bucket="in-both", Key="k", Body=b"y" * 2_000_000)
        assert mine.get_object(Bucket="in-both", Key="k")["ContentLength"] == 2_000_000
        mine.delete_object(Bucket="in-both", Key="k")
        mine.delete_bucket(Bucket="in-both")
    finally:
        other.stop()


@slow
@needs_java
def test_dynamodb_keeps_what_is_put_and_keeps_accounts_apart(localstack_host: Instance) -> None:
    mine = client("dynamodb", localstack_host.endpoint, ONE)
    create_table(mine, "things")
    mine.put_item(TableName="things", Item={"id": {"S": "a"}, "n": {"N": "7"}})
    assert mine.get_item(TableName="things", Key={"id": {"S": "a"}})["Item"]["n"] == {"N": "7"}
    assert client("dynamodb", localstack_host.endpoint, OTHER).list_tables()["TableNames"] == []
    assert any("DynamoDB Local 1.x" in text for text in localstack_host.facts.substitutions)


@slow
@needs_node
def test_kinesis_is_there_at_its_first_call(localstack_host: Instance) -> None:
    assert put_on_stream(client("kinesis", localstack_host.endpoint), "clicks") == "shardId-000000000000"
    assert "nstallation of kinesis" not in localstack_host.logs(0)


@slow
def test_its_log_names_every_call_and_its_outcome(localstack_host: Instance) -> None:
    before = localstack_host.log_size()
    client("s3", localstack_host.endpoint).list_buckets()
    deadline = time.monotonic() + 10
    while "AWS s3.ListBuckets => 200" not in localstack_host.logs(before):
        assert time.monotonic() < deadline, localstack_host.logs(before)


@slow
def test_its_helpers_end_when_it_is_stopped() -> None:
    emulator = LocalStackHost()
    instance = emulator.start()
    if "dynamodb" not in emulator.limits():
        create_table(client("dynamodb", instance.endpoint), "things")
    group = instance.pid
    members = _members(group)
    assert group in members
    assert len(members) > 1 or "dynamodb" in emulator.limits()
    instance.stop()
    assert _members(group) == []


@slow
@pytest.mark.parametrize("ahead", [False, True])
def test_its_services_are_loaded_ahead_where_that_is_wanted(*, ahead: bool) -> None:
    instance = LocalStackHost().start(ahead=ahead)
    try:
        services = wire.send(instance.endpoint, "GET", "/_localstack/health", timeout=10).json()["services"]
        assert {"kms", "s3", "dynamodb"} <= services.keys()
        assert ("available" in services.values()) is not ahead
    finally:
        instance.stop()


@slow
def test_its_end_is_told_with_its_last_lines() -> None:
    instance = LocalStackHost().start()
    os.kill(instance.pid, signal.SIGKILL)
    while instance.is_healthy():
        pass
    assert "was killed by SIGKILL" in instance.obituary()
    assert "Ready." in instance.obituary() or "AWS sts.GetCallerIdentity" in instance.obituary()
    instance.stop()


@slow
def test_a_localstack_on_the_wrong_python_does_not_get_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """4.14.0 on 3.11 starts, says it is healthy, and answers 500 to everything."""
    wrong = pythons.find("3.11")
    if wrong is None:
        pytest.skip("no Python 3.11 is here")
    emulator = LocalStackHost("4.14.0")
    release = releases.known("4.14.0")
    assert release is not None
    day = release.day + releases.SETTLED
    recipe = install.Recipe("wrong-python", "4.14.0", "localstack-core[runtime]==4.14.0", wrong, day=day)
    emulator._environment, emulator._python = install.ensure(recipe, lambda _: None), wrong
    with pytest.raises(EmulatorError):
        emulator.start()


def test_the_wrong_python_is_refused_with_what_would_run(monkeypatch: pytest.MonkeyPatch) -> None:
    _only(monkeypatch, "3.11")
    with pytest.raises(
        EmulatorError, match=r"4\.14\.0 is made for Python 3\.13.*This machine has 3\.11.*version 4\.8\.1"
    ):
        LocalStackHost("4.14.0").prepare(lambda _: None)


def test_unasked_it_takes_the_newest_whose_python_is_here_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCALSTACK_VERSION", raising=False)
    _only(monkeypatch, "3.11")
    emulator = LocalStackHost()
    assert emulator.version == "4.8.1"
    assert emulator.chosen_because is not None
    assert "4.14.0 wants Python 3.13" in emulator.chosen_because


def test_without_java_and_node_their_services_are_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    parts.java_home.cache_clear()
    limits = LocalStackHost("4.6.0").limits()
    parts.java_home.cache_clear()
    assert {service: limits[service] for service in ("dynamodb", "dynamodbstreams", "kinesis")} == {
        "dynamodb": "needs Java 17 on PATH",
        "dynamodbstreams": "needs Java 17 on PATH",
        "kinesis": "needs Node.js on PATH",
    }
    assert "container" in limits["lambda"]


def test_a_helper_that_cannot_be_fetched_is_a_limit_and_not_the_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    emulator = LocalStackHost("4.6.0")
    monkeypatch.setattr(install, "ensure", lambda recipe, _: install.Environment(tmp_path))
    if pythons.find("3.11") is None or parts.java_home()[0] is None or shutil.which("node") is None:
        pytest.skip("needs Python 3.11, Java and Node")

    def offline(*_: object) -> Path:
        raise EmulatorError("the registry does not answer")

    monkeypatch.setattr(parts, "dynamodb_folder", offline)
    emulator.prepare(lambda _: None)
    assert "the registry does not answer" in emulator.limits()["dynamodb"]
    assert "the registry does not answer" in emulator.limits()["dynamodbstreams"]


def _only(monkeypatch: pytest.MonkeyPatch, minor: str) -> None:
    found = pythons.Interpreter(Path("/usr/bin/python"), f"{minor}.1")
    monkeypatch.setattr(pythons, "find", lambda asked: found if asked == minor else None)
    monkeypatch.setattr(releases.newest_runnable, "__defaults__", (pythons.find,))


def _members(group: int) -> list[int]:
    """The living processes of a group; a zombie that nobody reaped is dead."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(int(folder.name))
    return sorted(found)
