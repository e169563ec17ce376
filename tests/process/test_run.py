from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pytest_lsqm import process
from pytest_lsqm.errors import EnvironmentProblem
from tests.process.processes import alive, pids_in, wait_until

ROOT = Path(__file__).parents[2]
ENV = {"PATH": os.environ["PATH"]}

STUBBORN = """
    trap '' TERM HUP INT
    echo $$ >> pids
    sh -c "trap '' TERM; echo \\$\\$ >> pids; sleep 60 & echo \\$! >> pids; wait" &
    sleep 60 &
    echo $! >> pids
    wait
    wait
    wait
"""
"""A shell, a shell below it and a sleeper below each; SIGTERM ends none of the four."""


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.end_group, "__defaults__", (0.3,))


def _sh(script: str, cwd: Path | None = None, timeout: float = 30) -> process.Completed:
    return process.run(["sh", "-c", textwrap.dedent(script)], env=ENV, cwd=cwd, timeout=timeout)


def test_a_command_that_ends_by_itself_is_told_with_its_output() -> None:
    done = _sh("echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr, done.timed_out, done.ok) == (
        3,
        "out\n",
        "err\n",
        False,
        False,
    )
    assert _sh("true").ok


def test_what_failed_is_described_in_a_few_lines() -> None:
    text = _sh("for i in $(seq 100); do echo line $i >&2; done; exit 7").describe(lines=2)
    assert "ended with exit code 7" in text
    assert text.endswith("line 99\nline 100")


@pytest.mark.usefixtures("short_grace")
def test_a_command_that_runs_out_of_time_is_ended_with_all_its_descendants(tmp_path: Path) -> None:
    done = _sh(STUBBORN, cwd=tmp_path, timeout=1.5)
    assert (done.timed_out, done.ok) == (True, False)
    assert "ran out of time" in done.describe()
    pids = pids_in(tmp_path / "pids", 4)
    assert wait_until(lambda: not any(map(alive, pids)), 3)


def test_a_command_that_heeds_sigterm_may_clear_up_before_it_ends() -> None:
    done = _sh("trap 'echo cleared; exit 0' TERM; sleep 60 & wait", timeout=0.5)
    assert (done.timed_out, done.stdout) == (True, "cleared\n")


def test_what_a_command_left_running_does_not_outlive_it(tmp_path: Path) -> None:
    done = _sh("(sleep 20; touch waited-for) & echo $! > pids", cwd=tmp_path)
    assert done.ok
    (pid,) = pids_in(tmp_path / "pids", 1)
    assert wait_until(lambda: not alive(pid), 3)
    assert not (tmp_path / "waited-for").exists()


def test_a_descendant_that_left_the_group_does_not_hold_up_the_answer(tmp_path: Path) -> None:
    done = _sh(
        "echo first; setsid sh -c 'echo $$ > pids; exec sleep 30' & while ! test -s pids; do :; done", tmp_path
    )
    assert done.stdout == "first\n"
    (outside,) = pids_in(tmp_path / "pids", 1)
    assert alive(outside), "the answer came only when the descendant had ended"
    os.kill(outside, signal.SIGKILL)


def test_endless_output_is_bounded_with_its_beginning_and_its_end_kept() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = _sh("echo begin; yes 0123456789 | head -c 100000000; echo; echo end", timeout=120)
    assert done.ok
    assert done.stdout.startswith("begin\n0123456789\n")
    assert done.stdout.endswith("\nend\n")
    assert "[... cut ...]" in done.stdout
    assert len(done.stdout) < process.HEAD + process.TAIL + 100_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB


def test_output_up_to_the_bound_is_kept_whole() -> None:
    size = process.HEAD + process.TAIL - 100_000
    done = _sh(f"yes 0123456789 | head -c {size}")
    assert len(done.stdout) == size
    assert "cut" not in done.stdout


def test_output_that_is_no_text_does_no_harm() -> None:
    assert _sh(r"printf 'a\377\000b'").stdout == "a\ufffd\0b"


def test_the_environment_is_exactly_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSQM_SECRET", "token")
    done = process.run(["/usr/bin/env"], env={"ONLY": "this"}, timeout=10)
    assert done.stdout == "ONLY=this\n"


def test_there_is_no_standard_input_to_wait_for() -> None:
    script = """
        import os
        from pytest_lsqm import process
        print(process.run(["cat"], env=dict(os.environ), timeout=20).timed_out)
    """
    words = [sys.executable, "-c", textwrap.dedent(script)]
    # Our own standard input stays open, and nobody writes to it.
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.read() == b"False\n"


def test_a_missing_program_is_a_sentence() -> None:
    with pytest.raises(EnvironmentProblem, match="cannot start /no/such/terraform: No such file or directory"):
        process.run(["/no/such/terraform", "version"], env=ENV, timeout=5)


def test_a_program_that_may_not_run_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "terraform").write_text("")
    with pytest.raises(EnvironmentProblem, match=r"cannot start .*terraform: Permission denied"):
        process.run([tmp_path / "terraform"], env=ENV, timeout=5)


def test_a_missing_working_folder_is_not_mistaken_for_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"cannot start sh: No such file or directory: .*gone"):
        process.run(["sh"], env=ENV, cwd=tmp_path / "gone", timeout=5)


def test_ctrl_c_ends_the_command_that_is_running(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import os, sys
        from pytest_lsqm import process
        process.run(["sh", "-c", "echo $$ > pids; sleep 60"], env=dict(os.environ), timeout=60)
    """)
    owner = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    (pid,) = pids_in(tmp_path / "pids", 1)
    owner.send_signal(signal.SIGINT)
    _, stderr = owner.communicate(timeout=20)
    assert b"KeyboardInterrupt" in stderr
    assert wait_until(lambda: not alive(pid), 3)


def test_the_base_environment_has_a_home_that_is_not_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "AWS_PROFILE", "HTTPS_PROXY", "PYTHONPATH", "LOCALSTACK_AUTH_TOKEN"):
        monkeypatch.setenv(name, "secret")
    env = process.base_environment(tmp_path / "home")
    assert set(env) == {"PATH", "LANG", "LC_ALL", "HOME", "TMPDIR"}
    assert env["HOME"] == str(tmp_path / "home")
    assert (tmp_path / "home").is_dir()


def test_only_an_installer_learns_of_proxies_and_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        os, "environ", {"https_proxy": "p", "PIP_INDEX_URL": "i", "SSL_CERT_FILE": "c", "TOKEN": "t"}
    )
    assert process.network_environment() == {"https_proxy": "p", "PIP_INDEX_URL": "i", "SSL_CERT_FILE": "c"}
    assert process.proxy_environment() == {"https_proxy": "p", "SSL_CERT_FILE": "c"}
