"""Control groups: where they can be made, that they bound, and that they go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_lsqm.process import cgroup

V1 = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
40 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
"""
V2 = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"


@pytest.mark.parametrize(
    ("mounts", "own", "found"),
    [
        (V1, "8:pids:/user/one\n4:memory:/a:b\n0::/\n", ["/sys/fs/cgroup/pids/user/one", "/sys/fs/cgroup/pids"]),
        (V1, "8:pids:/\n", ["/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids"]),
        (V2, "0::/user.slice/user-0.slice/session-1.scope\n", ["/sys/fs/cgroup/user.slice/user-0.slice"]),
        (V2, "0::/\n", ["/sys/fs/cgroup"]),
        ("24 1 0:21 / /proc rw - proc proc rw\n", "0::/\n", []),
    ],
    ids=["v1", "v1 at its root", "v2 beside ours", "v2 at its root", "none"],
)
def test_where_groups_might_be_made(mounts: str, own: str, found: list[str]) -> None:
    assert list(map(str, cgroup.places(mounts, own))) == found


@pytest.fixture
def procs() -> Path:
    """The file of a group, where this machine can make one."""
    with cgroup.bound() as file:
        if file is None:
            pytest.skip("no control group can be made here, by this user")
    return file


def test_a_group_goes_when_what_is_in_it_has_been_killed(procs: Path) -> None:
    assert not procs.parent.exists(), "it went with its block"
    with cgroup.bound() as file:
        assert file is not None
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]) as child:
            file.write_text(str(child.pid))
            assert file.read_text().split() == [str(child.pid)]
            child.kill()
    assert not file.parent.exists()


def test_a_group_of_a_process_that_was_killed_is_removed(procs: Path) -> None:
    code = (
        "import sys, time\n"
        "from pytest_lsqm.process import cgroup\n"
        "with cgroup.bound() as file:\n"
        "    print(file, flush=True)\n"
        "    time.sleep(300)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        group = Path(child.stdout.readline().strip()).parent
        assert group.is_dir()
        assert group.parent == procs.parent.parent
        os.kill(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while group.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not group.exists()


def test_groups_whose_processes_and_reapers_were_killed_go_the_next_time(procs: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as gone:
        pass
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]) as child:
        kept = {
            "young": group(procs, f"lsqm-{gone.pid}-young", age=0),
            "of a living process": group(procs, f"lsqm-{child.pid}-living"),
            "inhabited": group(procs, f"lsqm-{gone.pid}-inhabited"),
            "another's": group(procs, f"other-{gone.pid}-x"),
        }
        (kept["inhabited"] / "cgroup.procs").write_text(str(child.pid))
        forsaken = group(procs, f"lsqm-{gone.pid}-forsaken")
        try:
            code = "from pytest_lsqm.process import cgroup\nwith cgroup.bound(): pass"
            subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
            assert not forsaken.exists()
            assert [what for what, each in kept.items() if not each.exists()] == []
        finally:
            child.kill()
            child.wait()
            for each in (*kept.values(), forsaken):
                if each.exists():
                    each.rmdir()


def group(beside: Path, name: str, age: float = 2 * cgroup.FORSAKEN) -> Path:
    """Make a group where ours are made, and make it older than it is."""
    made = beside.parent.parent / name
    made.mkdir()
    then = time.time() - age
    os.utime(made, (then, then))
    return made
