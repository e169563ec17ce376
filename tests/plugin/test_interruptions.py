"""Runs that are cut short: what they had is kept, and what they started is gone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.plugin.conftest import TOPIC, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lsqm.emulators.base import Instance
    from tests.plugin.conftest import Corpus

pytestmark = pytest.mark.slow

HANGS = "import time\ndef test_hangs():\n    time.sleep(600)\n"
WRITES_DOWN_AND_HANGS = """
import os, pathlib, time

def test_hangs():
    part = pathlib.Path("{folder}/part")
    part.write_text(os.environ["AWS_ACCESS_KEY_ID"])
    part.rename("{folder}/account")
    time.sleep(600)
"""
PASSES = "def test_yes():\n    assert True\n"


def processes(marker: str) -> dict[int, str]:
    """The running processes that carry a marker in their environment, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def wait_for(what: Callable[[], bool], *, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.1)


def in_session(temporary: Path) -> list[int]:
    """The processes of an app's session, without those of the jail around it: they are where its files are."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            where, words = str((entry / "cwd").readlink()), (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if where.startswith(f"{temporary}/") and where.endswith("/app") and b"door.py" not in words:
            found.append(int(entry.name))
    return found


def begin(corpus: Corpus, temporary: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        corpus.command(*arguments),
        cwd=corpus.work,
        env=environment() | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def temporary() -> Iterator[Path]:
    # Short: in a long one, validations would take their scratch folders elsewhere.
    folder = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


def nothing_is_left(temporary: Path) -> bool:
    return not processes(str(temporary)) and not [p for p in temporary.iterdir() if p.name.startswith("lsqm-")]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_an_interrupt_keeps_what_there_is_and_leaves_nothing_running(
    corpus: Corpus, temporary: Path, workers: list[str]
) -> None:
    corpus.add("aaa", TOPIC, PASSES)
    corpus.add("zzz", test=HANGS)
    # An emulator of its own, so that this run is the one that has to end it.
    run = begin(corpus, temporary, "--lsqm-emulator=moto", *workers)
    try:
        # Which of two workers is done first is chance: what is to be kept must be there before the interrupt.
        wait_for(lambda: bool(in_session(temporary)) and "aaa" in _names(corpus))
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 2, output
    assert corpus.results()["aaa"]["status"] == "PASSED"
    assert list(corpus.results()) == ["aaa"]
    last = corpus.store.runs()[-1]
    assert last.completed_at is not None
    assert last.summary.total == 1
    assert "1 PASSED of 1" in output
    wait_for(lambda: nothing_is_left(temporary), seconds=30)


def test_an_interrupt_takes_what_was_deployed_off_an_emulator_that_is_not_ours(
    corpus: Corpus, temporary: Path, running: Instance
) -> None:
    corpus.add("zzz", test=WRITES_DOWN_AND_HANGS.format(folder=temporary))
    # The app writes outside of what it may write in a jail.
    run = begin(corpus, temporary, f"--lsqm-emulator={running.endpoint}", "--lsqm-sandbox=off")
    try:
        wait_for((temporary / "account").exists)
        account = (temporary / "account").read_text()
        assert queues(running.endpoint, account)
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=90)
    finally:
        run.kill()
    assert run.returncode == 2, output
    assert not queues(running.endpoint, account)


def queues(endpoint: str, account: str) -> list[str]:
    client = boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )
    return list(client.list_queues().get("QueueUrls", []))


def test_a_killed_worker_makes_its_architecture_an_error_and_the_rest_goes_on(
    corpus: Corpus, temporary: Path
) -> None:
    for name in ("bbb", "ccc", "ddd", "eee"):
        corpus.add(name, TOPIC, PASSES)
    # What has never run is begun in the order of node ids, one architecture at a time on each worker.
    hanging = min(corpus.hashes, key=lambda name: corpus.hashes[name])
    corpus.replace_app(hanging, HANGS)
    run = begin(corpus, temporary, "--lsqm-emulator=moto", "-n", "2", "--junitxml=junit.xml")
    try:
        wait_for(lambda: bool(in_session(temporary)) and len(_names(corpus)) == 1)
        os.kill(_worker_of(min(in_session(temporary))), signal.SIGKILL)  # what began first is what hangs
        output, _ = run.communicate(timeout=90)
    finally:
        run.kill()
    assert run.returncode == 1, output
    statuses = {name: result["status"] for name, result in corpus.results().items()}
    others = {name: status for name, status in statuses.items() if name != hanging}
    assert (statuses[hanging], set(others.values()), len(others)) == ("ERROR", {"PASSED"}, 3)
    assert "died" in corpus.results()[hanging]["error_message"]
    assert "3 passed, 1 error" in output
    assert 'errors="1"' in (corpus.work / "junit.xml").read_text()
    wait_for(lambda: nothing_is_left(temporary), seconds=30)


def test_a_killed_controller_keeps_its_results_and_leaves_nothing_running(corpus: Corpus, temporary: Path) -> None:
    corpus.add("aaa", TOPIC, PASSES)
    corpus.add("zzz", test=HANGS)
    run = begin(corpus, temporary, "--lsqm-emulator=moto", "-n", "2")
    try:
        wait_for(lambda: bool(in_session(temporary)) and "aaa" in _names(corpus))
    finally:
        run.kill()
    run.communicate(timeout=60)
    wait_for(lambda: nothing_is_left(temporary), seconds=60)
    assert corpus.results()["aaa"]["status"] == "PASSED"
    (killed,) = corpus.store.runs()
    assert killed.completed_at is None
    assert killed.summary.total == 1


def _names(corpus: Corpus) -> list[str]:
    return list(corpus.results()) if corpus.store.runs() else []


def _worker_of(pid: int) -> int:
    """Return the xdist worker below which a process runs, in however many jails."""
    while b"stdin.readline" not in Path(f"/proc/{pid}/cmdline").read_bytes():
        pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return pid
