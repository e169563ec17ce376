"""Where a stranger's command runs: it sees the folders that it needs, and the emulator, and nothing else.

Bubblewrap makes the jail out of namespaces: own processes, own users, own network, own `/tmp`. Of this
machine there are the system's programs and libraries and the folders that are named, most of them to be read
only. A single door leads out of its network, to the emulator's proxy (`door`).
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MIB = 1024 * 1024

PORT = 4566
"""Where the emulator is, inside every jail: each has a loopback of its own."""

ENDPOINT = f"http://127.0.0.1:{PORT}"

LIMITS: Mapping[str, int] = {
    "CORE": 0,
    "NOFILE": 4096,
    "FSIZE": 1024 * MIB,
    "DATA": 6 * 1024 * MIB,
}
"""Of each process in a jail, by the names of `resource`: bytes, files."""

TEMPORARY = 512 * MIB
"""Bytes that fit into a jail's own `/tmp`, which is memory."""

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache")
"""What every program needs; where it is a link, it is the same link inside."""

_HERE = Path(__file__).parent
_DOOR = _HERE / "door.py"
_ETC = _HERE / "etc"
"""The few files of `/etc` that libraries look into; these tell nothing of this machine."""


@dataclass(frozen=True)
class Jail:
    """A jail: the folders that may be written in it, those that may be read, and the socket behind its door."""

    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    socket: Path | None = None
    limits: Mapping[str, int] = field(default_factory=lambda: dict(LIMITS))
    replaceable: bool = False
    """Whether the socket lies in a folder that is named, and may be another one later."""

    def to(self, *, write: Iterable[Path], read: Iterable[Path] = ()) -> Jail:
        """Return a jail with the same door in which these folders may be written, and more may be read."""
        return replace(self, writable=tuple(write), readable=(*self.readable, *read))

    def wrap(self, argv: Sequence[str | Path], cwd: Path | None) -> list[str]:
        """Return the command that runs `argv` in the jail."""
        limits = ",".join(f"{name}={value}" for name, value in self.limits.items())
        port = PORT if self.socket else 0
        door = [_python(), "-I", "-S", str(_DOOR), limits, str(port), str(self.socket or "")]
        return [*self._bwrap(cwd), "--", *door, *(str(word) for word in argv)]

    def _bwrap(self, cwd: Path | None) -> list[str]:
        words = [
            # It must not be the first to go when its group is asked to end: with it would go the whole jail,
            # and Terraform would have no time to write its state. The door undoes this for the command.
            *("env", "--ignore-signal=TERM"),
            program() or "bwrap",
            *("--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "lsqm"),
            *("--proc", "/proc", "--dev", "/dev", "--size", str(TEMPORARY), "--tmpfs", "/tmp"),  # noqa: S108
        ]
        for path in _SYSTEM:
            if os.path.islink(path):  # noqa: PTH114  the link itself, not a path to work with
                words += ["--symlink", os.readlink(path), path]  # noqa: PTH115
            else:
                words += ["--ro-bind-try", path, path]
        for file in sorted(_ETC.iterdir()):
            words += ["--ro-bind", str(file), f"/etc/{file.name}"]
        for folder in _outermost([*_interpreter(), _HERE, *self.readable]):
            words += ["--ro-bind-try", str(folder), str(folder)]
        for folder in self.writable:
            words += ["--bind", str(folder), str(folder)]
        if self.socket is not None and not self.replaceable:
            words += ["--ro-bind", str(self.socket), str(self.socket)]
        return [*words, "--chdir", str(cwd or "/")]


@cache
def unavailable() -> str | None:
    """Say why no jail can be made on this machine; None where one can."""
    found = program()
    if found is None:
        return "bubblewrap is not installed (`apt-get install bubblewrap`)"
    from pytest_lsqm import process

    words = [found, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    done = process.run(words, env={"PATH": os.defpath}, timeout=20)
    if done.ok:
        return None
    return f"bubblewrap does not work here: {(done.stderr.strip() or 'it said nothing').splitlines()[-1]}"


def program() -> str | None:
    """Return bubblewrap's program, None where it is not installed."""
    return shutil.which("bwrap")


def _python() -> str:
    """Return the interpreter itself: that of a virtual environment is a link, which may lead through others."""
    return os.path.realpath(sys.executable)


def _interpreter() -> Iterable[Path]:
    """Go through what this interpreter wants to read, and what is installed beside it."""
    for name in (sys.prefix, sys.base_prefix, sys.exec_prefix, Path(_python()).parents[1]):
        yield Path(name)
    link = Path(sys.executable)
    while link.is_symlink():  # a virtual environment may name its base by way of further links
        link = link.parent / link.readlink()
        yield link.parent


def _outermost(folders: Iterable[Path]) -> list[Path]:
    """Leave out what lies within another, or within the system's own folders, which are there already."""
    found: list[Path] = []
    for folder in sorted({Path(os.path.abspath(each)) for each in folders}):  # noqa: PTH100  links stay links
        there = [*found, *(Path(path) for path in _SYSTEM)]
        if not any(folder.is_relative_to(other) for other in there):
            found.append(folder)
    return found
