"""What a person sees while a run is under way, on a terminal and off it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import FAILS, REPOSITORY, TOPIC, environment

if TYPE_CHECKING:
    from tests.plugin.conftest import Corpus

LINGERS = "def test_yes():\n    'lingers'\n    assert True\n"
COLOUR = re.compile(r"\x1b\[[0-9;]+m")
CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def on_a_terminal(corpus: Corpus, *arguments: str, size: tuple[int, int] = (30, 72), **variables: str) -> str:
    """What a terminal of so many rows and columns is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    hidden = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}
    kept = {name: value for name, value in environment().items() if name not in hidden}
    run = subprocess.Popen(
        corpus.command("-p", "tests.plugin.stubs", *arguments),
        cwd=corpus.work,
        env=kept | {"PYTHONPATH": str(REPOSITORY), "TERM": "xterm"} | variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent = b""
    try:
        while part := _read(ours):
            sent += part
    finally:
        os.close(ours)
        run.kill()
        run.wait()
    return sent.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # what Linux says where the other end is closed
        return b""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_terminal_shows_what_is_under_way_and_for_how_long(corpus: Corpus, workers: tuple[str, ...]) -> None:
    corpus.add("orders", TOPIC, LINGERS)
    corpus.add("bad", TOPIC, FAILS)
    sent = on_a_terminal(corpus, *workers)
    assert re.search(r"\r\x1b\[2K\[[01]/2\] \d+\.\d s  .*orders: apply [012] s", sent)
    assert re.search(r"orders: test [012] s", sent)
    assert "FAILED" in sent
    assert COLOUR.search(sent)
    lines = [line for part in CONTROL.sub("", sent).split("\r\n") for line in part.split("\r")]
    about = [line for line in lines if line.startswith(("[", "FAILED", "services:", "="))]
    assert about
    assert max(map(len, about)) <= 72


def test_no_color_is_honoured_and_columns_too(corpus: Corpus) -> None:
    corpus.add("bad", TOPIC, FAILS)
    sent = on_a_terminal(corpus, NO_COLOR="1", COLUMNS="60")
    assert not COLOUR.search(sent)
    assert len(next(line for line in sent.split("\r\n") if "lsqm: stub 1.0 =" in line)) == 60


def test_off_a_terminal_there_is_nothing_but_text_unless_colour_is_forced(corpus: Corpus) -> None:
    corpus.add("bad", TOPIC, FAILS)
    assert "\x1b" not in corpus.stubbed("-n", "2").stdout
    forced = corpus.stubbed(FORCE_COLOR="1").stdout
    assert COLOUR.search(forced)
    assert "\x1b[2K" not in forced
    assert "\x1b" not in corpus.stubbed("--color=no", FORCE_COLOR="1").stdout


def test_off_a_terminal_each_stage_is_a_line_where_more_is_wanted(corpus: Corpus) -> None:
    corpus.add("orders", TOPIC, "def test_yes():\n    assert True\n")
    done = corpus.stubbed("-v", "-n", "1")
    assert "lsqm: orders: apply\n" in done.stdout
    assert "lsqm: orders: test\n" in done.stdout
    assert re.search(r"^PASSED +orders", done.stdout, re.MULTILINE)


def test_a_worker_says_nothing_that_nobody_would_show_or_log(corpus: Corpus) -> None:
    corpus.add("orders", TOPIC, "def test_yes():\n    assert True\n")
    told = corpus.work / "told"
    (corpus.work / "listening.py").write_text(
        "from pytest_lsqm.emulators.remote import RemotePool\n"
        "really = RemotePool.tell\n"
        "def tell(self, event):\n"
        f"    with open({str(told)!r}, 'a') as stream:\n"
        "        print(event['kind'], file=stream)\n"
        "    really(self, event)\n"
        "RemotePool.tell = tell\n"
    )
    words, place = ("-p", "listening", "-n", "1"), {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{corpus.work}"}
    assert "PASSED" in corpus.stubbed(*words, "-v", **place).stdout
    assert set(told.read_text().split()) == {"doing"}
    told.unlink()
    assert "1 passed" in corpus.stubbed(*words, **place).stdout
    assert not told.exists()
    corpus.stubbed(*words, "--log-json=log.jsonl", **place)
    assert set(told.read_text().split()) == {"stage"}
