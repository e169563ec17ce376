"""What must be gone when this process is gone, even if it is killed.

A reaper process per process of ours reads the end of a pipe whose other end only we hold. When we
die, however we die, it reads the end of file and does what we no longer can: it kills the process
groups, runs the commands and removes the folders that were still registered.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

_lock = threading.Lock()
_reapers: dict[int, IO[bytes]] = {}
"""The pipe to the reaper by the process id that started it: a forked child must start its own."""


def _pipe() -> IO[bytes]:
    pipe = _reapers.get(os.getpid())
    if pipe is None:
        script = Path(__file__).with_name("reaper.py")
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/")},
        )
        assert child.stdin is not None
        pipe = _reapers[os.getpid()] = child.stdin
        atexit.register(_close, os.getpid(), child)
    return pipe


def _close(owner: int, child: subprocess.Popen[bytes]) -> None:
    if owner == os.getpid() and child.stdin is not None:
        with _lock:
            _reapers.pop(owner, None)  # a thread that still starts something needs another one
            child.stdin.close()
        try:
            child.wait(timeout=30)
        except subprocess.TimeoutExpired:
            child.kill()


def start() -> None:
    """Start this process's reaper, so that what is started next is not alone for the time that this takes."""
    with _lock:
        _pipe()


def _tell(verb: str, kind: str, what: object) -> None:
    line = json.dumps([verb, kind, what]).encode() + b"\n"
    with _lock:
        pipe = _pipe()
        try:
            pipe.write(line)
            pipe.flush()
        except OSError:
            # The reaper is gone; a new one knows at least what comes from now on.
            _reapers.pop(os.getpid(), None)
            pipe = _pipe()
            pipe.write(line)
            pipe.flush()


def watch_group(group: int) -> None:
    """Kill this process group if we die before `forget_group`."""
    _tell("watch", "group", group)


def forget_group(group: int) -> None:
    """The process group is gone."""
    _tell("forget", "group", group)


def watch_folder(folder: Path) -> None:
    """Remove this folder if we die before `forget_folder`."""
    _tell("watch", "folder", str(folder))


def forget_folder(folder: Path) -> None:
    """The folder is gone, or may stay."""
    _tell("forget", "folder", str(folder))


def watch_cgroup(group: Path) -> None:
    """Remove this control group if we die before `forget_cgroup`."""
    _tell("watch", "cgroup", str(group))


def forget_cgroup(group: Path) -> None:
    """The control group is gone."""
    _tell("forget", "cgroup", str(group))


def watch_command(argv: list[str]) -> None:
    """Run this command if we die before `forget_command`: the way to remove a container."""
    _tell("watch", "command", argv)


def forget_command(argv: list[str]) -> None:
    """What the command would have undone is undone."""
    _tell("forget", "command", argv)
