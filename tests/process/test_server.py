from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.process import Server
from tests.process.processes import alive, pids_in, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    script = "echo ready; echo trouble >&2; sleep 60 & echo $! >> pids; wait"
    with Server(["sh", "-c", script], env=ENV, cwd=tmp_path, log=tmp_path / "logs" / "server.log") as running:
        yield running


def test_a_server_runs_until_it_is_stopped_with_its_whole_group(server: Server, tmp_path: Path) -> None:
    (below,) = pids_in(tmp_path / "pids", 1)
    assert server.returncode is None
    assert alive(server.pid)
    server.stop()
    assert server.returncode == -15
    assert wait_until(lambda: not alive(server.pid) and not alive(below), 3)
    server.stop()


def test_both_outputs_of_a_server_go_to_its_log(server: Server) -> None:
    assert wait_until(lambda: "trouble" in server.read_log())
    assert server.read_log() == "ready\ntrouble\n"
    assert server.log_size() == len("ready\ntrouble\n")
    assert server.read_log(since=6) == "trouble\n"
    assert server.read_log(limit=4) == "ble\n"
    assert server.read_log(since=server.log_size()) == ""


def test_a_log_that_is_gone_is_empty(server: Server) -> None:
    server.log.unlink()
    assert (server.read_log(), server.log_size()) == ("", 0)


def test_a_server_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    script = "trap '' TERM; echo $$ > pids; while :; do sleep 1; done"
    server = Server(["sh", "-c", script], env=ENV, cwd=tmp_path, log=tmp_path / "log")
    pids_in(tmp_path / "pids", 1)
    server.stop(grace=0.3)
    assert server.returncode == -9


def test_the_helpers_of_a_server_that_died_by_itself_are_ended_too(tmp_path: Path) -> None:
    server = Server(["sh", "-c", "sleep 60 & echo $! > pids"], env=ENV, cwd=tmp_path, log=tmp_path / "log")
    (below,) = pids_in(tmp_path / "pids", 1)
    assert wait_until(lambda: server.returncode == 0)
    assert alive(below)
    server.stop()
    assert wait_until(lambda: not alive(below), 3)


def test_an_error_inside_the_block_ends_the_server(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        Server(["sleep", "60"], env=ENV, cwd=tmp_path, log=tmp_path / "log") as running,
    ):
        raise RuntimeError
    assert not alive(running.pid)


def test_a_server_that_cannot_start_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot start /no/such/server"):
        Server(["/no/such/server"], env=ENV, cwd=tmp_path, log=tmp_path / "log")
