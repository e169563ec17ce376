"""The floor: the same API calls and Terraform runs with everything warm and nothing around them.

Emulator, provider processes and a Python with pytest and boto3 run before the clock starts; folders are
initialised; nothing is recorded. What is left is `apply`, the second `plan`, the tests and `destroy`.
Run by `throughput.py`: `python -m benchmarks.floor JSON`. It prints `ready`, waits for a line, runs, prints
what it took, and waits for its standard input to close.
"""

from __future__ import annotations

import json
import multiprocessing
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import floor_tests

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext


def _attach(binary: str, environment: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    provider = subprocess.Popen(
        [binary, "-debug"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert provider.stdout is not None
    for line in provider.stdout:
        if found := re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line):
            return provider, found[1]
    raise SystemExit("the provider did not say how to attach to it")


class Floor:
    """One worker: a provider process of its own."""

    def __init__(self, told: dict[str, str], environment: dict[str, str], warm: ForkServerContext) -> None:
        self._terraform, self._warm = told["terraform"], warm
        self.provider, attach = _attach(told["provider"], environment)
        self._environment = environment | {"TF_REATTACH_PROVIDERS": attach}

    def _run(self, work: str, *words: str) -> str:
        done = subprocess.run(
            [self._terraform, *words], cwd=work, env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode not in {0, 2}:
            raise SystemExit(f"{words[0]} in {work}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def init(self, work: str) -> None:
        """Make a folder ready."""
        self._run(work, "init", "-input=false")

    def one(self, work: str) -> None:
        """Deploy, look for drift, test, destroy."""
        self._run(work, "apply", "-auto-approve", "-input=false")
        state = json.loads((Path(work) / "terraform.tfstate").read_text())
        outputs = Path(work) / "outputs.json"
        outputs.write_text(json.dumps({name: entry["value"] for name, entry in state["outputs"].items()}))
        self._run(work, "plan", "-input=false", "-lock=false", "-detailed-exitcode")
        environment = self._environment | {"LSQM_OUTPUTS": str(outputs), "HOME": work}
        child = self._warm.Process(target=floor_tests.run, args=(work, environment))
        child.start()
        child.join()
        if child.exitcode != 0:
            raise SystemExit(f"the tests in {work} ended with exit code {child.exitcode}")
        self._run(work, "destroy", "-auto-approve", "-input=false")


def main() -> None:
    """Warm up with the first folders, then run the others when told to."""
    told = json.loads(sys.argv[1])
    log = Path(told["log"]).open("wb")  # noqa: SIM115
    argv, env = told["start"]
    emulator = subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True)
    warm = multiprocessing.get_context("forkserver")
    warm.set_forkserver_preload(["pytest", "boto3", "benchmarks.floor_tests"])
    workers: list[Floor] = []
    try:
        from benchmarks.naive import await_health

        await_health(f"http://127.0.0.1:{told['port']}/_localstack/health", emulator)
        workers = [Floor(told, told["environment"], warm) for _ in range(told["workers"])]
        for work in told["warm_up"] + told["folders"]:
            workers[0].init(work)
        for work in told["warm_up"]:
            workers[0].one(work)
        print("ready", flush=True)
        sys.stdin.readline()
        started = time.monotonic()
        free = list(workers)

        def one(work: str) -> None:
            worker = free.pop()
            worker.one(work)
            free.append(worker)

        with ThreadPoolExecutor(len(workers)) as pool:
            list(pool.map(one, told["folders"]))
        print(json.dumps({"wall": time.monotonic() - started}), flush=True)
        sys.stdin.read()
    finally:
        for worker in workers:
            worker.provider.kill()
        emulator.kill()


if __name__ == "__main__":
    main()
