"""Processes that left their group, and those of others."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from pytest_lsqm.process.strays import end_strays

if TYPE_CHECKING:
    from pathlib import Path


def sleeper(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["sleep", "60"], env={"PATH": "/usr/bin:/bin", "HOME": str(home)}, start_new_session=True
    )


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
