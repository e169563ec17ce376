"""Runs inside a jail, before the command: sets its limits, and opens the one door out of it.

    python -I -S door.py LIMITS PORT SOCKET [COMMAND [ARGUMENT...]]

Without a command it says `ready` and holds the jail for those who enter it later.

The jail has a network of its own in which nothing is but its loopback. What is sent there to `PORT` goes
through the unix socket `SOCKET`, behind which the emulator's proxy listens; `PORT` 0 opens no door. Imports
nothing but the standard library, and little of that: it is on the way of every command.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import threading

BLOCK = 1 << 16


def main() -> None:
    """Open the door, and become the command."""
    limits, port, path, *command = sys.argv[1:]
    if int(port):
        _open(int(port), path)
    entries = (entry.partition("=") for entry in limits.split(","))
    set_limits({name: int(value) for name, _, value in entries if name})
    if not command:
        os.write(1, b"ready")
        while True:
            signal.pause()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which the jail itself ignores
    try:
        os.execvp(command[0], command)  # noqa: S606  it is what we are here for
    except OSError as error:
        sys.stderr.write(f"cannot start {command[0]}: {error.strerror}\n")
        os._exit(127)


def set_limits(limits: dict[str, int]) -> None:
    """Bound this process and all that come from it, by the names of `resource`; no bound is made wider."""
    for name, wanted in limits.items():
        _, hard = resource.getrlimit(number := getattr(resource, f"RLIMIT_{name}"))
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(number, (bound, bound))


def _open(port: int, path: str) -> None:
    server = socket.create_server(("127.0.0.1", port), backlog=256)
    if os.fork():
        server.close()
        return
    # The keeper of the door. It goes when the jail goes, and no signal to the command's group reaches it.
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        silent = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(silent, number)
        while True:
            inside, _ = server.accept()
            threading.Thread(target=_serve, args=(inside, path), daemon=True).start()
    finally:
        os._exit(1)


def _serve(inside: socket.socket, path: str) -> None:
    outside = socket.socket(socket.AF_UNIX)
    try:
        outside.connect(path)
    except OSError:
        inside.close()
        outside.close()
        return
    back = threading.Thread(target=_pass_on, args=(outside, inside), daemon=True)
    back.start()
    _pass_on(inside, outside)
    back.join()
    inside.close()
    outside.close()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    try:
        while block := source.recv(BLOCK):
            sink.sendall(block)
    except OSError:
        pass
    for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            continue


if __name__ == "__main__":
    main()
