"""Whole runs in which something breaks: the outcome is true, the store is sound, and nothing is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.conftest import ended
from tests.faults.leftovers import is_sound, processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.conftest import Place

pytestmark = pytest.mark.slow

PASSES = "def test_yes(): pass\n"
HANGS = """
import pathlib, time

def test_hangs():
    pathlib.Path({gate!r}).touch()
    time.sleep(600)
"""
ROOM = 40 * 1024
"""Bytes in which a run begins and some of its results find place."""


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not what():
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.05)


@pytest.mark.parametrize("fault", ["stopped", "slow", "garbage"])
def test_an_emulator_that_falls_silent_or_talks_nonsense_makes_errors_and_no_verdicts(
    place: Place, fault: str
) -> None:
    stub = place.stub()
    act = {
        "stopped": f"os.kill({stub.process.pid}, signal.SIGSTOP)",
        "slow": f"open({str(stub.mode)!r}, 'w').write('slow')",
        "garbage": f"open({str(stub.mode)!r}, 'w').write('garbage')",
    }[fault]
    place.add("aaa", PASSES)
    place.add("bbb", f"import os, signal\ndef test_it():\n    {act}\n    assert False\n")
    code, output = place.run(stub.option)
    stub.process.send_signal(signal.SIGCONT)
    assert code == 1, output
    results = place.corpus.results()
    assert {name: each["status"] for name, each in results.items()} == {"aaa": "PASSED", "bbb": "ERROR"}
    assert "the emulator no longer answers" in results["bbb"]["error_message"]
    assert results["bbb"]["cause"]["kind"] == "environment"
    assert "1 passed, 1 error" in output
    store = is_sound(place.corpus.root)
    assert store.runs()[-1].completed_at is not None
    # An ERROR says nothing about a service.
    assert [(trend.service_name, trend.history[0].total) for trend in store.service_trends()] == [("sqs", 1)]


def test_an_interrupt_after_an_interrupt_ends_at_once_and_what_was_written_stays(place: Place) -> None:
    stub, gate = place.stub(), place.corpus.work / "reached"
    place.add("aaa", PASSES)
    place.add("zzz", HANGS.format(gate=str(gate)))
    run = place.begin(stub.option)
    wait_for(lambda: gate.exists() and bool(place.corpus.store.runs()))
    run.send_signal(signal.SIGINT)
    time.sleep(0.2)  # so that the two do not become one
    run.send_signal(signal.SIGINT)
    code, output = ended(run)
    assert code != 0, output
    store = is_sound(place.corpus.root)
    (interrupted,) = store.runs()
    assert {each.name: each.status for each in store.results(interrupted.run_id).values()} == {"aaa": "PASSED"}


def test_two_runs_at_once_on_one_store_are_two_whole_runs(place: Place) -> None:
    for name in ("aaa", "bbb", "ccc"):
        place.add(name, PASSES if name != "bbb" else "def test_no(): assert False\n")
    runs = [place.begin(place.stub().option) for _ in range(2)]
    outcomes = [ended(run) for run in runs]
    assert [code for code, _ in outcomes] == [1, 1], outcomes
    store = is_sound(place.corpus.root)
    assert len(store.runs()) == 2
    for run in store.runs():
        assert run.completed_at is not None
        found = {each.name: each.status for each in store.results(run.run_id).values()}
        assert found == {"aaa": "PASSED", "bbb": "FAILED", "ccc": "PASSED"}
    trends = store.architecture_trends()
    assert trends is not None
    assert {trend.current_status for trend in trends.architectures.values()} == {"PASSED", "FAILED"}


def test_a_clock_that_runs_back_and_jumps_makes_no_impossible_record(place: Place) -> None:
    jumps = place.corpus.work / "jumps"
    jumps.mkdir()
    (jumps / "sitecustomize.py").write_text(
        "import datetime, itertools, time\n"
        "count = itertools.count()\n"
        "real, clock = datetime.datetime, time.time\n"
        "off = lambda: -600 * next(count) + 86400 * (next(count) == 9)\n"
        "class jumping(real):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None):\n"
        "        return real.now(tz) + datetime.timedelta(seconds=off())\n"
        "datetime.datetime = jumping\n"
        "time.time = lambda: clock() + off()\n"
    )
    place.add("aaa", PASSES)
    place.add("bbb", PASSES)
    code, output = place.run(place.stub().option, PYTHONPATH=str(jumps))
    assert code == 0, output
    (run,) = is_sound(place.corpus.root).runs()
    assert run.completed_at is not None
    assert run.completed_at > run.started_at
    for result in place.corpus.store.results(run.run_id).values():
        assert result.completed_at > result.started_at
        assert 0 < result.duration_seconds < 120
        assert all(0 <= stage.seconds < 120 for stage in result.stages)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for little; only root can have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "lsqm-test", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_costs_no_result_that_was_written(place: Place, small_disk: Path) -> None:
    for number in range(6):
        place.add(f"arch-{number}", f"def test_{number}(): pass\n")
    place.corpus.root = Path(shutil.move(place.corpus.root, small_disk / "store"))
    free = shutil.disk_usage(small_disk).free
    (small_disk / "filler").write_bytes(bytes(free - ROOM))
    code, output = place.run(place.stub().option)
    assert code == 3, output
    assert "No space left on device" in output
    assert "What stood there before is unchanged" in output
    # The verdicts are shown though they could not be written.
    assert output.count("PASSED  arch-") >= 6
    (small_disk / "filler").unlink()
    store = is_sound(place.corpus.root)
    written = [result for run in store.runs() for result in store.results(run.run_id).values()]
    assert 0 < len(written) < 6
    assert {result.status for result in written} == {"PASSED"}


def test_a_store_that_cannot_be_written_is_said_and_stays_as_it_was(place: Place, small_disk: Path) -> None:
    place.add("aaa", PASSES)
    place.corpus.root = Path(shutil.move(place.corpus.root, small_disk / "store"))
    assert place.run(place.stub().option)[0] == 0
    before = {path: path.read_bytes() for path in place.corpus.root.rglob("*") if path.is_file()}
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, output = place.run(place.stub().option)
    assert code == 3, output
    assert f"{place.corpus.root} cannot be locked for writing" in output
    assert "Read-only file system" in output
    assert "PASSED  aaa" in output
    assert "Traceback" not in output
    assert {path: path.read_bytes() for path in place.corpus.root.rglob("*") if path.is_file()} == before


def test_what_is_left_behind_would_be_seen(tmp_path: Path) -> None:
    assert list(processes(tmp_path)) == []
    program = "import socket, time; s = socket.create_server(('127.0.0.1', 0));"
    program += "print(s.getsockname()[1], flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        port = child.stdout.readline().strip()
        (found,) = processes(tmp_path)
        child.kill()
    assert f"process {child.pid} (ports [{port}])" in found
