"""The script that `forking` starts: it loads what apps load, and forks for each of them. Standard library only.

`python -I forkserver.py DESCRIPTOR REHEARSAL`: the rehearsal is a script that is run once in a forked process;
whatever it imported is then imported here, and nothing else of it stays. What is forked is as a new
`python -I SCRIPT ARGUMENT...` would be, but for the modules that are loaded already. Nothing of a stranger's is
ever run in this process itself; where an order names a jail, what is forked enters it first (`entering`).
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
import warnings

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 5.0
"""Seconds for hunting down what an app has left."""


_entering = runpy.run_path(os.path.join(os.path.dirname(__file__), "entering.py"))  # noqa: PTH118, PTH120
_enter, _prctl = _entering["enter"], _entering["prctl"]


def _rehearse(script: str) -> None:
    """Import what a script imports, by running it in another process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reading)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(nowhere, descriptor)
            runpy.run_path(script, run_name="__main__")
            names = [name for name, module in sys.modules.items() if _is_plain(module)]
            with os.fdopen(writing, "w") as pipe:
                json.dump(names, pipe)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    with warnings.catch_warnings():  # some set filters for good, where pytest would have ended them
        for name in json.loads(told or "[]"):
            try:
                importlib.import_module(name)
            except Exception:  # noqa: S112  what belongs to the rehearsal alone is not there any more
                continue


def _is_plain(module: object) -> bool:
    """Whether Python's own loader has made it: pytest rewrites what it loads itself, and must find it unloaded."""
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    return type(loader).__module__ == "_frozen_importlib_external"


def _become(
    order: dict[str, object], descriptors: list[int], control: socket.socket, parent: int, entered: int
) -> None:
    """Turn a forked process into what a new one would be, and say so by a byte to `entered`."""
    os.setsid()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    control.detach()
    entered = os.dup2(entered, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    if "jail" in order:
        _enter(order["jail"], order["limits"], entered)
    os.chdir(str(order["cwd"]))
    os.environ.clear()
    os.environ.update(order["env"])  # type: ignore[call-overload]
    sys.argv = list(order["argv"])  # type: ignore[call-overload]
    os.write(entered, b"1")
    os.close(entered)


def _descendants() -> list[int]:
    parents = {}
    for name in os.listdir("/proc"):  # noqa: PTH208  names are all that is wanted
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:  # noqa: PTH123
                    parents[int(name)] = int(file.read().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError, IndexError):
                continue
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= more
    return sorted(found - {os.getpid()})


def _end_all() -> None:
    """Kill whatever still runs below us, wherever it has hidden: as its reaper we get it all."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for pid in _descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _wait(pid: int, control: socket.socket) -> int:
    """Wait for the end of a child; when the other side goes first, end everything and us."""
    child = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([child, control.fileno()], [], [])
    finally:
        os.close(child)
    if child not in ready:
        _end_all()
        raise SystemExit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> str | None:
    """Serve; return a script in the process that is to run it, None when no more is wanted."""
    control, here = socket.socket(fileno=int(sys.argv[1])), os.getpid()
    _rehearse(sys.argv[2])
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    gc.collect()
    gc.freeze()  # what is loaded is not touched by a collection, and so stays one page for all
    control.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 20, 3)
        if not message:
            return None
        order = json.loads(message)
        entered, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                _become(order, descriptors, control, here, writing)
            except BaseException:
                os._exit(1)
            return str(order["argv"][0])
        for descriptor in (*descriptors, writing):
            os.close(descriptor)
        is_in = os.read(entered, 1) == b"1"
        os.close(entered)
        if not is_in:
            os.waitpid(pid, 0)
            control.send(json.dumps({"pid": None}).encode())
            continue
        control.send(json.dumps({"pid": pid}).encode())
        code = _wait(pid, control)
        _end_all()
        control.send(json.dumps({"code": code}).encode())


if __name__ == "__main__" and (_script := main()) is not None:
    runpy.run_path(_script, run_name="__main__")
