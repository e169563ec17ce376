"""Run as a script by the interpreter of an emulator's environment: `launch.py [SETTING…] MODULE [ARGUMENT…]`.

An emulator starts helpers (DynamoDB Local, kinesis-mock, Lambda workers) in sessions of their own,
where they outlive it when it is killed. Here they stay in its process group, which is ended as one. It may open
more files than a shell's usual 1 024: LocalStack keeps some open for each account. A setting, `MODULE:NAME=VALUE`,
changes a constant that nothing else can change, as soon as its module is loaded. Standard library only.
"""

import importlib.abc
import resource
import runpy
import subprocess
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

ENOUGH = 65_536
"""Open files, where the system lets a process have so many."""

_start = subprocess.Popen.__init__


def _start_in_our_group(self, *arguments, **options):  # type: ignore[no-untyped-def]
    options.pop("start_new_session", None)
    options.pop("process_group", None)
    _start(self, *arguments, **options)


class _Setting(importlib.abc.MetaPathFinder):
    """Finds one module as the others would, and has it end its loading with another value."""

    def __init__(self, setting: str) -> None:
        place, _, self._value = setting.partition("=")
        self._module, _, self._name = place.partition(":")

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what is on the path, for that module alone.

        It stays where it is: other threads go through the list of finders now, and who is behind one that is
        taken out is passed over, so that they would not find what they import.
        """
        if name != self._module:
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is not None and found.loader is not None:
            execute = found.loader.exec_module

            def execute_and_set(module: ModuleType) -> None:
                execute(module)
                setattr(module, self._name, self._value)

            found.loader.exec_module = execute_and_set  # type: ignore[method-assign]
        return found


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
    while "=" in sys.argv[0]:
        sys.meta_path.insert(0, _Setting(sys.argv.pop(0)))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
