"""Provider processes that outlive a command: one architecture at a time, and a new one after anything goes wrong.

Terraform starts the provider anew for each command, up to five times in it. One that was started with `-debug`
says how Terraform may attach itself to it instead. What an architecture sets is given to it with each command
(its provider block names account and endpoints); what it reads from its environment is the same for all.

A provider finds files by the folder in which it was started. One for an architecture that has files is started
among them, serves all of its commands, and no other.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import process
from pytest_lsqm.errors import ProviderError
from pytest_lsqm.process import guard
from pytest_lsqm.process.jail import Jail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lsqm.terraform.relay import Relay

SWITCH = "LSQM_WARM"
"""Environment variable: `0` has every command start its own provider, every app its own Python, as without us."""

START_TIMEOUT = 30.0
USES = 100
"""Architectures that one process serves before it is replaced."""

COLLECTOR = {"GOGC": "200"}
"""Go's garbage collector at rest until the heap is three times what is alive: 15 % less CPU than by Go's default.

At five times it is 3 % less again, but eight workers take a gigabyte more.
"""

_ATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(\{.*\})'")
_LONGEST_TEMPORARY = 45
"""Characters of a folder for temporary files below which a socket's path still has room for its 107 bytes."""


def switched_on() -> bool:
    """Whether processes may be kept warm."""
    return os.environ.get(SWITCH) != "0"


@dataclass(frozen=True)
class Kind:
    """What makes two provider processes exchangeable: the program, its address, its environment."""

    program: Path
    address: str
    environment: tuple[tuple[str, str], ...]
    confined: bool


@dataclass(frozen=True)
class Place:
    """The files of an architecture, whose provider may be told to read them by paths from the `root`."""

    root: Path
    """Where Terraform runs, and a provider that it starts itself."""
    folder: Path
    """All of the configuration."""


class _Running:
    """A provider process and the relay before it; one that runs at an architecture's `place` is for that one."""

    def __init__(self, kind: Kind, place: Place | None = None) -> None:
        self.kind, self.place, self.uses = kind, place, 0
        long = len(tempfile.gettempdir()) > _LONGEST_TEMPORARY
        self._folder = Path(tempfile.mkdtemp(prefix="lsqm-provider-", dir="/tmp" if long else None))  # noqa: S108
        guard.watch_folder(self._folder)
        self._server: process.Server | None = None
        self._relay: Relay | None = None
        try:
            env = process.base_environment(self._folder) | dict(kind.environment) | COLLECTOR
            log, cwd = self._folder / "provider.log", place.root if place else self._folder
            argv: list[str | Path] = [kind.program, "-debug"]
            if kind.confined:
                jail = Jail(socket=self._folder / "emulator", replaceable=True)
                jail = jail.to(
                    write=[self._folder, *([place.folder] if place else [])], read=[kind.program.parent]
                )
                argv = [*jail.wrap(argv, cwd)]
            self._server = process.Server(argv, env=env, cwd=cwd, log=log)
            told = self._await_address()
            self.attach = json.dumps({kind.address: self._relayed(told)})
        except BaseException:
            self.stop()
            raise

    def lead_to(self, socket: Path) -> None:
        """Have the door of its jail lead to another emulator: a link to a socket is that socket."""
        fresh = self._folder / "emulator.new"
        fresh.unlink(missing_ok=True)
        os.link(socket, fresh)
        fresh.replace(self._folder / "emulator")

    def tell_of(self, types: frozenset[str] | None) -> None:
        """Have Terraform know of these resource types alone; see `Relay.narrow`."""
        if self._relay is not None:
            self._relay.narrow(types)

    @property
    def alive(self) -> bool:
        """Whether the provider still runs."""
        return self._server is not None and self._server.returncode is None

    def stop(self) -> None:
        """End it all; harmless when repeated."""
        if self._relay is not None:
            self._relay.close()
        if self._server is not None:
            self._server.stop(grace=0.0)
        shutil.rmtree(self._folder, ignore_errors=True)
        guard.forget_folder(self._folder)

    def _await_address(self) -> dict[str, Any]:
        assert self._server is not None
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._server.returncode is None:
            if found := _ATTACH.search(self._server.read_log()):
                told: dict[str, Any] = next(iter(json.loads(found[1]).values()))
                return told
            time.sleep(0.02)
        raise ProviderError(
            f"{self.kind.program.name} cannot be kept running:\n{self._server.read_log(limit=2000)}"
        )

    def _relayed(self, told: dict[str, Any]) -> dict[str, Any]:
        from pytest_lsqm.terraform.relay import Relay

        if told.get("ProtocolVersion", 5) != 5 or told["Addr"]["Network"] != "unix":
            raise ProviderError(f"{self.kind.program.name} speaks another protocol than tfplugin5")
        self.meeting = self._folder / "relay"
        self.meeting.mkdir()
        self._relay = Relay(told["Addr"]["String"], self.meeting / "sock")
        # In a jail there is another process 1 and none of this number; Terraform wants one that lives.
        return (
            told
            | ({"Pid": 1} if self.kind.confined else {})
            | {"Addr": {"Network": "unix", "String": str(self._relay.socket)}}
        )


class Lent:
    """A provider process for one architecture."""

    def __init__(self, keeper: Warm, running: _Running, socket: Path | None, types: frozenset[str] | None) -> None:
        self._keeper, self._running, self._socket, self._types = keeper, running, socket, types
        self.spoilt = False
        """Whether the provider ended by itself: then what Terraform said of it is not said of the emulator."""

    def environment(self) -> dict[str, str]:
        """Return what makes Terraform attach itself."""
        return {"TF_REATTACH_PROVIDERS": self._running.attach}

    def failed(self) -> None:
        """Have another process, since a command failed: whatever state that left in this one, none of it stays."""
        self.spoilt = self.spoilt or not self._running.alive
        self._running.stop()
        try:
            self._running = self._keeper.start(self._running.kind, self._running.place)
        except (ProviderError, OSError):
            self.spoilt = True  # what comes next fails for want of a provider
        else:
            self.lead()

    def lead(self) -> None:
        """Lead the process to the emulator, where it is confined, and Terraform to the types that it needs."""
        self._running.tell_of(self._types)
        if self._socket is not None:
            self._running.lead_to(self._socket)

    @property
    def folder(self) -> Path:
        """Where Terraform meets it."""
        return self._running.meeting

    def give_back(self) -> None:
        """Let the next architecture have it, if it is fit for that."""
        self._keeper.take_back(self._running)


class Warm:
    """The provider processes of this process, and which version `init` chose for which constraints."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Running] = []
        self._unfit: set[Kind] = set()
        self._chosen: dict[object, str] = {}
        self._closed = False

    def lend(
        self,
        program: Path,
        address: str,
        environment: Mapping[str, str],
        types: frozenset[str] | None,
        *,
        socket: Path | None = None,
        place: Place | None = None,
    ) -> Lent | None:
        """Lend a process of that program that was started in that environment; None where it cannot be kept.

        Terraform is told of these `types` alone, of all where it is None.
        With the `socket` of an emulator's proxy it is confined as Terraform is, and that is all it reaches.
        With a `place` it is started there, and is for this architecture alone.
        """
        kind = Kind(program, address, tuple(sorted(environment.items())), socket is not None)
        with self._lock:
            if kind in self._unfit:
                return None
            found = next((each for each in self._idle if each.kind == kind and place is None), None)
            if found is not None:
                self._idle.remove(found)
            others, self._idle = self._idle, []
        for other in others:  # of another kind: they are not worth their memory
            if other.kind == kind:
                self.take_back(other)
            else:
                other.stop()
        if found is None or not found.alive:
            try:
                found = self.start(kind, place)
            except (ProviderError, ImportError, OSError):
                self._unfit.add(kind)
                return None
        found.uses += 1
        lent = Lent(self, found, socket, types)
        lent.lead()
        return lent

    def start(self, kind: Kind, place: Place | None = None) -> _Running:
        """Start a process; a ProviderError when it cannot be kept running."""
        return _Running(kind, place)

    def take_back(self, running: _Running) -> None:
        """Keep a process for the next architecture, unless it is old or dead, or runs where one's files were."""
        if running.alive and running.uses < USES and running.place is None:
            with self._lock:
                if not self._closed:
                    self._idle.append(running)
                    return
        running.stop()

    def chosen(self, constraints: object) -> str | None:
        """Return the version that `init` has chosen for these constraints before."""
        return self._chosen.get(constraints)

    def learn(self, constraints: object, version: str) -> None:
        """Note which version `init` has chosen."""
        self._chosen[constraints] = version

    def close(self) -> None:
        """End what is idle; what is lent ends when it is given back. Harmless when repeated."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for running in idle:
            with contextlib.suppress(OSError):
                running.stop()
