"""Run as a script by the interpreter of an emulator's environment: `launch.py MODULE [ARGUMENT…]`.

An emulator starts helpers (DynamoDB Local, kinesis-mock, Lambda workers) in sessions of their own,
where they outlive it when it is killed. Here they stay in its process group, which is ended as one. It may open
more files than a shell's usual 1 024: LocalStack keeps some open for each account. Standard library only.
"""

import resource
import runpy
import subprocess
import sys

ENOUGH = 65_536
"""Open files, where the system lets a process have so many."""

_start = subprocess.Popen.__init__


def _start_in_our_group(self, *arguments, **options):  # type: ignore[no-untyped-def]
    options.pop("start_new_session", None)
    options.pop("process_group", None)
    _start(self, *arguments, **options)


def main() -> None:
    """Become that module."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    # The script's own folder must not shadow the emulator's modules.
    sys.path.pop(0)
    subprocess.Popen.__init__ = _start_in_our_group  # type: ignore[method-assign]
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
