"""LocalStack in a container."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import process
from pytest_lsqm.emulators import container as package
from pytest_lsqm.emulators import wire
from pytest_lsqm.emulators.container import DockerLocalStack, engine, image_of
from pytest_lsqm.errors import EmulatorError

from .aws import ONE, client, create_table, put_on_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.emulators.base import Instance

docker = pytest.mark.docker


@pytest.fixture
def connected(docker_localstack: DockerLocalStack) -> Iterator[Any]:
    environment = engine.find()
    assert environment is not None
    made = engine.client(environment)
    yield made
    made.close()


def _ours(connected: Any) -> list[Any]:
    return list(
        connected.containers.list(
            all=True, filters={"label": f"{engine.RUN_LABEL}={engine.RUN}"}, ignore_removed=True
        )
    )


@pytest.mark.parametrize(
    ("version", "image"),
    [
        ("4.14.0", "localstack/localstack:4.14.0"),
        ("latest", "localstack/localstack:latest"),
        ("sha256:0f", "localstack/localstack@sha256:0f"),
        ("mirror.local:5000/ls:4", "mirror.local:5000/ls:4"),
        ("own/localstack@sha256:0f", "own/localstack@sha256:0f"),
    ],
)
def test_a_version_a_digest_or_a_reference_names_the_image(version: str, image: str) -> None:
    assert image_of(version) == image


@docker
def test_it_answers_on_the_loopback_only(container: Instance, connected: Any) -> None:
    mine = [found for found in _ours(connected) if found.status == "running"]
    ports = [binding for found in mine for binding in found.ports["4566/tcp"]]
    assert container.endpoint.startswith("http://127.0.0.1:")
    assert {binding["HostIp"] for binding in ports} == {"127.0.0.1"}
    assert container.endpoint.rpartition(":")[2] in {binding["HostPort"] for binding in ports}


@docker
def test_its_facts_name_the_version_that_answers_and_the_image(
    container: Instance, docker_localstack: DockerLocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert docker_localstack.foreseen() == container.facts
    monkeypatch.setenv("LOCALSTACK_AUTH_TOKEN", "a-token")
    licensed = docker_localstack.foreseen()
    assert licensed is not None
    assert licensed.edition is not None
    assert licensed.edition.startswith("token ")
    assert "a-token" not in licensed.edition
    assert container.facts.version == "4.14.0"
    assert container.facts.digest is not None
    assert container.facts.digest.startswith("sha256:")


@docker
def test_dynamodb_and_kinesis_work_inside(container: Instance) -> None:
    tables = client("dynamodb", container.endpoint)
    create_table(tables, "things")
    tables.put_item(TableName="things", Item={"id": {"S": "a"}})
    assert tables.get_item(TableName="things", Key={"id": {"S": "a"}})["Item"] == {"id": {"S": "a"}}
    assert put_on_stream(client("kinesis", container.endpoint), "clicks") == "shardId-000000000000"


@docker
def test_queue_urls_lead_to_the_endpoint_and_the_log_names_the_call(container: Instance) -> None:
    before = container.log_size()
    url = client("sqs", container.endpoint).create_queue(QueueName="q")["QueueUrl"]
    assert url == f"http://localhost:{container.endpoint.rpartition(':')[2]}/{ONE}/q"
    deadline = time.monotonic() + 10
    while "AWS sqs.CreateQueue => 200" not in container.logs(before):
        assert time.monotonic() < deadline, container.logs(before)
    assert "GetCallerIdentity" not in container.logs(before)


@docker
def test_the_token_reaches_the_container_and_nothing_else_does(
    docker_localstack: DockerLocalStack, connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALSTACK_AUTH_TOKEN", "ls-secret")
    monkeypatch.setenv("GITHUB_TOKEN", "not-yours")
    before = {found.id for found in _ours(connected)}
    instance = docker_localstack.start(ahead=True)
    (mine,) = (found for found in _ours(connected) if found.id not in before)
    variables = mine.attrs["Config"]["Env"]
    instance.stop()
    assert "LOCALSTACK_AUTH_TOKEN=ls-secret" in variables
    assert "EAGER_SERVICE_LOADING=0" in variables, "what a paid edition loads is not known"
    assert not [text for text in variables if "not-yours" in text]


@docker
def test_its_services_are_loaded_ahead_where_that_is_wanted(docker_localstack: DockerLocalStack) -> None:
    instance = docker_localstack.start(ahead=True)
    try:
        services = wire.send(instance.endpoint, "GET", "/_localstack/health", timeout=10).json()["services"]
        assert {"kms", "s3", "sqs"} <= services.keys()
        assert "available" not in services.values()
    finally:
        instance.stop()


@docker
def test_stopping_removes_it_and_may_be_repeated(docker_localstack: DockerLocalStack, connected: Any) -> None:
    before = {found.id for found in _ours(connected)}
    instance = docker_localstack.start()
    instance.stop()
    instance.stop()
    assert {found.id for found in _ours(connected)} == before
    assert not instance.is_healthy()


@docker
def test_killed_without_a_word_its_process_leaves_no_container(connected: Any, tmp_path: Path) -> None:
    code = (
        "import os; from pytest_lsqm.emulators.container import DockerLocalStack, engine\n"
        "instance = DockerLocalStack().start(); print(engine.RUN, flush=True); os.kill(os.getpid(), 9)"
    )
    passed_on = {key: value for key, value in os.environ.items() if key.startswith("DOCKER_")}
    environment = process.base_environment(tmp_path) | passed_on
    environment["PYTHONPATH"] = str(Path(package.__file__).parents[3])
    done = process.run([sys.executable, "-c", code], env=environment, timeout=90)
    run = done.stdout.strip()
    assert run, done.stderr
    deadline = time.monotonic() + 20
    while connected.containers.list(all=True, filters={"label": f"{engine.RUN_LABEL}={run}"}, ignore_removed=True):
        assert time.monotonic() < deadline, "the container outlived its run"


@docker
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("55", r"exit code 55: images after 4\.14\.0 need\s+LOCALSTACK_AUTH_TOKEN.*version 4\.14\.0.*license"),
        ("3", r"ended with exit code 3.*license"),
    ],
)
def test_an_image_that_ends_at_once_is_explained(
    docker_localstack: DockerLocalStack, connected: Any, code: str, words: str
) -> None:
    made = connected.containers.create(docker_localstack.image)
    command = f'CMD ["/bin/sh", "-c", "echo no license; exit {code}"]'
    made.commit("lsqm-test/quits", code, changes=command)
    made.remove()
    before = {found.id for found in _ours(connected)}
    try:
        with pytest.raises(EmulatorError, match=f"(?s){words}"):
            DockerLocalStack(f"lsqm-test/quits:{code}").start()
    finally:
        connected.images.remove(f"lsqm-test/quits:{code}")
    assert {found.id for found in _ours(connected)} == before


@docker
def test_an_image_that_is_not_to_be_had_is_named_with_what_else_works(docker_localstack: DockerLocalStack) -> None:
    missing = DockerLocalStack("127.0.0.1:9/none/such:1")
    assert not missing.is_obtainable()
    with pytest.raises(EmulatorError, match=r"none/such:1 is not here and cannot be pulled.*localstack-host"):
        missing.prepare(lambda _: None)


@docker
def test_only_containers_of_dead_processes_of_ours_are_cleared(
    docker_localstack: DockerLocalStack, connected: Any
) -> None:
    mine = engine.labels()
    dead, elsewhere = (
        mine | {engine.RUN_LABEL: "4194399-x"},
        mine | {engine.RUN_LABEL: "4194399-x", engine.HOST_LABEL: "b"},
    )
    made = {
        name: connected.containers.create(docker_localstack.image, name=f"lsqm-test-{name}", labels=labels)
        for name, labels in {"alive": mine, "dead": dead, "elsewhere": elsewhere, "foreign": {}}.items()
    }
    try:
        assert package.remove_orphans() == ["lsqm-test-dead"]
    finally:
        for name, found in made.items():
            if name != "dead":
                found.remove()


def test_without_an_engine_the_message_says_what_else_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(EmulatorError, match=r"no container engine answers.*localstack-host"):
        DockerLocalStack().prepare(lambda _: None)
    assert package.remove_orphans() == []


def test_podmans_socket_is_found_where_docker_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "podman").mkdir()
    (tmp_path / "podman" / "podman.sock").touch()
    asked: list[str | None] = []
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def answers(environment: dict[str, str]) -> bool:
        asked.append(environment.get("DOCKER_HOST"))
        return asked[-1] is not None

    monkeypatch.setattr(engine, "_answers", answers)
    found = engine.find()
    assert found is not None
    assert asked == [None, f"unix://{tmp_path}/podman/podman.sock"]
    assert found["DOCKER_HOST"] == asked[-1]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, ("127.0.0.1", "127.0.0.1")),
        ("unix:///run/podman/podman.sock", ("127.0.0.1", "127.0.0.1")),
        ("tcp://localhost:2375", ("127.0.0.1", "127.0.0.1")),
        ("tcp://docker:2375", ("docker", "0.0.0.0")),
    ],
)
def test_an_engine_elsewhere_publishes_where_we_can_reach_it(named: str | None, expected: tuple[str, str]) -> None:
    assert engine.reachable({"DOCKER_HOST": named} if named else {}) == expected
