"""What is counted as a process's own: all that it and its threads have started."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

from pytest_lsqm.process import warden


def test_the_memory_of_a_process_is_also_that_of_what_its_threads_have_started() -> None:
    child = "data = b'x' * (64 * 1024 * 1024); print('ready', flush=True); input()"
    parent = f"""
        import subprocess, sys, threading

        def start():
            started = subprocess.Popen([sys.executable, "-c", {child!r}])
            threading.Event().wait()

        threading.Thread(target=start, daemon=True).start()
        threading.Event().wait()
    """
    with subprocess.Popen(
        [sys.executable, "-c", dedent(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        taken = warden.memory(process.pid)
        process.kill()
    assert taken > 64 * warden.MIB
