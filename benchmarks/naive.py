"""The naive way: for each architecture a LocalStack of its own, init, apply, pytest, destroy, stop.

Run by `throughput.py`: `python -m benchmarks.naive JSON`, one line of JSON: what is in `Naive`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path


@dataclass(frozen=True)
class Naive:
    """The folders (`main.tf`, override file, app in `lsqm/`), and by port what LocalStack is started with."""

    folders: list[str]
    """With a Terraform folder for each port, named after it."""
    starts: dict[str, tuple[list[str], dict[str, str]]]
    terraform: str
    environment: dict[str, str]


def _one(folder: Path, port: str, naive: Naive) -> None:
    argv, env = naive.starts[port]
    with (folder / "localstack.log").open("wb") as log:
        emulator = subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        await_health(f"http://127.0.0.1:{port}/_localstack/health", emulator)
        work = folder / port
        env = naive.environment | {"HOME": str(work), "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        terraform = partial(_terraform, naive.terraform, work, env)
        terraform("init", "-input=false")
        terraform("apply", "-auto-approve", "-input=false")
        shown = terraform("output", "-json")
        outputs = work / "outputs.json"
        outputs.write_text(json.dumps({name: entry["value"] for name, entry in json.loads(shown).items()}))
        env["LSQM_OUTPUTS"] = str(outputs)
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "lsqm"]
        subprocess.run(tests, cwd=work, env=env, check=True, capture_output=True)
        terraform("destroy", "-auto-approve", "-input=false")
    finally:
        emulator.terminate()
        emulator.wait()


def _terraform(program: str, work: Path, env: dict[str, str], *words: str) -> bytes:
    return subprocess.run([program, *words], cwd=work, env=env, check=True, capture_output=True).stdout


def await_health(url: str, emulator: subprocess.Popen[bytes]) -> None:
    """Wait until LocalStack answers."""
    while emulator.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("LocalStack ended before it was healthy")


def main() -> None:
    """Run the loop, as many architectures at a time as there are ports."""
    naive = Naive(**json.loads(sys.argv[1]))
    free = list(naive.starts)

    def one(folder: str) -> None:
        port = free.pop()
        try:
            _one(Path(folder), port, naive)
        except subprocess.CalledProcessError as error:
            raise SystemExit(f"{error}\n{error.stdout.decode()}\n{error.stderr.decode()}") from error
        finally:
            free.append(port)

    with ThreadPoolExecutor(len(naive.starts)) as pool:
        list(pool.map(one, naive.folders))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
