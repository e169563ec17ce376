"""A pool that other processes use."""

from __future__ import annotations

import socket
import stat
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Client, deliver_challenge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import process
from pytest_lsqm.emulators import remote, wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.pool import Pool
from pytest_lsqm.errors import EmulatorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .conftest import LittleEmulator

WORKER = """
import sys
from pytest_lsqm.emulators import remote, wire
pool = remote.connect(sys.argv[1], "gw0")
lease = pool.lease()
wire.send(lease.endpoint, "POST", "/from-a-worker")
logged = "/from-a-worker" in pool.logs(lease)
print(lease.account, pool.healthy(lease), logged, pool.obituary(lease)[:8], flush=True)
if len(sys.argv) > 2:
    import os
    os.kill(os.getpid(), 9)
pool.release(lease, dirty=False)
"""


@pytest.fixture
def pool(little: LittleEmulator) -> Iterator[Pool]:
    made = Pool(little, size=1, fresh=False)
    yield made
    made.close()


@pytest.fixture
def served(pool: Pool) -> Iterator[remote.Served]:
    made = remote.serve(pool)
    yield made
    made.close()


def _work(served: remote.Served, home: Path, *more: str) -> process.Completed:
    environment = process.base_environment(home) | {"PYTHONPATH": str(Path(remote.__file__).parents[2])}
    return process.run([sys.executable, "-c", WORKER, served.address, *more], env=environment, timeout=30)


def test_another_process_leases_and_gives_back(
    served: remote.Served, little: LittleEmulator, tmp_path: Path
) -> None:
    first, second = _work(served, tmp_path), _work(served, tmp_path)
    assert first.ok, first.stderr
    account, *rest = first.stdout.split()
    assert rest == ["True", "True", "little", "1"]
    assert account != second.stdout.split()[0]
    assert len(little.started) == 1


def test_what_a_killed_process_held_comes_back(
    served: remote.Served, pool: Pool, little: LittleEmulator, tmp_path: Path
) -> None:
    little.isolation = Isolation.RESET
    assert _work(served, tmp_path, "die").returncode == -9
    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(pool.lease)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        pool.release_owner("gw0")
        lease = waiting.result(timeout=10)
    assert wire.send(lease.endpoint, "GET", "/state").json()["seen"] == []


def test_an_error_of_the_pool_reaches_the_worker_as_it_is(served: remote.Served, little: LittleEmulator) -> None:
    little.broken = "no Java anywhere"
    with pytest.raises(EmulatorError, match="no Java anywhere"):
        remote.connect(served.address, "gw0").lease()


def test_many_workers_wait_for_one_place_without_losing_it(served: remote.Served, little: LittleEmulator) -> None:
    little.isolation = Isolation.RESET

    def use(number: int) -> str:
        mine = remote.connect(served.address, f"gw{number}")
        lease = mine.lease()
        path = f"/of-{number}"
        wire.send(lease.endpoint, "POST", path)
        alone = wire.send(lease.endpoint, "GET", "/state").json()["seen"] == [path]
        mine.release(lease, dirty=False)
        return "alone" if alone else "not alone"

    with ThreadPoolExecutor(8) as executor:
        assert set(executor.map(use, range(24))) == {"alone"}


def test_a_stranger_without_the_key_is_refused(served: remote.Served) -> None:
    _, _, path = served.address.partition("@")
    with pytest.raises(EmulatorError, match="does not answer"):
        remote.connect(f"wrong@{path}", "gw0").lease()
    assert remote.connect(served.address, "gw1").lease(), "and the others are served as before"


def test_only_this_user_can_enter_the_folder_of_the_socket(served: remote.Served) -> None:
    folder = Path(served.address.partition("@")[2]).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    served.close()
    served.close()
    assert not folder.exists()


def test_a_worker_whose_controller_is_gone_hears_so(served: remote.Served) -> None:
    served.close()
    with pytest.raises(EmulatorError, match="does not answer"):
        remote.connect(served.address, "gw0").lease()


def test_a_lease_for_someone_who_died_while_waiting_is_given_back(
    served: remote.Served, pool: Pool, little: LittleEmulator
) -> None:
    little.isolation = Isolation.RESET
    held = pool.lease()
    key, _, path = served.address.partition("@")
    with Client(path, authkey=key.encode()) as impatient:
        impatient.send(("lease", (), {"owner": "gw0"}))
    pool.release(held, dirty=False)
    deadline = time.monotonic() + 10
    while any(thread.name == remote.CALL for thread in threading.enumerate()):
        assert time.monotonic() < deadline
    with ThreadPoolExecutor(1) as executor:
        try:
            assert executor.submit(pool.lease).result(timeout=5)
        finally:
            pool.close()


# Workers elsewhere


def _towards(served: remote.Served) -> tuple[str, tuple[str, int]]:
    address = served.address_towards("127.0.0.1")
    _, host, port = address.partition("@")[2].split(":")
    return address, (host, int(port))


def test_a_worker_elsewhere_leases_over_tcp(served: remote.Served) -> None:
    address, place = _towards(served)
    assert place[0] == "127.0.0.1", "it listens on the address that faces the worker, and on no other"
    assert served.address_towards("127.0.0.1") == address
    mine = remote.connect(address, "gw0")
    lease = mine.lease()
    assert mine.healthy(lease)
    mine.release(lease, dirty=False)


def test_a_stranger_over_tcp_is_refused_before_anything_of_it_is_read(
    served: remote.Served, little: LittleEmulator, tmp_path: Path
) -> None:
    address, place = _towards(served)
    mark = tmp_path / "mark"

    class Harmful:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (mark,)

    with pytest.raises(EmulatorError, match="does not answer"):
        remote.connect(f"{'0' * 64}@{address.partition('@')[2]}", "gw0").lease()
    with Client(place) as stranger:
        stranger.recv_bytes()  # the challenge
        stranger.send(Harmful())
        with pytest.raises((EOFError, OSError)):
            while True:
                stranger.recv_bytes()
    assert not mark.exists()
    assert not little.started


def test_a_visitor_who_says_nothing_keeps_nobody_waiting(served: remote.Served) -> None:
    address, place = _towards(served)
    with socket.create_connection(place), ThreadPoolExecutor(1) as executor:
        assert executor.submit(remote.connect(address, "gw0").lease).result(timeout=20)


def test_the_port_is_closed_with_the_pool(served: remote.Served) -> None:
    _, place = _towards(served)
    served.close()
    with pytest.raises(OSError):
        socket.create_connection(place, timeout=5).close()


def test_a_host_that_nobody_knows_is_one_sentence(served: remote.Served) -> None:
    with pytest.raises(UsageError, match=r"--tx: the host no.such.invalid of a worker is not known here"):
        served.address_towards("no.such.invalid")


def test_what_a_worker_says_of_itself_is_heard_and_is_lost_when_nobody_listens(pool: Pool) -> None:
    heard: list[Mapping[str, Any]] = []
    listening = remote.serve(pool, heard.append)
    mine = remote.connect(listening.address, "gw0")
    mine.tell({"kind": "doing", "stage": "apply"})
    listening.close()
    mine.tell({"kind": "doing", "stage": "test"})
    assert heard == [{"kind": "doing", "stage": "apply"}]


def test_all_that_a_worker_says_of_itself_goes_over_one_connection(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenged: list[bytes] = []

    def counting(connection: Any, key: bytes) -> None:
        challenged.append(key)  # an earlier test's pool may still be closing: each has a key of its own
        deliver_challenge(connection, key)

    monkeypatch.setattr("pytest_lsqm.emulators.remote.deliver_challenge", counting)
    heard: list[Mapping[str, Any]] = []
    listening = remote.serve(pool, heard.append)
    mine = remote.connect(listening.address, "gw0")
    said = [{"kind": "doing", "stage": str(number)} for number in range(20)]
    for each in said:
        mine.tell(each)
    assert heard == said
    assert challenged.count(listening.address.partition("@")[0].encode()) == 1
    listening.close()
