"""The script that `guard` starts: it waits for its parent's end and clears up. Standard library only."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time


def main() -> None:
    """Read registrations until the pipe ends, then undo what is still registered."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched: dict[str, list[object]] = {"group": [], "command": [], "folder": [], "cgroup": []}
    for line in sys.stdin.buffer:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            verb, kind, what = json.loads(line)
            if verb == "watch":
                watched[kind].append(what)
            else:
                watched[kind].remove(what)
    for group in watched["group"]:
        with contextlib.suppress(OSError, TypeError):
            os.killpg(int(str(group)), signal.SIGKILL)
    for command in watched["command"]:
        if isinstance(command, list):
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    for folder in watched["folder"]:
        shutil.rmtree(str(folder), ignore_errors=True)
    for cgroup in watched["cgroup"]:
        _remove(str(cgroup))


def _remove(cgroup: str) -> None:
    """Remove a control group as soon as what was killed is gone from it."""
    for _ in range(200):
        try:
            os.rmdir(cgroup)  # noqa: PTH106
        except OSError as error:
            if error.errno == errno.EBUSY:
                time.sleep(0.01)
                continue
        return


if __name__ == "__main__":
    main()
