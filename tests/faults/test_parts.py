"""Parts that fail by themselves: a port that is taken, a mirror that is damaged, a writer that is killed."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.emulators import host
from pytest_lsqm.emulators.pool import Pool
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.terraform.providers import HOSTS, Mirror
from tests.corpus import records
from tests.emulators.conftest import LittleEmulator
from tests.faults.leftovers import is_sound
from tests.support import architectures
from tests.support.architectures import Bench

if TYPE_CHECKING:
    from pytest_lsqm.terraform.engine import Engine


def test_a_port_that_somebody_took_meanwhile_is_named_and_another_one_serves(
    monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    emulator, free = LittleEmulator(), host.free_port
    pool = Pool(emulator, size=1, fresh=False)
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            monkeypatch.setattr(host, "free_port", lambda: taken.getsockname()[1])
            with pytest.raises(EmulatorError, match="Address already in use"):
                pool.lease()
        assert list(temporary.iterdir()) == []
        monkeypatch.setattr(host, "free_port", free)
        lease = pool.lease()
        assert pool.healthy(lease)
    finally:
        pool.close()
    assert emulator.alive() == []
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"\x7fELF" + b"\0" * 5000, b"#!/bin/sh\nexit 1\n"])
def test_a_damaged_provider_is_the_machines_fault_and_nobody_elses(
    content: bytes, tmp_path: Path, engine: Engine, temporary: Path
) -> None:
    folder = tmp_path / "mirror"
    program = (
        folder / HOSTS[0] / "hashicorp" / "aws" / "3.39.0" / "linux_amd64" / "terraform-provider-aws_v3.39.0_x5"
    )
    program.parent.mkdir(parents=True)
    program.write_bytes(content)
    program.chmod(0o755)
    emulator = LittleEmulator()
    pool = Pool(emulator, size=1, fresh=False)
    try:
        result = Bench(tmp_path, engine, Mirror(folder, direct=False), pool).validate(architectures.QUEUE)
    finally:
        pool.close()
    assert result.status == "ERROR", result.error_message
    assert result.cause is not None
    assert result.cause.kind == "environment", result.cause
    assert program.read_bytes() == content
    assert list(temporary.iterdir()) == []


WRITER = """
import sys
from pathlib import Path
from pytest_lsqm.corpus import Store
from pytest_lsqm.models import ArchitectureTrends
from tests.corpus import records

store, source, number = Store.open(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
store.start_run(records.run(number, completed_at=None))
print("begun", flush=True)
for turn in range(10**6):
    arch_hash = f"{turn % 5:016x}"
    store.add_architecture(records.architecture(arch_hash), {"main.tf": source})
    store.add_app(records.app(arch_hash), replace=True)
    store.write_result(records.result(arch_hash, "PASSED", number, container_logs=str(turn) * 2000))
    print("written", arch_hash, flush=True)
    store.write_trends([], ArchitectureTrends(last_updated=records.START, architectures={}), [])
    store.refresh_index()
"""


def test_a_writer_that_is_killed_at_any_moment_leaves_a_sound_store_with_all_it_had_written(
    tmp_path: Path,
) -> None:
    root, source = tmp_path / "store", tmp_path / "main.tf"
    source.write_text('resource "aws_sqs_queue" "q" {}\n')
    Store.create(root)
    chance = random.Random(8)
    written: dict[int, set[str]] = {}
    for number in range(1, 9):
        words = [sys.executable, "-c", WRITER, str(root), str(source), str(number)]
        env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "begun\n"
            time.sleep(chance.uniform(0.0, 0.25))
            writer.send_signal(signal.SIGKILL)
            # Of what it said, the last line may be cut short.
            lines = writer.stdout.read().splitlines()
        written[number] = {words[1] for line in lines if len(words := line.split()) == 2 and len(words[1]) == 16}
        store = Store.open(root)
        store.remove_leftovers()
        is_sound(root)
    assert any(written.values())
    for number, hashes in written.items():
        assert hashes <= set(store.results(records.run_id(number)))
