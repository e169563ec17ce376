"""Workers with a checkout of their own and nothing shared, reached over execnet's socket server on loopback."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import execnet
import pytest

from pytest_lsqm.plugin import xdist
from tests.plugin.conftest import FAILS, REPOSITORY, TOPIC, Corpus, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YES = "def test_yes():\n    assert True\n"


@contextlib.contextmanager
def other_host(folder: Path) -> Iterator[str]:
    """execnet's own server in a folder, and the spec of a worker in it; it serves whoever comes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "execnet.script.socketserver", f"127.0.0.1:{port}"],
        cwd=folder,
        env=environment() | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert "Accept loop" in server.stdout.readline()
        yield f"--tx=socket=127.0.0.1:{port}//chdir={folder}"
    finally:
        server.kill()
        server.wait()


def checkout(corpus: Corpus, folder: Path) -> Path:
    """The corpus as another checkout has it: without index, runs and trends, which git does not keep."""
    folder.mkdir()
    kept = shutil.ignore_patterns("index.json", "runs", "trends", ".index-check", "*.lock", ".lock")
    shutil.copytree(corpus.root, folder / "corpus", ignore=kept)
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Corpus:
    """A checkout with the store where it is usually."""
    work = tmp_path / "here"
    work.mkdir()
    (work / "pytest.ini").write_text("[pytest]\n")
    made = Corpus(work / "corpus", work)
    made.add("good", TOPIC, YES)
    made.add("bad", TOPIC, FAILS)
    return made


def run(corpus: Corpus, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--lsqm", "-p", "tests.plugin.stubs", "--dist=load", *arguments]
    variables = environment() | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, cwd=corpus.work, env=variables, capture_output=True, text=True, timeout=280, check=False
    )


def test_a_worker_with_a_checkout_of_its_own_sends_its_results_home(
    here: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_DIGEST", "packages:1")
    there = checkout(here, tmp_path / "there")
    (there / "pytest.ini").write_text("[pytest]\n")
    with other_host(there) as worker:
        done = run(here, worker, "--log-json=log.jsonl", "-v", "--lsqm-changed")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "a worker elsewhere reuses nothing, since it lacks the earlier runs" in done.stdout
    assert {name: each["status"] for name, each in here.results().items()} == {"good": "PASSED", "bad": "FAILED"}
    assert not list((there / "corpus").glob("runs/*")), "only the controller writes"
    lines = [json.loads(line) for line in (here.work / "log.jsonl").read_text().splitlines()]
    applied = {line["name"]: line["worker"] for line in lines if line.get("stage") == "apply"}
    assert applied == {"good": "gw0", "bad": "gw0"}
    assert "lsqm: good: apply" in done.stdout


def test_a_checkout_with_another_app_is_refused(here: Corpus, tmp_path: Path) -> None:
    there = checkout(here, tmp_path / "there")
    (there / "pytest.ini").write_text("[pytest]\n")
    (there / "corpus" / "apps" / here.hashes["bad"] / "test_app.py").write_text(YES)
    with other_host(there) as worker:
        done = run(here, worker)
    assert done.returncode not in {0, 5}
    assert "bring both to the same commit" in done.stdout + done.stderr
    assert not here.store.runs()


@pytest.mark.parametrize("shard", [(), ("--lsqm-shard=1/1",)], ids=["whole", "shard"])
def test_a_worker_that_has_no_corpus_is_not_started_for_ever(
    here: Corpus, tmp_path: Path, shard: tuple[str, ...]
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    with other_host(there) as worker:
        done = run(here, worker, *shard)
    assert done.returncode != 0
    assert "is no store" in done.stdout + done.stderr
    assert not here.store.runs(), "a shard that did nothing is not one that had nothing to do"


def test_a_folder_of_ones_own_is_not_run_elsewhere(here: Corpus, tmp_path: Path) -> None:
    (here.work / "own").mkdir()
    (here.work / "own" / "main.tf").write_text(TOPIC)
    done = run(here, "--tx=socket=127.0.0.1:9//chdir=/x", "own")
    assert (done.returncode, "bring it with `lsqm add` into a corpus" in done.stderr) == (4, True)


@pytest.mark.parametrize(
    ("spec", "host", "apart"),
    [
        ("popen", None, False),
        ("popen//python=python3", None, False),
        ("popen//chdir=/elsewhere", None, True),
        ("socket=10.0.0.5:8888//chdir=/x", "10.0.0.5", True),
        ("ssh=-p 2222 me@there.example", "there.example", True),
        ("ssh=there.example//python=python3", "there.example", True),
    ],
)
def test_where_a_worker_is_and_whether_it_shares_our_folder_is_read_from_its_spec(
    spec: str, host: str | None, apart: bool
) -> None:
    read = execnet.XSpec(spec)
    assert (xdist.host_of(read), xdist.is_apart(read)) == (host, apart)
