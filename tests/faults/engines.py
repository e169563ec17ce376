"""A container engine of a test's own, which may be restarted without anybody else noticing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK = "172.31.{}.1/24"
SILENCE = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def missing() -> str | None:
    """Say what is missing for one; None where one can be started."""
    absent = [name for name in ("dockerd", "docker", "ip") if shutil.which(name) is None]
    if absent:
        return f"{', '.join(absent)} missing"
    return None if os.geteuid() == 0 else "only root can start an engine"


@dataclass
class OwnEngine:
    """A `dockerd` with folders, a socket and a bridge of its own; it changes no firewall."""

    folder: Path
    bridge: str
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def socket(self) -> Path:
        return self.folder / "engine.sock"

    @property
    def environment(self) -> dict[str, str]:
        return {"DOCKER_HOST": f"unix://{self.socket}"}

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = ["dockerd", f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec"]
        words += [f"--host=unix://{self.socket}", f"--pidfile={self.folder}/pid", f"--bridge={self.bridge}"]
        words += ["--iptables=false", "--ip6tables=false"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 60
        while self._docker("version").returncode != 0:
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def stop(self) -> None:
        """End it as `systemctl stop` does: it ends its containers first."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def load(self, image: str) -> None:
        """Take an image over from this machine's engine."""
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saving:
            done = subprocess.run(
                ["docker", "load", "-q"],
                stdin=saving.stdout,
                env=os.environ | self.environment,
                stdout=subprocess.DEVNULL,
                check=False,
            )
        assert (saving.returncode, done.returncode) == (0, 0)

    def _docker(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["docker", *words], env=os.environ | self.environment, capture_output=True, timeout=60, check=False
        )


@contextmanager
def own_engine(image: str) -> Iterator[OwnEngine]:
    """Run an engine that has an image, and end it with all that it has."""
    number = os.getpid() % 200 + 20
    bridge = f"lsqm-test{number}"
    # Short: paths of sockets have an end.
    folder = Path(tempfile.mkdtemp(prefix="e-", dir="/tmp"))
    made = OwnEngine(folder, bridge)
    subprocess.run(["ip", "link", "add", "name", bridge, "type", "bridge"], check=True)
    try:
        subprocess.run(["ip", "addr", "add", NETWORK.format(number), "dev", bridge], check=True)
        subprocess.run(["ip", "link", "set", bridge, "up"], check=True)
        made.start()
        made.load(image)
        yield made
    finally:
        if hasattr(made, "process"):
            made.stop()
        subprocess.run(["ip", "link", "delete", bridge], check=True)
        shutil.rmtree(folder, ignore_errors=True)
