"""What a run may not leave behind: processes with their ports, folders, containers, half-written files."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm.corpus import Store
from pytest_lsqm.corpus.files import TEMPORARY
from pytest_lsqm.emulators.container import engine
from pytest_lsqm.process import cgroup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping


def volumes(environment: Mapping[str, str]) -> set[str]:
    """The volumes of an engine that no container uses: those of a container's own have neither name nor label."""
    return set(_asked(environment, lambda client: client.volumes.list(filters={"dangling": True})))


def in_engine(environment: Mapping[str, str], runs: Collection[int]) -> list[str]:
    """List what there is in an engine, running or not, that bears the name or the label of one of these runs."""
    kinds = {
        "container": lambda client: client.containers.list(all=True, ignore_removed=True),
        "network": lambda client: client.networks.list(),
        "volume": lambda client: client.volumes.list(),
    }
    return [
        f"{kind} {name}"
        for kind, listing in kinds.items()
        for name, label in _asked(environment, listing).items()
        if any(name.startswith(f"lsqm-{run}-") or label.startswith(f"{run}-") for run in runs)
    ]


def _asked(environment: Mapping[str, str], listing: Callable[[Any], list[Any]]) -> dict[str, str]:
    """Return the names of what is listed, each with our label's value; nothing where there is no engine."""
    found = dict(environment) or engine.find()
    if found is None:
        assert os.environ.get("LSQM_REQUIRE_DOCKER") != "1", "no engine answers"
        return {}
    with contextlib.closing(engine.client(found)) as client:
        return {each.name: str(_labels(each).get(engine.RUN_LABEL, "")) for each in listing(client)}


def _labels(thing: Any) -> dict[str, Any]:
    return dict(thing.attrs.get("Labels") or thing.attrs.get("Config", {}).get("Labels") or {})


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


def groups() -> set[str]:
    """The control groups of processes that are not there any more."""
    parent = cgroup.parent()
    made = parent.glob("lsqm-*") if parent is not None else ()
    return {f"control group {path}" for path in made if not Path("/proc", path.name.split("-")[1]).exists()}


def unowned(environment: Mapping[str, str]) -> set[str]:
    """What may be of a run without saying of which: volumes that nothing uses, control groups of the dead."""
    return {f"volume {name}" for name in volumes(environment)} | groups()


def nothing_is_left(
    temporary: Path,
    runs: Collection[int],
    before: Collection[str],
    environment: Mapping[str, str],
    *,
    seconds: float = 60,
) -> None:
    """Fail if something stays of runs, by process id; `seconds` bound how long what is on its way out may take.

    `before` is what was `unowned` already when the runs began.
    """
    deadline = time.monotonic() + seconds
    while left := [
        *left_behind(temporary),
        *in_engine(environment, runs),
        *(unowned(environment) - set(before)),
    ]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


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
