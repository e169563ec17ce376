"""Sharing, resetting, replacing and giving up on emulators."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators import pool as pool_module
from pytest_lsqm.emulators import wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.pool import PATIENCE, Lease, Pool, Start
from pytest_lsqm.errors import EmulatorError, UsageError

from .conftest import LittleEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as executor:
        yield executor


def _seen(lease: Lease) -> object:
    return wire.send(lease.endpoint, "GET", "/state").json()["seen"]


def _blocked(future: Future[Lease]) -> bool:
    """Whether it is still waiting after a while in which a free instance would long have been handed out."""
    try:
        future.result(timeout=0.4)
    except TimeoutError:
        return True
    return False


def test_four_architectures_share_one_instance_and_the_fifth_gets_another(little: LittleEmulator) -> None:
    pool = Pool(little, size=5, fresh=False)
    leases = [pool.lease() for _ in range(5)]
    assert [len({lease.slot for lease in leases[:4]}), len({lease.slot for lease in leases})] == [1, 2]
    pool.close()


def test_no_more_instances_run_than_the_cores_bear(little: LittleEmulator) -> None:
    for cores, places in ((2, [5]), (4, [4, 1]), (64, [4, 1])):
        pool = Pool(little, size=5, cores=cores, fresh=False)
        slots = [pool.lease().slot for _ in range(5)]
        assert sorted((slots.count(slot) for slot in set(slots)), reverse=True) == places, cores
        pool.close()
    alone = Pool(little, size=2, cores=1, fresh=True)
    assert alone.lease().slot != alone.lease().slot, "each has one of its own, however many"
    alone.close()


@pytest.mark.parametrize(("size", "fresh", "ahead"), [(2, False, True), (1, False, False), (2, True, False)])
def test_what_several_use_at_once_loads_all_its_services_beforehand(
    little: LittleEmulator, size: int, *, fresh: bool, ahead: bool
) -> None:
    with contextlib.closing(Pool(little, size=size, fresh=fresh)) as pool:
        pool.lease()
        pool.lease(fresh=True)
    assert little.ahead == [ahead, False]


def test_every_start_is_told_with_what_came_of_it(little: LittleEmulator) -> None:
    told: list[Start] = []
    pool = Pool(little, size=1, fresh=True, notice=told.append)
    lease = pool.lease()
    pool.release(lease, dirty=False)
    little.broken = "no Java anywhere"
    with pytest.raises(EmulatorError):
        pool.lease()
    pool.close()
    assert [start.endpoint for start in told] == [lease.endpoint, None]
    assert told[0].error is None
    assert "no Java anywhere" in str(told[1].error)
    assert told[0].seconds > 0


def test_no_more_instances_run_than_the_workers_need(little: LittleEmulator, threads: ThreadPoolExecutor) -> None:
    pool = Pool(little, size=8, fresh=False)
    leases = list(threads.map(lambda _: pool.lease(), range(8)))
    waiting = threads.submit(pool.lease)
    assert _blocked(waiting)
    pool.release(leases[0], dirty=False)
    assert waiting.result(timeout=5).slot == leases[0].slot
    assert len(little.started) == 2
    pool.close()


def test_an_instance_that_has_grown_is_replaced_once_nobody_holds_it(
    little: LittleEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = little.start()
    assert 2**20 < (real.memory() or 0) < pool_module.GROWN, "what the kernel says of a small Python"
    monkeypatch.setattr(pool_module, "GROWN", (real.memory() or 0) // 2)
    real.stop()
    pool = Pool(little, size=2, fresh=False)
    first, second = pool.lease(), pool.lease()
    pool.release(first, dirty=False)
    assert pool.healthy(second), "it is still held"
    third = pool.lease()
    assert third.slot != second.slot
    pool.release(second, dirty=False)
    assert len(little.alive()) == 1
    pool.close()


def test_no_account_comes_twice_and_all_are_twelve_digits(little: LittleEmulator) -> None:
    pool = Pool(little, size=1, fresh=False)
    accounts = []
    for _ in range(20):
        lease = pool.lease()
        accounts.append(lease.account)
        pool.release(lease, dirty=False)
    assert len(set(accounts)) == 20
    assert all(len(account) == 12 and account.isdecimal() and account[0] != "0" for account in accounts)
    pool.close()


@pytest.mark.parametrize("isolation", [Isolation.RESET, Isolation.PROCESS])
def test_without_accounts_an_instance_is_for_one_alone(
    little: LittleEmulator, threads: ThreadPoolExecutor, isolation: Isolation
) -> None:
    little.isolation = isolation
    pool = Pool(little, size=2, fresh=False)
    first, second = pool.lease(), pool.lease()
    assert first.endpoint != second.endpoint
    third = threads.submit(pool.lease)
    assert _blocked(third)
    pool.release(first, dirty=False)
    assert third.result(timeout=5).endpoint != second.endpoint
    pool.close()


def test_a_reset_lies_between_two_architectures_on_one_process(little: LittleEmulator) -> None:
    little.isolation = Isolation.RESET
    pool = Pool(little, size=1, fresh=False)
    first = pool.lease()
    wire.send(first.endpoint, "POST", "/leftover")
    assert _seen(first) == ["/leftover"]
    pool.release(first, dirty=False)
    second = pool.lease()
    assert (second.endpoint, _seen(second)) == (first.endpoint, [])
    pool.close()


@pytest.mark.parametrize(
    ("isolation", "fresh"), [(Isolation.PROCESS, False), (Isolation.ACCOUNT, True), (Isolation.RESET, True)]
)
def test_a_fresh_process_serves_each_architecture_where_that_is_wanted(
    little: LittleEmulator, isolation: Isolation, fresh: bool
) -> None:
    little.isolation = isolation
    pool = Pool(little, size=1, fresh=fresh)
    first = pool.lease()
    pool.release(first, dirty=False)
    second = pool.lease()
    assert len(little.started) == 2
    assert [instance.endpoint for instance in little.alive()] == [second.endpoint]
    pool.close()


@pytest.mark.parametrize("isolation", list(Isolation))
def test_a_fresh_lease_gets_an_instance_that_nobody_had_and_that_nobody_gets_after_it(
    little: LittleEmulator, isolation: Isolation
) -> None:
    little.isolation = isolation
    pool = Pool(little, size=4, fresh=False)
    first = pool.lease()
    alone = pool.lease(fresh=True)
    assert alone.endpoint == little.started[1].endpoint
    pool.release(first, dirty=False)
    beside = pool.lease()
    assert beside.endpoint != alone.endpoint
    pool.release(alone, dirty=False)
    assert alone.endpoint not in [instance.endpoint for instance in little.alive()]
    pool.close()


def test_an_instance_that_died_is_replaced_before_the_next_lease(little: LittleEmulator) -> None:
    pool = Pool(little, size=1, fresh=False)
    pool.release(pool.lease(), dirty=False)
    os.kill(little.started[0].pid, signal.SIGKILL)
    lease = pool.lease()
    assert pool.healthy(lease)
    assert lease.endpoint == little.started[1].endpoint
    pool.close()


def test_an_instance_that_answers_500_gets_no_new_architectures(little: LittleEmulator) -> None:
    pool = Pool(little, size=2, fresh=False)
    first = pool.lease()
    wire.send(first.endpoint, "POST", "/sick")
    assert pool.lease().endpoint != first.endpoint
    pool.close()


def test_a_dirty_instance_goes_when_its_last_holder_goes_and_not_before(little: LittleEmulator) -> None:
    pool = Pool(little, size=4, fresh=False)
    first, second = pool.lease(), pool.lease()
    pool.release(first, dirty=True)
    assert pool.healthy(second)
    assert pool.lease().slot != second.slot
    pool.release(second, dirty=False)
    assert not little.started[0].is_healthy()
    assert "was stopped" in pool.obituary(second)
    pool.close()


def test_giving_back_twice_does_not_free_a_place_twice(
    little: LittleEmulator, threads: ThreadPoolExecutor
) -> None:
    little.isolation = Isolation.PROCESS
    pool = Pool(little, size=1, fresh=False)
    first = pool.lease()
    pool.release(first, dirty=False)
    pool.lease()
    pool.release(first, dirty=False)
    waiting = threads.submit(pool.lease)
    assert _blocked(waiting)
    pool.close()
    with pytest.raises(EmulatorError, match="run is over"):
        waiting.result(timeout=5)


def test_a_late_complaint_about_an_old_lease_does_not_hit_its_successor(little: LittleEmulator) -> None:
    little.isolation = Isolation.RESET
    pool = Pool(little, size=1, fresh=False)
    first = pool.lease()
    pool.release(first, dirty=False)
    second = pool.lease()
    pool.release(first, dirty=True)
    pool.release(second, dirty=False)
    assert pool.lease().endpoint == second.endpoint
    pool.close()


def test_a_start_that_fails_tells_its_lessee_why(little: LittleEmulator) -> None:
    little.broken = "no space left on device"
    with pytest.raises(EmulatorError, match="no space left on device"):
        Pool(little, size=1, fresh=False).lease()


def test_after_three_failures_in_a_row_nobody_waits_for_a_fourth(little: LittleEmulator) -> None:
    little.broken = "cannot"
    pool = Pool(little, size=1, fresh=False)
    for _ in range(PATIENCE):
        with pytest.raises(EmulatorError):
            pool.lease()
    little.broken = ""
    with pytest.raises(EmulatorError, match=r"cannot.*not tried again after 3 failures") as caught:
        pool.lease()
    assert "\n" in str(caught.value), "the log's end belongs to the message"
    assert not little.started


def test_a_success_forgives_the_failures_before_it(little: LittleEmulator) -> None:
    pool = Pool(little, size=1, fresh=True)
    for broken in ("cannot", "cannot", "", "cannot", "cannot", ""):
        little.broken = broken
        if broken:
            with pytest.raises(EmulatorError):
                pool.lease()
        else:
            pool.release(pool.lease(), dirty=False)
    pool.close()


def test_a_warm_pool_starts_its_first_instance_once(little: LittleEmulator) -> None:
    pool = Pool(little, size=1, fresh=False)
    pool.warm()
    pool.warm()
    lease = pool.lease()
    assert [instance.endpoint for instance in little.started] == [lease.endpoint]
    pool.close()


def test_closing_stops_everything_and_may_be_repeated(little: LittleEmulator) -> None:
    pool = Pool(little, size=8, fresh=False)
    leases = [pool.lease() for _ in range(5)]
    pool.close()
    pool.close()
    assert little.alive() == []
    pool.release(leases[0], dirty=False)
    with pytest.raises(EmulatorError, match="run is over"):
        pool.lease()


def test_what_was_starting_while_the_pool_was_closed_is_stopped_too(little: LittleEmulator) -> None:
    started, may_go_on = threading.Event(), threading.Event()

    class Slow(LittleEmulator):
        def start(self, *, ahead=False):  # type: ignore[no-untyped-def]
            started.set()
            may_go_on.wait(10)
            return super().start(ahead=ahead)

    slow = Slow()
    pool = Pool(slow, size=1, fresh=False)
    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(pool.lease)
        started.wait(10)
        pool.close()
        may_go_on.set()
        with pytest.raises(EmulatorError, match="run is over"):
            waiting.result(timeout=10)
    assert len(slow.started) == 1
    assert slow.alive() == []


def test_what_a_dead_owner_held_is_free_again(little: LittleEmulator, threads: ThreadPoolExecutor) -> None:
    little.isolation = Isolation.RESET
    pool = Pool(little, size=1, fresh=False)
    pool.lease("gw0")
    waiting = threads.submit(pool.lease, "gw1")
    also_dead = threads.submit(pool.lease, "gw0")
    assert _blocked(waiting)
    pool.release_owner("gw0")
    assert waiting.result(timeout=5)
    with pytest.raises(EmulatorError, match="gw0 is gone"):
        also_dead.result(timeout=5)
    pool.close()


def test_logs_begin_where_the_lease_began(little: LittleEmulator) -> None:
    pool = Pool(little, size=1, fresh=False)
    first = pool.lease()
    wire.send(first.endpoint, "POST", "/of-the-first")
    pool.release(first, dirty=False)
    second = pool.lease()
    wire.send(second.endpoint, "POST", "/of-the-second")
    assert "/of-the-second" in pool.logs(second)
    assert "/of-the-first" not in pool.logs(second)
    assert "/of-the-first" in pool.logs(first)
    pool.close()


def test_an_obituary_quotes_the_exit_code_and_the_log(little: LittleEmulator) -> None:
    pool = Pool(little, size=1, fresh=False)
    lease = pool.lease()
    wire.send(lease.endpoint, "POST", "/last-words")
    with pytest.raises(OSError):
        wire.send(lease.endpoint, "POST", "/die")
    # The process is gone when its group is: waited for, not slept for.
    while pool.healthy(lease):
        pass
    assert "exit code 7" in pool.obituary(lease)
    assert "/last-words" in pool.obituary(lease)
    pool.close()


def test_a_fresh_emulator_cannot_be_had_from_an_address(little: LittleEmulator) -> None:
    little.single = True
    with pytest.raises(UsageError, match="started anew"):
        Pool(little, size=1, fresh=True)


def test_there_is_only_one_instance_behind_an_address(little: LittleEmulator, threads: ThreadPoolExecutor) -> None:
    little.single = True
    little.isolation = Isolation.RESET
    pool = Pool(little, size=4, fresh=False)
    first = pool.lease()
    assert _blocked(waiting := threads.submit(pool.lease))
    pool.release(first, dirty=False)
    assert waiting.result(timeout=5).endpoint == first.endpoint
    pool.close()


def test_a_lease_travels_between_processes(little: LittleEmulator) -> None:
    pool = Pool(little, size=1, fresh=False)
    lease = pool.lease()
    assert pickle.loads(pickle.dumps(lease)) == lease
    pool.close()


def test_a_lease_says_whether_others_have_the_same_emulator(little: LittleEmulator) -> None:
    with contextlib.closing(Pool(little, size=2, fresh=False)) as pool:
        assert [pool.lease().shared, pool.lease(fresh=True).shared] == [True, False]
    with contextlib.closing(Pool(little, size=1, fresh=True)) as pool:
        assert not pool.lease().shared
    little.isolation = Isolation.RESET
    with contextlib.closing(Pool(little, size=1, fresh=False)) as pool:
        assert not pool.lease().shared
