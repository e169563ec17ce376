"""Processes that left their group, and those of others."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from pytest_lsqm.process.strays import end_strays


def sleeper(home: Path, variable: str = "HOME") -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        ["sleep", "60"], env={"PATH": "/usr/bin:/bin", variable: str(home)}, start_new_session=True
    )
    # For a moment after its program was loaded the kernel shows it without an environment.
    deadline = time.monotonic() + 10
    while not Path(f"/proc/{child.pid}/environ").read_bytes() and time.monotonic() < deadline:
        time.sleep(0.001)
    return child


def test_a_process_with_its_home_in_the_folder_is_ended_wherever_its_group_is(tmp_path: Path) -> None:
    child = sleeper(tmp_path / "home")
    try:
        assert end_strays(tmp_path) == [child.pid]
        assert child.wait(timeout=10) == -9
    finally:
        child.kill()


def test_a_process_of_a_folder_with_a_longer_name_is_left_alone(tmp_path: Path) -> None:
    child = sleeper(tmp_path / "run-10" / "home")
    try:
        assert end_strays(tmp_path / "run-1") == []
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_a_process_that_names_the_folder_in_any_variable_is_ended(tmp_path: Path) -> None:
    child = sleeper(tmp_path / "app", "PWD")
    try:
        assert end_strays(tmp_path) == [child.pid]
        assert child.wait(timeout=10) == -9
    finally:
        child.kill()
