"""What every emulator on the host has: a bounded start, a story of its end, and nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import process
from pytest_lsqm.emulators import host
from pytest_lsqm.emulators.host import LAUNCHER, HostInstance, Plan
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.models import EmulatorFacts

if TYPE_CHECKING:
    from .conftest import LittleEmulator

LOADING = "print('still loading', flush=True); import time; time.sleep(60)"


def _instance(folder_of: list[Path], *argv: str | Path) -> HostInstance:
    def plan(folder: Path, _port: int) -> Plan:
        folder_of.append(folder)
        return Plan(argv, process.base_environment(folder / "home"))

    return HostInstance(EmulatorFacts(name="odd", version="1"), plan, lambda *_: False)


def test_one_that_never_gets_healthy_is_ended_at_its_deadline() -> None:
    folders: list[Path] = []
    instance = _instance(folders, sys.executable, "-c", LOADING)
    pid = instance.pid
    with pytest.raises(EmulatorError, match=r"(?s)odd 1 did not become healthy within 1 s.*still loading"):
        instance.wait(timeout=1.0)
    with pytest.raises(ProcessLookupError):
        os.killpg(pid, 0)
    assert not folders[0].exists()


def test_one_that_ends_at_once_is_not_waited_for() -> None:
    instance = _instance([], sys.executable, "-c", "raise SystemExit('port 1 is taken')")
    with pytest.raises(EmulatorError, match=r"(?s)ended with exit code 1.*port 1 is taken"):
        instance.wait(timeout=50.0)


def test_the_signal_that_killed_it_is_named(little: LittleEmulator) -> None:
    instance = little.start()
    os.kill(instance.pid, signal.SIGKILL)
    while instance.is_healthy():
        pass
    assert "was killed by SIGKILL" in instance.obituary()


def test_stopping_may_be_repeated_and_leaves_no_folder(little: LittleEmulator) -> None:
    instance = little.start()
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("lsqm-little-*"))
    instance.stop()
    instance.stop()
    after = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("lsqm-little-*"))
    assert len(before - after) == 1
    assert "was stopped" in instance.obituary()
    assert not instance.is_healthy()


def test_a_program_that_is_not_there_leaves_no_folder() -> None:
    folders: list[Path] = []
    with pytest.raises(Exception, match="cannot start /no/such/program"):
        _instance(folders, "/no/such/program")
    assert not folders[0].exists()


def test_helpers_in_a_session_of_their_own_end_with_the_emulator(tmp_path: Path) -> None:
    """LocalStack starts DynamoDB Local like this: killed, it would leave it behind."""
    (tmp_path / "emulator.py").write_text(
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    environment = process.base_environment(tmp_path / "home") | {"PYTHONPATH": str(tmp_path)}
    log = tmp_path / "log"
    with process.Server([sys.executable, LAUNCHER, "emulator"], env=environment, cwd=tmp_path, log=log) as server:
        deadline = time.monotonic() + 20
        while not log.read_text().endswith("\n"):
            assert time.monotonic() < deadline, log.read_text()
        child = int(log.read_text())
        assert os.getpgid(child) == server.pid
    while _runs(child):
        assert time.monotonic() < deadline, "the helper outlived its emulator"


def _runs(pid: int) -> bool:
    """Whether it is alive; where nobody reaps orphans, a dead one stays in the table as a zombie."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_two_free_ports_in_a_row_differ() -> None:
    assert host.free_port() != host.free_port()


def test_a_launched_emulator_may_open_more_files_than_a_shell_usually_lets_it(tmp_path: Path) -> None:
    (tmp_path / "tell.py").write_text("import resource\nprint(*resource.getrlimit(resource.RLIMIT_NOFILE))\n")
    launch = Path(host.__file__).with_name("launch.py")
    words = ["sh", "-c", 'ulimit -Sn 256 && exec "$@"', "sh", sys.executable, str(launch), "tell"]
    done = process.run(
        words, env=process.base_environment(tmp_path / "home") | {"PYTHONPATH": str(tmp_path)}, timeout=30
    )
    soft, hard = map(int, done.stdout.split())
    assert 256 < soft == min(hard, 65_536), done.stderr


def test_a_launched_emulator_finds_its_constants_set_as_soon_as_it_loads_them(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "places.py").write_text("HERE = '/tmp/fixed'\nTHERE = 1\n\ndef here(): return HERE\n")
    (tmp_path / "tell.py").write_text(
        "import sys\nfrom shop import places\nprint(places.here(), places.THERE, *sys.argv[1:])\n"
    )
    launch = Path(host.__file__).with_name("launch.py")
    words = [sys.executable, str(launch), "shop.places:HERE=/own", "tell", "a=b"]
    env = process.base_environment(tmp_path / "home") | {"PYTHONPATH": str(tmp_path)}
    done = process.run(words, env=env, timeout=30)
    assert done.stdout == "/own 1 a=b\n", done.stderr


IMPORTS_WHILE_A_CONSTANT_IS_SET = """
import sys

class AnotherThread:
    '''What another thread does just while this one has the last finder, that of the path, still before it.'''
    def find_spec(self, name, path=None, target=None):
        if name == "slow":
            import places
            print(places.HERE)

sys.meta_path.insert(len(sys.meta_path) - 1, AnotherThread())
import slow
print(slow.FOUND)
"""


def test_a_constant_that_is_set_keeps_no_other_import_from_its_module(tmp_path: Path) -> None:
    (tmp_path / "places.py").write_text("HERE = '/tmp/fixed'\n")
    (tmp_path / "slow.py").write_text("FOUND = 'found'\n")
    (tmp_path / "tell.py").write_text(IMPORTS_WHILE_A_CONSTANT_IS_SET)
    done = process.run(
        [sys.executable, LAUNCHER, "places:HERE=/tmp/own", "tell"],
        env=process.base_environment(tmp_path / "home") | {"PYTHONPATH": str(tmp_path)},
        timeout=30,
    )
    assert done.stdout.splitlines() == ["/tmp/own", "found"], done.stderr
