"""Where a stranger's command runs: it sees the folders that it needs, and the emulator, and nothing else.

Bubblewrap makes the jail out of namespaces: own processes, own users, own network, own `/tmp`. Of this
machine there are the system's programs and libraries and the folders that are named, most of them to be read
only. A single door leads out of its network, to the emulator's proxy (`door`).
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pytest_lsqm.process import cgroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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

_START = 'trap "" TERM; [ -z "$0" ] || { echo 0 > "$0"; } 2> /dev/null; exec "$@"'
"""For the shell that becomes the jail, with the file of a control group.

The jail must not be the first to go when its group is asked to end: with it would go all that is in it, and
Terraform would have no time to write its state. The door undoes this for the command.
"""

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache")
"""What every program needs; where it is a link, it is the same link inside."""

_HERE = Path(__file__).parent
_DOOR = _HERE / "door.py"
_ETC = _HERE / "etc"
"""The few files of `/etc` that libraries look into; these tell nothing of this machine."""


@dataclass(frozen=True)
class Entrance:
    """What to start, and with which environment, for a command to run."""

    words: tuple[str, ...]
    env: Mapping[str, str]
    heads: Callable[[int], Sequence[int]] = lambda pid: (pid,)
    """The processes below which all of it runs, by the process id of what was started."""


@dataclass(frozen=True)
class Jail:
    """A jail: the folders that may be written in it, those that may be read, and the socket behind its door."""

    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    socket: Path | None = None
    limits: Mapping[str, int] = field(default_factory=lambda: dict(LIMITS))
    counted: bool = False
    """Whether the kernel counts its processes; to enter a control group takes some 30 ms of waiting."""
    replaceable: bool = False
    """Whether the socket lies in a folder that is named, and may be another one later."""
    means: ClassVar[str] = "bubblewrap"
    """What it is made by, for a person."""
    lasting: ClassVar[bool] = True
    """Whether something may be kept in one, or join it from outside."""

    def to(self, *, write: Iterable[Path], read: Iterable[Path] = (), counted: bool = False) -> Jail:
        """Return a jail with the same door in which these folders may be written, and more may be read."""
        return replace(self, writable=tuple(write), readable=(*self.readable, *read), counted=counted)

    @contextmanager
    def entered(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str]) -> Iterator[Entrance]:
        """Offer the way to run `argv` in the jail, which ends with the `with` block."""
        with cgroup.bound() if self.counted else nullcontext() as group:
            yield Entrance(tuple(self.wrap(argv, cwd, group)), env)

    def wrap(self, argv: Sequence[str | Path], cwd: Path | None, group: Path | None = None) -> list[str]:
        """Return the command that runs `argv` in the jail, and in the control group with this file."""
        start = ["/bin/sh", "-c", _START, str(group or "")]
        return [*start, *self._bwrap(cwd), "--", *self.door(), *(str(word) for word in argv)]

    def bounds(self) -> dict[str, int]:
        """Return the limits of each process in it; a user other than root has one on their number as well."""
        own = self.lasting and _counts_users_apart() and os.getuid() != 0
        return {**self.limits, **({"NPROC": cgroup.TASKS} if own else {})}

    def door(self) -> list[str]:
        """Return the command that is the first one in the jail, and becomes the one that follows."""
        limits = ",".join(f"{name}={value}" for name, value in self.bounds().items())
        port = PORT if self.socket else 0
        return [_python(), "-I", "-S", str(_DOOR), limits, str(port), str(self.socket or "")]

    def binds(self) -> Iterator[tuple[str, str, bool]]:
        """Go through what of this machine is there: where it is, where it is inside, whether it can be written."""
        for path in _SYSTEM:
            yield path, path, False
        for file in sorted(_ETC.iterdir()):
            yield str(file), f"/etc/{file.name}", False
        for folder in _outermost([*_interpreter(), _HERE, *self.readable]):
            yield str(folder), str(folder), False
        for folder in self.writable:
            yield str(folder), str(folder), True
        if self.socket is not None and not self.replaceable:
            yield str(self.socket), str(self.socket), False

    def _bwrap(self, cwd: Path | None) -> list[str]:
        words = [
            program() or "bwrap",
            *("--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "lsqm"),
            *("--proc", "/proc", "--dev", "/dev", "--size", str(TEMPORARY), "--tmpfs", "/tmp"),  # noqa: S108
        ]
        for source, target, writable in self.binds():
            if target in _SYSTEM and os.path.islink(source):  # noqa: PTH114  the link itself, not a path to work with
                words += ["--symlink", os.readlink(source), target]  # noqa: PTH115
            else:
                words += ["--bind" if writable else "--ro-bind-try", source, target]
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


def _counts_users_apart() -> bool:
    """Whether a user's processes are counted anew in a user namespace, whatever runs outside: Linux since 5.14."""
    major, _, rest = platform.release().partition(".")
    minor = rest.partition(".")[0]
    return (int(major), int(minor)) >= (5, 14) if major.isdigit() and minor.isdigit() else False


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
