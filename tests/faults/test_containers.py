"""Whole runs on LocalStack in a container, whose container or engine goes away at a bad moment."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators.container import engine
from tests.emulators.conftest import docker_localstack
from tests.faults import leftovers
from tests.faults.conftest import ended, place_of
from tests.faults.engines import missing, own_engine
from tests.faults.leftovers import in_engine, is_sound
from tests.faults.test_runs import HANGS
from tests.support.engines import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pytest_lsqm.emulators.container import DockerLocalStack
    from tests.faults.conftest import Place
    from tests.faults.engines import OwnEngine
    from tests.plugin.conftest import Corpus

__all__ = ["docker_localstack"]

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.usefixtures("docker_localstack")]

LOCALSTACK = "--lsqm-emulator=localstack"
ASKS = """
import json, os, pathlib, time
import boto3
from botocore.config import Config

def test_the_queue_is_there():
    gate = pathlib.Path({gate!r})
    gate.with_suffix(".reached").touch()
    while not gate.with_suffix(".open").exists():
        time.sleep(0.02)
    url = json.load(open(os.environ["LSQM_OUTPUTS"]))["url"]
    queues = boto3.client("sqs", config=Config(retries={{"total_max_attempts": 1}}))
    assert queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
"""


def add(place: Place, name: str) -> Path:
    """Add an architecture whose app waits at a gate before it asks the emulator; return the gate."""
    gate = place.corpus.work / f"gate-{name}"
    place.corpus.add(name, test=ASKS.format(gate=str(gate)))
    return gate


def reached(gate: Path) -> bool:
    return gate.with_suffix(".reached").exists()


def let_through(gate: Path) -> None:
    gate.with_suffix(".open").touch()


def docker(*words: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        ["docker", *words],
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def wait_for(what: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    """Wait until something is true; fail when the run ends before that. The deadline is for failures only."""
    deadline = time.monotonic() + 240
    while not what():
        assert run.poll() is None, ended(run)[1]
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.05)


def container_of(place: Place) -> str:
    """Return the name of the one container that the latest run has."""
    (found,) = in_engine(place.engine, place.runs[-1:])
    return found.removeprefix("container ")


def errors_but(place: Place, passing: str) -> dict[str, str]:
    """Fail if anything but that one passed, or is no ERROR of the environment's; return what each error says."""
    results = place.corpus.results()
    statuses = {name: each["status"] for name, each in results.items()}
    assert statuses == {name: "PASSED" if name == passing else "ERROR" for name in place.corpus.hashes}
    said = {name: each["error_message"] for name, each in results.items() if name != passing}
    assert {results[name]["cause"]["kind"] for name in said} == {"environment"}
    store = is_sound(place.corpus.root)
    assert store.runs()[-1].completed_at is not None
    # An ERROR says nothing about a service.
    assert [(trend.service_name, trend.history[-1].total) for trend in store.service_trends()] == [("sqs", 1)]
    return said


def test_a_container_that_is_killed_paused_or_removed_is_an_error_and_the_next_one_serves(place: Place) -> None:
    acts = {"aaa": ["kill"], "bbb": ["pause"], "ccc": ["rm", "-f", "-v"], "ddd": []}
    gates = {name: add(place, name) for name in acts}
    run = place.begin(LOCALSTACK, "--lsqm-test-timeout=5")
    try:
        used = []
        for name, act in acts.items():
            wait_for(partial(reached, gates[name]), run)
            used.append(container_of(place))
            if act:
                docker(*act, used[-1])
            let_through(gates[name])
        assert len(set(used)) == len(acts)
    finally:
        code, output = ended(run)
    assert code == 1, output
    assert "1 passed, 3 errors" in output
    said = errors_but(place, "ddd")
    assert "the emulator no longer answers: localstack 4.14.0 ended with exit code 137" in said["aaa"]
    assert "the emulator no longer answers: localstack 4.14.0 was paused" in said["bbb"]
    assert "the emulator no longer answers: localstack 4.14.0 is gone: somebody removed" in said["ccc"]


@pytest.fixture
def elsewhere(corpus: Corpus, docker_localstack: DockerLocalStack) -> Iterator[tuple[Place, OwnEngine]]:
    if reason := missing():
        assert os.environ.get("LSQM_REQUIRE_DOCKER") != "1", reason
        pytest.skip(f"no engine of its own: {reason}")
    with own_engine(docker_localstack.image) as made, place_of(corpus, made.environment) as place:
        yield place, made


def test_an_engine_that_is_restarted_takes_an_error_with_it_and_the_run_goes_on(
    elsewhere: tuple[Place, OwnEngine],
) -> None:
    place, own = elsewhere
    gates = {name: add(place, name) for name in ("aaa", "bbb")}
    run = place.begin(LOCALSTACK)
    try:
        wait_for(lambda: reached(gates["aaa"]), run)
        first = container_of(place)
        own.stop()
        # In its place sits one that hangs up: so it is seen that the run asks while the engine is away.
        with socket.socket(socket.AF_UNIX) as silent:
            own.socket.unlink(missing_ok=True)
            silent.bind(str(own.socket))
            silent.listen()
            silent.settimeout(60)
            let_through(gates["aaa"])
            # Its result is written when all that was to be asked for its sake has been asked.
            while not (place.corpus.store.runs() and "aaa" in place.corpus.results()):
                silent.accept()[0].close()
        own.start()
        wait_for(lambda: reached(gates["bbb"]), run)
        # That of the first could not be removed while the engine was away, and waits for the end.
        there = docker("ps", "-a", "--format={{.Names}} {{.State}}", environment=own.environment).splitlines()
        assert f"{first} exited" in there
        assert len(there) == 2
        let_through(gates["bbb"])
    finally:
        code, output = ended(run)
    assert code == 1, output
    assert "1 passed, 1 error" in output
    assert "the emulator no longer answers: localstack 4.14.0 is out of reach" in errors_but(place, "bbb")["aaa"]


def test_an_image_that_is_missing_is_said_before_anything_begins(place: Place) -> None:
    place.add("aaa", "def test_yes(): pass\n")
    code, output = place.run(f"{LOCALSTACK}@127.0.0.1:9/none/such:1")
    assert code == 4, output
    assert "the image 127.0.0.1:9/none/such:1 is not here and cannot be pulled" in output
    assert "--lsqm-emulator localstack-host, which needs no image" in output
    assert "Traceback" not in output
    assert is_sound(place.corpus.root).runs() == []


@pytest.fixture
def refusing(docker_localstack: DockerLocalStack) -> Iterator[str]:
    """Offer an image that ends as LocalStack's do with a wrong token, and that has a volume as they have."""
    name, tag = f"lsqm-test-{os.getpid()}", f"lsqm-test/refuses:{os.getpid()}"
    docker("create", "--name", name, docker_localstack.image)
    words = 'CMD ["/bin/sh", "-c", "echo License activation failed!; exit 55"]'
    docker("commit", "--change", words, "--change", "VOLUME /var/lib/localstack", name, tag)
    docker("rm", name)
    yield tag
    docker("rmi", tag)


def test_a_token_that_is_refused_makes_errors_that_say_so_and_is_written_nowhere(
    place: Place, refusing: str
) -> None:
    token = "ls-aBcDeFgH-1234-5678"
    for name in ("aaa", "bbb", "ccc", "ddd", "eee"):
        place.add(name, f"def test_{name}(): pass\n")
    code, output = place.run(f"{LOCALSTACK}@{refusing}", LOCALSTACK_AUTH_TOKEN=token)
    assert code == 1, output
    assert "5 errors" in output
    results = place.corpus.results()
    assert {each["status"] for each in results.values()} == {"ERROR"}
    assert len(results) == 5
    for each in results.values():
        assert "did not accept LOCALSTACK_AUTH_TOKEN. Set one that is valid, or pin" in each["error_message"]
        assert "License activation failed!" in each["error_message"]
    # It was not started again for each.
    assert "(not tried again after 3 failures in a row)" in results["eee"]["error_message"]
    is_sound(place.corpus.root)
    written = [path.read_text() for path in place.corpus.root.rglob("*") if path.is_file()]
    assert not [text for text in [output, *written] if token in text]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_a_run_that_is_ended_under_an_app_leaves_no_container(place: Place, number: signal.Signals) -> None:
    gate = place.corpus.work / "reached"
    place.add("aaa", "def test_yes(): pass\n")
    place.add("zzz", HANGS.format(gate=str(gate)))
    run = place.begin(LOCALSTACK)
    wait_for(gate.exists, run)
    assert container_of(place)
    run.send_signal(number)
    code, output = ended(run)
    assert code == (2 if number is signal.SIGINT else -9), output
    (broken,) = is_sound(place.corpus.root).runs()
    found = place.corpus.store.results(broken.run_id).values()
    assert {each.name: each.status for each in found} == {"aaa": "PASSED"}
    assert (broken.completed_at is None) == (number is signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_a_run_that_is_ended_while_its_container_starts_leaves_none(place: Place, number: signal.Signals) -> None:
    place.add("aaa", "def test_yes(): pass\n")
    run = place.begin(LOCALSTACK)
    wait_for(lambda: bool(in_engine(place.engine, place.runs)), run)
    run.send_signal(number)
    code, output = ended(run)
    assert code == (2 if number is signal.SIGINT else -9), output
    assert "Traceback" not in output
    assert is_sound(place.corpus.root).runs() == []


def test_a_run_that_is_killed_while_its_app_is_in_a_container_leaves_none(place: Place, tmp_path: Path) -> None:
    require()
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    place.add("aaa", "def test_yes(): pass\n")
    # Of what an app writes in its jail, its own folder is seen from here.
    place.add("zzz", HANGS.format(gate="reached"))
    path = f"{broken.parent}:{os.environ['PATH']}"
    run = place.begin(place.stub().option, "--lsqm-sandbox=strict", "--lsqm-test-timeout=600", PATH=path)
    wait_for(lambda: bool(list(place.temporary.glob("lsqm-*/test/app/reached"))), run)
    assert "-jail-" in container_of(place)
    run.kill()
    ended(run)
    (broken_run,) = is_sound(place.corpus.root).runs()
    assert broken_run.config.sandbox == "a container"
    assert {name: each["status"] for name, each in place.corpus.results().items()} == {"aaa": "PASSED"}


def test_a_container_that_is_made_after_its_runs_death_is_removed_all_the_same(
    docker_localstack: DockerLocalStack, temporary: Path
) -> None:
    from pytest_lsqm.emulators.container.instance import remove_words

    environment = engine.find()
    assert environment is not None
    name = f"lsqm-{os.getpid()}-late"
    before = in_engine({}, [os.getpid()])  # such as the container that all tests of this process share
    with subprocess.Popen(remove_words(environment, name)) as reaper:
        time.sleep(1.5)  # so that it has looked for it, and found none
        docker("create", "--name", name, docker_localstack.image)
        assert reaper.wait(timeout=30) == 0
        assert in_engine({}, [os.getpid()]) == before


def test_what_is_left_in_an_engine_would_be_seen(docker_localstack: DockerLocalStack, temporary: Path) -> None:
    name, label = f"lsqm-{os.getpid()}-x", f"{engine.RUN_LABEL}={os.getpid()}-y"
    makes = {
        f"container {name}": ["create", "--name", name, docker_localstack.image],
        f"container other-{os.getpid()}": [
            *("create", "--name", f"other-{os.getpid()}", "--label", label),
            docker_localstack.image,
        ],
        f"network {name}": ["network", "create", name],
        f"volume other-{os.getpid()}": ["volume", "create", "--label", label, f"other-{os.getpid()}"],
    }
    volumes, before = leftovers.volumes({}), set(in_engine({}, [os.getpid()]))
    try:
        for words in makes.values():
            docker(*words)
        assert set(in_engine({}, [os.getpid()])) - before == set(makes)
        assert in_engine({}, [os.getpid() + 1]) == []
        assert f"other-{os.getpid()}" in leftovers.volumes({}) - volumes
    finally:
        for thing in makes:
            kind, called = thing.split()
            with contextlib.suppress(subprocess.CalledProcessError):
                docker(kind, "rm", called)
