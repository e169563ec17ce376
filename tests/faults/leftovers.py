"""What a run may not leave behind: processes with their ports, folders, containers, half-written files."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import Store
from pytest_lsqm.corpus.files import TEMPORARY

if TYPE_CHECKING:
    from collections.abc import Iterator


def containers() -> set[str]:
    """The containers of this product that are there, running or not; none without an engine."""
    if shutil.which("docker") is None:
        return set()
    words = ["docker", "ps", "-a", "--filter", "name=^lsqm-", "--format", "{{.Names}}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    return set(done.stdout.split())


def processes(temporary: Path) -> Iterator[str]:
    """The processes that were told of this folder, each with the ports that it listens on."""
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdigit() or f"{temporary}".encode() not in (entry / "environ").read_bytes():
                continue
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if command:  # a zombie has none
            yield f"process {entry.name} (ports {sorted(_ports(entry))}): {command}"


def _ports(entry: Path) -> set[int]:
    sockets = set()
    try:
        for handle in (entry / "fd").iterdir():
            sockets.add(str(handle.readlink()))
        lines = (entry / "net" / "tcp").read_text().splitlines()[1:]
    except OSError:
        return set()
    listening = (line.split() for line in lines)
    return {
        int(row[1].split(":")[1], 16) for row in listening if row[3] == "0A" and f"socket:[{row[9]}]" in sockets
    }


def left_behind(temporary: Path) -> list[str]:
    """List what is still there of a run that had this folder as its temporary one."""
    folders = [f"folder {path}" for path in temporary.iterdir() if path.name.startswith("lsqm-")]
    return [*processes(temporary), *folders]


def nothing_is_left(temporary: Path, before: set[str], *, seconds: float = 60) -> None:
    """Fail if something stays; `seconds` bound how long what is on its way out may take."""
    deadline = time.monotonic() + seconds
    while left := left_behind(temporary):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    # Other tests run containers at the same time; those of this one would have been told of its folder.
    assert not {name for name in containers() - before if str(temporary) in name}


def is_sound(root: Path) -> Store:
    """Fail if anything in a store is torn, half-written or not what it should be; return the store."""
    store = Store.open(root)
    for run in store.runs():
        results = store.results(run.run_id)
        assert run.summary.total == len(results)
    list(store.architectures())
    store.service_trends(), store.architecture_trends(), store.regressions(), store.operations()
    store.refresh_index()
    assert store.problems == ()
    assert [path for path in root.rglob(f"*{TEMPORARY}") if path.exists()] == []
    return store
