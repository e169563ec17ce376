"""What must be gone when its owner is killed: every test kills a real one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.process.processes import alive, pids_in, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

PREPARATION = """
    import os, time
    from pathlib import Path
    from pytest_lsqm import process
    from pytest_lsqm.process import guard

    here = Path.cwd()

    def note(pid):
        with open("pids", "a") as stream:
            print(pid, file=stream)

    def serve(script):
        server = process.Server(["sh", "-c", script], env=dict(os.environ), cwd=here, log=here / "log")
        note(server.pid)
        return server
"""


class Owner:
    """A Python process of its own that uses `process` and `guard`."""

    def __init__(self, folder: Path, script: str) -> None:
        text = textwrap.dedent(PREPARATION) + textwrap.dedent(script)
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", text],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )

    def children(self) -> list[int]:
        """Return its direct children, the reaper among them."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in task.read_text().split()]

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(20)


@pytest.fixture
def owners() -> Iterator[list[Owner]]:
    started: list[Owner] = []
    yield started
    for owner in started:
        if owner.process.poll() is None:
            owner.kill()


def _start(owners: list[Owner], folder: Path, script: str, pids: int) -> tuple[Owner, list[int]]:
    owners.append(Owner(folder, script))
    return owners[-1], pids_in(folder / "pids", pids)


STUBBORN = "trap '' TERM HUP; sleep 60 & echo $! >> pids; while :; do wait; done"


def test_a_killed_owner_leaves_no_server_no_folder_and_no_reaper(owners: list[Owner], tmp_path: Path) -> None:
    owner, pids = _start(
        owners,
        tmp_path,
        f"""
        (here / "scratch" / "deep").mkdir(parents=True)
        (here / "scratch" / "deep" / "file").write_text("x")
        guard.watch_folder(here / "scratch")
        server = serve("{STUBBORN}")
        time.sleep(60)
        """,
        2,
    )
    children = owner.children()
    assert len(children) == 2
    owner.kill()
    assert wait_until(lambda: not any(map(alive, pids + children)))
    assert wait_until(lambda: not (tmp_path / "scratch").exists())


def test_a_command_that_was_running_dies_with_its_owner(owners: list[Owner], tmp_path: Path) -> None:
    owner, pids = _start(
        owners,
        tmp_path,
        f"""
        process.run(["sh", "-c", "echo $$ >> pids; {STUBBORN}"], env=dict(os.environ), timeout=60)
        """,
        2,
    )
    # The owner tells the reaper right after the start, which cannot be seen from here.
    time.sleep(0.5)
    owner.kill()
    assert wait_until(lambda: not any(map(alive, pids)))


def test_a_folder_that_is_written_to_while_its_owner_dies_is_gone_all_the_same(
    owners: list[Owner], tmp_path: Path
) -> None:
    owner, pids = _start(
        owners,
        tmp_path,
        """
        (here / "scratch").mkdir()
        guard.watch_folder(here / "scratch")
        script = "i=0; while :; do i=$((i+1)); mkdir -p scratch/$i; done"
        server = serve(script)
        time.sleep(60)
        """,
        1,
    )
    assert wait_until(lambda: len(list((tmp_path / "scratch").iterdir())) > 200)
    owner.kill()
    assert wait_until(lambda: not any(map(alive, pids)))
    assert wait_until(lambda: not (tmp_path / "scratch").exists())


def test_the_command_that_was_left_to_do_is_run(owners: list[Owner], tmp_path: Path) -> None:
    owner, _ = _start(
        owners,
        tmp_path,
        """
        guard.watch_command(["sh", "-c", f"touch {here}/undone"])
        guard.watch_command(["/no/such/docker", "rm"])
        guard.watch_command(["sh", "-c", f"touch {here}/undone-too"])
        guard.watch_command(["sh", "-c", f"touch {here}/never"])
        guard.forget_command(["sh", "-c", f"touch {here}/never"])
        note(os.getpid())
        time.sleep(60)
        """,
        1,
    )
    owner.kill()
    assert wait_until((tmp_path / "undone-too").exists)
    assert (tmp_path / "undone").exists()
    assert not (tmp_path / "never").exists()


def test_what_was_forgotten_stays(owners: list[Owner], tmp_path: Path) -> None:
    owner, pids = _start(
        owners,
        tmp_path,
        """
        for name in ("kept", "removed"):
            (here / name).mkdir()
            guard.watch_folder(here / name)
        guard.forget_folder(here / "kept")
        guard.forget_folder(here / "never-watched")
        server = serve("sleep 60")
        time.sleep(60)
        """,
        1,
    )
    owner.kill()
    assert wait_until(lambda: not (tmp_path / "removed").exists() and not any(map(alive, pids)))
    assert (tmp_path / "kept").exists()


def test_an_owner_that_ends_without_stopping_its_server_leaves_none(owners: list[Owner], tmp_path: Path) -> None:
    owner, pids = _start(
        owners,
        tmp_path,
        """
        server = serve("sleep 60")
        """,
        1,
    )
    assert owner.process.wait(20) == 0
    assert wait_until(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_python_does_not_handle_clears_up_like_a_kill(
    owners: list[Owner], tmp_path: Path, number: int
) -> None:
    script = 'server = serve("sleep 60")\ntime.sleep(60)'
    owner, pids = _start(owners, tmp_path, script, 1)
    owner.kill(number)
    assert wait_until(lambda: not any(map(alive, pids)))


def test_a_reaper_that_was_killed_is_replaced(owners: list[Owner], tmp_path: Path) -> None:
    owner, pids = _start(
        owners,
        tmp_path,
        """
        import signal
        guard.watch_folder(here / "nothing")
        reaper = int(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text())
        os.kill(reaper, signal.SIGKILL)
        while f"State:\\tZ" not in Path(f"/proc/{reaper}/status").read_text():
            time.sleep(0.01)
        server = serve("sleep 60")
        time.sleep(60)
        """,
        1,
    )
    owner.kill()
    assert wait_until(lambda: not any(map(alive, pids)))


def test_a_forked_process_guards_its_own(owners: list[Owner], tmp_path: Path) -> None:
    owner, pids = _start(
        owners,
        tmp_path,
        """
        first = serve("sleep 60")
        if os.fork() == 0:
            second = serve("sleep 60")
            note(os.getpid())
        time.sleep(60)
        """,
        3,
    )
    first, second, fork = pids
    os.kill(fork, signal.SIGKILL)
    assert wait_until(lambda: not alive(second))
    assert alive(first)
    owner.kill()
    assert wait_until(lambda: not alive(first))
