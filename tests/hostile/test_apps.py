"""Apps that mean harm, in a jail: what each may do to this machine (nothing), and what its verdict is."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import subsession
from pytest_lsqm.process import cgroup, container, warden
from pytest_lsqm.process.container import ContainerJail
from pytest_lsqm.process.forking import Forks
from tests.process import processes
from tests.support.apps import judge, outcomes

if TYPE_CHECKING:
    from tests.hostile.outside import Outside
    from tests.support.apps import Runner

SECRET = "a-secret-of-the-caller"


def test_the_emulator_is_reached_and_it_alone(confined: Runner, outside: Outside) -> None:
    report = confined.run(
        f"""
        import socket, urllib.request
        import pytest

        def test_the_emulator():
            assert urllib.request.urlopen("http://127.0.0.1:4566/through-the-door").read() == b"ok"

        @pytest.mark.parametrize("address", [
            ("127.0.0.1", {outside.port}),   # another server of this machine
            ("169.254.169.254", 80),         # a cloud's metadata
            ("192.0.2.1", 443),              # anything else
        ])
        def test_anything_else(address):
            with pytest.raises(OSError):
                socket.create_connection(address, timeout=2)

        def test_names():
            with pytest.raises(OSError):
                socket.getaddrinfo("sqs.us-east-1.amazonaws.com", 443)

        def test_datagrams():
            with pytest.raises(OSError):
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))
        """
    )
    assert judge(report).status == "PASSED", report.results
    assert outside.paths == ["/through-the-door"]


def test_no_socket_of_this_machine_can_be_reached_by_its_abstract_name(confined: Runner) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0lsqm-hostile")
        server.listen()
        report = confined.run(
            """
            import socket
            import pytest

            def test_it():
                with pytest.raises(OSError):
                    socket.socket(socket.AF_UNIX).connect("\\0lsqm-hostile")
            """
        )
    assert judge(report).status == "PASSED", report.results


def test_files_of_the_caller_are_not_there(
    confined: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".aws").mkdir()
    secret = tmp_path / ".aws" / "credentials"
    secret.write_text(SECRET)
    monkeypatch.setenv("HOME", str(tmp_path))
    beside = confined.tmp_path / "terraform"
    beside.mkdir()
    (beside / "terraform.tfstate").write_text(SECRET)
    other = Path(tempfile.mkdtemp(prefix="lsqm-other-", dir="/tmp"))
    report = confined.run(
        f"""
        import os, pytest

        @pytest.mark.parametrize("path", [
            {str(secret)!r}, {str(beside / "terraform.tfstate")!r}, "/etc/shadow", "/etc/machine-id",
            "/var/run/docker.sock", {str(Path(__file__))!r},
        ])
        def test_it(path):
            with pytest.raises(OSError):
                open(path, "rb").read(1)

        def test_temporary_files_of_others():
            assert {other.name!r} not in os.listdir("/tmp")
        """
    )
    other.rmdir()
    assert judge(report).status == "PASSED", report.results
    assert SECRET not in report.results.output


def test_the_name_servers_of_this_machine_are_not_told(confined: Runner) -> None:
    report = confined.run(
        """
        import pathlib

        def test_it():
            found = pathlib.Path("/etc/resolv.conf")
            assert not found.exists() or found.read_bytes() == b""
        """
    )
    assert judge(report).status == "PASSED", report.results


def test_nothing_can_be_written_but_its_own_folders(confined: Runner) -> None:
    report = confined.run(
        """
        import os, pathlib, sys, pytest

        @pytest.mark.parametrize("path", [
            "/usr/lsqm", "/etc/hosts", os.path.join(sys.prefix, "lsqm"), os.path.dirname(pytest.__file__) + "/x",
        ])
        def test_outside(path):
            with pytest.raises(OSError):
                open(path, "w")

        def test_beside_it():
            pathlib.Path("../beside").write_text("it stays in the jail")

        def test_inside():
            pathlib.Path("here").write_text("x")
            pathlib.Path(os.environ["HOME"], "here").write_text("x")
        """
    )
    assert judge(report).status == "PASSED", report.results
    assert (confined.copy / "here").exists()
    assert not (confined.copy.parent / "beside").exists()
    assert not Path("/usr/lsqm").exists()


@pytest.mark.parametrize("confined", ["container"], indirect=True)
def test_the_root_of_a_container_cannot_be_filled(confined: Runner) -> None:
    """What is written there would be a layer on the engine's disk, which no warden looks at."""
    report = confined.run(
        """
        import errno, os, pytest

        def test_it():
            assert os.access("/tmp", os.W_OK)
            with pytest.raises(OSError) as caught:
                open("/beside", "w")
            assert caught.value.errno == errno.EROFS
        """
    )
    assert judge(report).status == "PASSED", report.results


def test_no_other_process_is_seen_or_ended(confined: Runner) -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        report = confined.run(
            f"""
            import os, signal, pytest

            def test_it():
                with pytest.raises(ProcessLookupError):
                    os.kill({other.pid}, signal.SIGKILL)
                assert len([name for name in os.listdir("/proc") if name.isdigit()]) < 10

            def test_its_parent():
                try:
                    os.kill(os.getppid(), signal.SIGKILL)
                except OSError:
                    pass
            """
        )
        assert "test_it" in " ".join(outcomes(report))
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("end", ["os.kill(-1, signal.SIGKILL)", "os.kill(os.getppid(), signal.SIGKILL)"])
def test_an_app_that_kills_all_it_can_is_never_passed(confined: Runner, end: str) -> None:
    report = confined.run(f"import os, signal\ndef test_it():\n    {end}\n    assert 0\n")
    assert judge(report).status != "PASSED"


def test_what_became_a_daemon_ends_with_the_jail(confined: Runner) -> None:
    marker = f"hostile-{os.getpid()}-{time.time_ns()}"
    report = confined.run(
        f"""
        import os, subprocess, sys

        def test_it():
            # Twice forked, in a session of its own, with an environment that says nothing.
            code = "import os, time\\nif os.fork() == 0:\\n os.setsid()\\n if os.fork() == 0:\\n  time.sleep(300)"
            subprocess.run([sys.executable, "-c", code, {marker!r}], env={{}})
        """
    )
    assert judge(report).status == "PASSED", report.results
    assert processes.wait_until(lambda: not _named(marker))


def _named(marker: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(entry.name)
            except OSError:
                continue
    return found


def test_forks_without_end_are_an_error_of_the_app(confined: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "PROCESSES", 60)
    report = confined.run(
        """
        import os, time

        def test_it():
            for _ in range(400):
                if os.fork() == 0:
                    time.sleep(300)
            time.sleep(300)
        """
    )
    found = judge(report)
    assert found.status == "ERROR"
    assert "more than 60 processes" in str(found.message)


def test_forks_of_a_thread_are_counted_too(confined: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "PROCESSES", 60)
    report = confined.run(
        """
        import os, threading, time

        def fork():
            for _ in range(400):
                if os.fork() == 0:
                    time.sleep(300)
            time.sleep(300)

        def test_it():
            threading.Thread(target=fork).start()
            time.sleep(300)
        """,
        timeout=20,
    )
    assert "more than 60 processes" in str(judge(report).message)


def test_no_more_processes_come_into_being_than_the_kernel_lets(
    confined: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a warden sees too late: here it never looks."""
    if os.getuid() == 0 and cgroup.parent() is None and not isinstance(confined.jail, ContainerJail):
        pytest.skip("root can make no control group here, which SECURITY.md names")
    monkeypatch.setattr(warden, "INTERVAL", 60.0)
    monkeypatch.setattr(cgroup, "TASKS", 50)
    monkeypatch.setattr(container, "PROCESSES", 25)
    with contextlib.ExitStack() as after:
        if confined.forks is not None:  # they are counted together with what they are forked from
            confined.forks = Forks(subsession.REHEARSAL)
            after.callback(confined.forks.close)
        report = confined.run(
            """
            import errno, os, time

            def test_it():
                for count in range(200):
                    try:
                        if os.fork() == 0:
                            time.sleep(300)
                    except OSError as error:
                        assert error.errno == errno.EAGAIN
                        assert count < 50
                        return
                raise AssertionError("no end of it")
            """
        )
    assert judge(report).status == "PASSED", report


def test_a_full_disk_is_an_error_of_the_app(confined: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "DISK", 8 * warden.MIB)
    report = confined.run(
        """
        import time

        def test_it():
            for number in range(200):
                with open(f"file-{number}", "wb") as file:
                    file.write(b"x" * 1024 * 1024)
                time.sleep(0.02)
            time.sleep(300)
        """
    )
    found = judge(report)
    assert found.status == "ERROR"
    assert "wrote more than 8 MiB" in str(found.message)


def test_memory_without_end_is_an_error_of_the_app(confined: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "MEMORY", 400 * warden.MIB)
    report = confined.run(
        """
        import time

        def test_it():
            kept = []
            while True:
                kept.append(b"x" * 16 * 1024 * 1024)
                time.sleep(0.02)
        """
    )
    found = judge(report)
    assert found.status == "ERROR"
    assert "more than 400 MiB of memory" in str(found.message)


def test_output_without_end_is_cut(confined: Runner) -> None:
    # An engine passes on what is written in a container piece by piece, which takes it minutes for so much.
    mebibytes = 64 if isinstance(confined.jail, ContainerJail) else 1024
    report = confined.run(
        f"""
        import os

        def test_it():
            block = b"x" * 1024 * 1024
            for _ in range({mebibytes}):
                os.write(2, block)
            assert 0
        """,
        timeout=120,
        test_timeout=100,
    )
    assert judge(report).status == "FAILED"
    assert len(report.results.output) <= subsession.OUTPUT_LIMIT


def test_an_app_that_ignores_the_request_to_end_is_ended(confined: Runner) -> None:
    report = confined.run(
        """
        import signal, time

        def test_it():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
                signal.signal(number, signal.SIG_IGN)
            while True:
                time.sleep(1)
        """,
        timeout=4,
    )
    assert judge(report).status == "TIMEOUT"


@pytest.mark.parametrize(
    "act",
    [
        "os.remove(path); os.mkfifo(path)",
        "os.remove(path); os.symlink('/etc/passwd', path)",
        "os.remove(path); os.mkdir(path)",
        "open(path, 'w').write('[]\\nnull\\n{}\\n' * 9)",
    ],
    ids=["pipe", "link", "folder", "nonsense"],
)
def test_a_record_that_was_replaced_is_not_believed_and_not_waited_for(confined: Runner, act: str) -> None:
    report = confined.run(f"import os\npath = '../control/record.jsonl'\ndef test_it():\n    {act}\n")
    assert judge(report).status == "ERROR"


@pytest.mark.parametrize("code", [0, 5])
def test_a_test_that_leaves_with_exit_code_0_has_not_passed(confined: Runner, code: int) -> None:
    report = confined.run(f"import os\ndef test_a(): pass\ndef test_b(): os._exit({code})\n")
    assert judge(report).status != "PASSED"


def test_an_app_cannot_get_more_rights(confined: Runner) -> None:
    report = confined.run(
        """
        import ctypes, os, subprocess, pytest

        def test_mount():
            libc = ctypes.CDLL(None, use_errno=True)
            assert libc.mount(b"none", b"/usr", b"tmpfs", 0, None) == -1

        def test_devices():
            with pytest.raises(OSError):
                os.mknod("disk", 0o600 | 0o060000, os.makedev(254, 0))

        def test_rights():
            status = open("/proc/self/status").read()
            assert "CapEff:\\t0000000000000000" in status
        """
    )
    assert judge(report).status == "PASSED", report.results


def test_this_interpreter_is_the_one_that_was_confined(confined: Runner) -> None:
    report = confined.run(f"import sys\ndef test_it(): assert sys.executable == {sys.executable!r}\n")
    assert judge(report).status == "PASSED", report.results
