"""Soak: the corpus many times over in one run. Memory, descriptors, processes and disk must be flat, verdicts too.

Each round has a copy of every architecture that differs in a comment, since a run holds an architecture once. What
is looked at every two seconds is put beside the rounds by the time at which their results were complete.
`growth` is the last quarter of the rounds against the second one; the first one warms up. An emulator grows with
each account by its nature and is replaced at a size (`emulators/pool.py`): of it the largest size is judged, and
of the controller what it keeps for each architecture.

Example: python benchmarks/soak.py --times 20 --workers 2 --json soak.json
Exit code 1 when a verdict differs between rounds or something has grown by more than the allowed part. With
`--minutes` the run is interrupted after that time as by Ctrl-C, and the rounds that are complete are judged.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import trees
from pytest_lsqm.emulators.pool import GROWN
from pytest_lsqm.process import warden

ROOT = Path(__file__).parent.parent
PERIOD = 2.0
"""Seconds between two looks."""

EVERY = 60.0
"""Seconds between two looks that are told at once."""

ALLOWED = 0.15
"""The part by which something may be more at the end than in the second quarter of the rounds."""

NOISE = 5.0
"""Mebibytes, descriptors or processes that are no growth, whatever part they are."""

LARGEST = 1.25 * GROWN / 2**20
"""Mebibytes an emulator may have: it is replaced when those that use it are done, and they may add to it."""


KEPT = 0.15
"""Mebibytes that the controller may keep for each architecture until the end: its result, pytest's reports."""


def write(sources: Path, corpus: Path, times: int, names: set[str]) -> int:
    """Write a store of `times` copies of the corpus, or of what of it is named, and return their number."""
    made = 0
    for place in sorted(path for path in (corpus / "architectures").iterdir() if path.is_dir()):
        metadata = json.loads((place / "metadata.json").read_text())
        app = corpus / "apps" / place.name
        if not app.is_dir() or (names and metadata["name"] not in names):
            continue
        for number in range(1, times + 1):
            copy = sources / f"{number:02}-{metadata['name']}"
            shutil.copytree(place, copy, ignore=shutil.ignore_patterns("metadata.json"))
            shutil.copytree(app, copy / "lsqm", ignore=shutil.ignore_patterns("generated_at.json"))
            first = min((copy / metadata.get("root", ".")).glob("*.tf"))
            first.write_text(f"{first.read_text()}\n# round {number}\n")
            made += 1
    return made


class Looks:
    """What a process tree has and a folder takes, by time."""

    def __init__(self, root: int, folder: Path) -> None:
        self.found: list[dict[str, float]] = []
        self._root, self._folder = root, folder
        self._over = threading.Event()
        self._told = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(PERIOD):
            self.found.append({"at": time.time(), **self._look()})
            if time.time() - self._told > EVERY:
                self._told = time.time()
                told = " ".join(f"{name} {value:.0f}," for name, value in sorted(self.found[-1].items())[1:])
                print(f"{time.strftime('%H:%M:%S')} {told}", file=sys.stderr, flush=True)

    def _look(self) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for pid in [self._root, *trees.below(self._root)]:
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
                descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
                memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except (OSError, IndexError):
                continue
            kind = _kind(words)
            memory = warden.memory(pid) if kind == "emulator" else memory
            found["processes"] += 1
            found[f"{kind} descriptors"] = max(found[f"{kind} descriptors"], descriptors)
            found[f"{kind} MiB"] = max(found[f"{kind} MiB"], memory / 2**20)
        found["temporary MiB"] = _size(self._folder) / 2**20
        return found


def _kind(words: str) -> str:
    for kind, sign in (
        ("emulator", "launch.py"),
        ("provider", "terraform-provider"),
        ("worker", "exec(eval(sys.stdin"),
        ("controller", "--lsqm-corpus"),
        ("fork server", "forkserver.py"),
    ):
        if sign in words:
            return kind
    return "other"


def _size(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118
            except OSError:
                continue
    return total


def summed_up(results: list[dict[str, Any]], looks: list[dict[str, float]]) -> dict[str, Any]:
    """Put the looks beside the rounds, and compare the last rounds with earlier ones."""
    rounds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        rounds[result["name"][:2]].append(result)
    whole = max(map(len, rounds.values()))
    rows, since = [], 0.0
    verdicts: dict[str, set[str]] = defaultdict(set)
    for number in sorted(number for number in rounds if len(rounds[number]) == whole):
        until = max(datetime.fromisoformat(each["completed_at"]).timestamp() for each in rounds[number])
        within = [look for look in looks if since < look["at"] <= until] or looks[-1:]
        row: dict[str, Any] = {"round": number, "seconds": round(until - since if since else 0.0, 1)}
        row |= {
            name: round(_median(within, name), 1) for name in sorted({k for look in within for k in look} - {"at"})
        }
        rows.append(row)
        since = until
        for each in rounds[number]:
            verdicts[each["name"][3:]].add(each["status"])
    quarter = max(len(rows) // 4, 1)
    done, kept = whole * (len(rows) - 1), rows[-1]["controller MiB"] - rows[0]["controller MiB"]
    growth = {}
    for name in rows[-1].keys() - {"round", "seconds"}:
        earlier = statistics.mean(row.get(name, 0.0) for row in rows[quarter : 2 * quarter] or rows)
        later = statistics.mean(row.get(name, 0.0) for row in rows[-quarter:])
        growth[name] = round(later / earlier - 1, 3) if later - earlier > NOISE and earlier else 0.0
    return {
        "rounds": rows,
        "growth": dict(sorted(growth.items())),
        "controller_mib_each": round(kept / max(done, 1), 3),
        "verdicts_that_differ": {name: sorted(found) for name, found in verdicts.items() if len(found) > 1},
        "set_aside": Counter(reason for each in results for reason in each.get("set_aside", ())),
        "not_passed": [
            {key: each.get(key) for key in ("name", "status", "error_message", "cause", "started_at")}
            for each in results
            if each["status"] != "PASSED"
        ],
    }


def _median(looks: list[dict[str, float]], name: str) -> float:
    return statistics.median(look.get(name, 0.0) for look in looks)


def main() -> int:
    """Run it, print a table, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--emulator", default="localstack-host")
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    parser.add_argument("--only", nargs="*", default=[], help="names of architectures")
    parser.add_argument("--minutes", type=float, help="interrupt the run then")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    # Sockets lie in folders for temporary files, and their paths may not be long.
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        temporary, store = place / "t", place / "corpus"
        temporary.mkdir()
        store.mkdir()
        count = write(place / "sources", asked.corpus, asked.times, set(asked.only))
        lsqm = Path(sys.executable).with_name("lsqm")
        folders = sorted(map(str, (place / "sources").iterdir()))
        subprocess.run([lsqm, "add", "--corpus", store, *folders], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(place / "sources")
        document = place / "run.json"
        command = [sys.executable, "-m", "pytest", "--lsqm", f"--lsqm-corpus={store}", f"--lsqm-json={document}"]
        command += [f"--lsqm-emulator={asked.emulator}", "-n", asked.workers, "-p", "benchmarks.rounds"]
        env = os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
        child = subprocess.Popen(
            [*command, "-p", "no:cacheprovider"], env=env, stdout=subprocess.DEVNULL, cwd=ROOT
        )
        looks = Looks(child.pid, temporary)
        _wait(child, asked.minutes)
        looks.stop()
        told = json.loads(document.read_text())
        # pytest keeps folders of its own there for a while.
        left = sorted(path.name for path in temporary.iterdir() if not path.name.startswith("pytest-of-"))
    found = summed_up(told["results"], looks.found)
    found |= {
        "architectures": count,
        "summary": told["run"]["summary"],
        "versions": told["run"]["config"]["versions"] | {asked.emulator: told["run"]["localstack_version"]},
        "left_in_temporary_folder": left[:20],
    }
    _table(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2))
    grown = {
        name: part
        for name, part in found["growth"].items()
        if part > ALLOWED and not name.startswith(("other", "emulator MiB", "controller MiB"))
    }
    if found["controller_mib_each"] > KEPT:
        grown["controller MiB"] = found["controller_mib_each"]
    largest = max(look.get("emulator MiB", 0.0) for look in looks.found)
    if largest > LARGEST:
        grown["emulator MiB"] = round(largest)
    print(f"grown by more than {ALLOWED:.0%}: {grown or 'nothing'}; left behind: {left[:5] or 'nothing'}")
    print(f"verdicts that differ: {found['verdicts_that_differ'] or 'none'}")
    print(f"tried again: {dict(found['set_aside']) or 'nothing'}")
    for each in found["not_passed"]:
        print(f"{each['name']} {each['status']}: {each['error_message']}")
    return 1 if grown or left or found["verdicts_that_differ"] else 0


def _wait(child: subprocess.Popen[bytes], minutes: float | None) -> None:
    """Wait for the run, and interrupt it when its time is over, or when we are interrupted."""
    try:
        child.wait(None if minutes is None else minutes * 60)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as cut:
        child.send_signal(signal.SIGINT)
        child.wait()
        if isinstance(cut, KeyboardInterrupt):
            raise


def _table(found: dict[str, Any]) -> None:
    names = [name for name in found["growth"] if not name.startswith("other")]
    print(" ".join(["round", "seconds", *names]))
    for row in found["rounds"]:
        print(" ".join(str(row.get(name, 0)) for name in ("round", "seconds", *names)))
    print(f"growth: { {name: found['growth'][name] for name in names} }")


if __name__ == "__main__":
    raise SystemExit(main())
