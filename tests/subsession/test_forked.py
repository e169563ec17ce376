"""A forked app is as alone as one in a new process: what one does is not seen by the next."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import process, subsession
from pytest_lsqm.process import forking
from pytest_lsqm.process.forking import Forks
from tests.support import processes
from tests.support.apps import Runner, judge, outcomes

if TYPE_CHECKING:
    from pytest_lsqm.process.jail import Jail

SEEN = """
import builtins, json, os, resource, signal, sys, tempfile, threading, warnings

import boto3

def test_it():
    handlers = {}
    for number in sorted(signal.valid_signals()):
        handler = signal.getsignal(number)
        handlers[int(number)] = handler if isinstance(handler, int) else getattr(handler, "__name__", None)
    umask = os.umask(0)
    os.umask(umask)
    names = os.listdir("/proc/self/fd")
    paths = [os.path.realpath(f"/proc/self/fd/{name}") for name in names]
    open_files = sorted("gone" if "(deleted)" in path else path.rpartition("/")[2] for path in paths)
    seen = {
        "handlers": handlers,
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "umask": umask,
        "open": [name.partition(":")[0] for name in open_files if not name.isdigit()],
        "limits": [resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)],
        "nice": os.nice(0),
        "leads": [os.getpid() == os.getsid(0), os.getpid() == os.getpgid(0)],
        "flags": repr(sys.flags),
        "path": sys.path,
        "main": [sys.modules["__main__"].__file__, sys.argv],
        "threads": [thread.name for thread in threading.enumerate()],
        "encodings": [sys.stdout.encoding, sys.getfilesystemencoding(), sys.stdout.line_buffering],
        "temporary": tempfile.gettempdir(),
        "meta_path": sorted(getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path),
        "recursion": sys.getrecursionlimit(),
        "tracing": [sys.gettrace() is None, sys.getprofile() is None],
        "left": [hasattr(builtins, "left_by_an_app"), "email.mime.audio" in sys.modules],
        "warnings": [repr(each) for each in warnings.filters],
    }
    with open("seen.json", "w") as file:
        json.dump(seen, file)
"""

MEDDLING = """
import builtins, email.mime.audio, gc, os, resource, signal, sys

import boto3, botocore.client

def test_it():
    builtins.left_by_an_app = True
    boto3.client = None
    boto3.DEFAULT_SESSION = "mine"
    botocore.client.BaseClient = None
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    os.environ["LEFT"] = "behind"
    sys.path.insert(0, "/left/behind")
    sys.setrecursionlimit(5000)
    gc.disable()
    os.open("/dev/null", os.O_RDONLY)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(1)
    os.umask(0o027)
"""

PARENT = """
import json, os, sys

def test_it():
    with open("new.json", "w") as file:
        json.dump([os.getpid(), os.getppid()], file)
    os.rename("new.json", "seen.json")
"""


def test_a_forked_app_finds_what_a_new_process_finds_whatever_the_one_before_it_did(
    forks: Forks, tmp_path: Path
) -> None:
    seen = {}
    for name, here in (("new", None), ("forked", forks), ("later", forks)):
        if name == "later":
            assert judge(Runner(tmp_path / "meddling", forks=forks).run(MEDDLING)).status == "PASSED"
        runner = Runner(tmp_path / name, forks=here)
        (tmp_path / name).mkdir()
        assert judge(runner.run(SEEN)).status == "PASSED"
        found = runner.read("seen.json").items()
        seen[name] = {key: str(value).replace(str(tmp_path / name), "HERE") for key, value in found}
    assert seen["forked"] == seen["new"]
    assert seen["later"] == seen["new"]


SEEN_IN_JAIL = """
import json, os, resource, socket

def test_it():
    kinds = ("Cap", "NoNewPrivs", "Uid", "Gid")
    limits = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    mounts = [line.split() for line in open("/proc/self/mountinfo")]
    seen = {
        "privileges": [line for line in open("/proc/self/status") if line.startswith(kinds)],
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in limits},
        "mounts": sorted([line[4], line[5], line[-3]] for line in mounts),
        "root": sorted(os.listdir("/")),
        "etc": sorted(os.listdir("/etc")),
        "interfaces": socket.if_nameindex(),
        "host": socket.gethostname(),
        "who": [os.getuid(), os.getgid(), os.geteuid()],
        "where": os.getcwd(),
        "strangers": sorted(int(name) > 3 for name in os.listdir("/proc") if name.isdigit())[-1],
        "environment": sorted(name for name in os.environ if name != "PWD"),  # which bubblewrap adds
        "own": [os.stat(f"/proc/self/{name}").st_uid for name in ("environ", "fd", "ns")],
        "leads": [os.getsid(0), os.getpgid(0)],
        "parent": os.getppid(),
    }
    with open("seen.json", "w") as file:
        json.dump(seen, file)
"""

NAMESPACES = """
import json, os

def test_it():
    seen = {name: os.readlink(f"/proc/self/ns/{name}") for name in os.listdir("/proc/self/ns")}
    seen["left by others"] = os.listdir("/tmp")
    open("/tmp/left-by-an-app", "w").close()
    with open("seen.json", "w") as file:
        json.dump(seen, file)
"""


def test_a_forked_app_in_a_jail_finds_what_a_new_process_in_one_finds(
    confinement: Jail, forks: Forks, tmp_path: Path
) -> None:
    seen = {}
    for name, here in (("new", None), ("forked", forks)):
        runner = Runner(tmp_path / name, confinement, here)
        (tmp_path / name).mkdir()
        assert judge(runner.run(SEEN_IN_JAIL)).status == "PASSED"
        found = runner.read("seen.json").items()
        seen[name] = {key: str(value).replace(str(tmp_path / name), "HERE") for key, value in found}
    assert (seen["forked"].pop("parent"), seen["new"].pop("parent")) == ("0", "1"), "one was forked outside"
    assert seen["forked"] == seen["new"]


def test_each_forked_app_is_in_a_jail_of_its_own(confinement: Jail, forks: Forks, tmp_path: Path) -> None:
    seen = []
    for name in ("a", "b"):
        runner = Runner(tmp_path / name, confinement, forks)
        assert judge(runner.run(NAMESPACES)).status == "PASSED"
        seen.append(runner.read("seen.json"))
    # The numbers of one that has ended may come again in the next: what the first left there tells them apart.
    for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup"):
        assert str((Path("/proc/self/ns") / name).readlink()) not in {seen[0][name], seen[1][name]}, name
    assert "left-by-an-app" not in seen[1]["left by others"]


def test_an_app_that_cannot_enter_its_jail_by_a_fork_has_a_process_of_its_own_in_it(
    confinement: Jail, forks: Forks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forking._Cell, "inside", lambda cell: os.getpid())  # we are in no jail
    own = Forks(subsession.REHEARSAL)
    try:
        for name in ("a", "b"):
            runner = Runner(tmp_path / name, confinement, own)
            assert judge(runner.run(NAMESPACES)).status == "PASSED"
            assert runner.read("seen.json")["pid"] != str(Path("/proc/self/ns/pid").readlink())
    finally:
        own.close()


def test_what_an_app_patched_and_set_is_not_there_for_the_next(forks: Forks, tmp_path: Path) -> None:
    assert judge(Runner(tmp_path / "a", forks=forks).run(MEDDLING)).status == "PASSED"
    report = Runner(tmp_path / "b", forks=forks).run(
        """
        import boto3, gc, os

        def test_it():
            assert callable(boto3.client)
            assert boto3.DEFAULT_SESSION is None
            assert gc.isenabled()
            assert "LEFT" not in os.environ
            assert os.path.samefile(os.getcwd(), os.path.dirname(__file__))
        """
    )
    assert outcomes(report) == {"test_it": "passed"}


def test_apps_are_forked_from_one_process_that_has_loaded_boto3_before_them(forks: Forks, tmp_path: Path) -> None:
    parents = []
    for name in ("a", "b"):
        runner = Runner(tmp_path / name, forks=forks)
        runner.run(
            "def test_it(): pass",
            conftest="""
            import json, os, sys

            with open("seen.json", "w") as file:
                json.dump([os.getppid(), "boto3" in sys.modules], file)
            """,
        )
        parents.append(runner.read("seen.json"))
    assert parents[0] == parents[1]
    assert parents[0][0] != os.getpid()
    assert parents[0][1] is True


def test_two_apps_do_not_draw_the_same_random_numbers(forks: Forks, tmp_path: Path) -> None:
    drawn = []
    for name in ("a", "b"):
        runner = Runner(tmp_path / name, forks=forks)
        runner.run("import random\ndef test_it(): open('seen.json', 'w').write(str(random.random()))")
        drawn.append(runner.read("seen.json"))
    assert drawn[0] != drawn[1]


def test_a_process_that_leaves_the_group_without_a_program_of_its_own_is_ended_too(
    forks: Forks, tmp_path: Path
) -> None:
    runner = Runner(tmp_path, forks=forks)
    report = runner.run(
        """
        import json, os, time

        def test_it():
            reading, writing = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.write(writing, str(os.getpid()).encode())
                    time.sleep(600)
                os._exit(0)
            with open("pid.json", "w") as file:
                json.dump(int(os.read(reading, 20)), file)
        """
    )
    assert judge(report).status == "PASSED"
    assert processes.gone(runner.read("pid.json"))


@pytest.mark.parametrize("how", ["SIGKILL", "SIGSTOP"])
def test_an_app_that_ends_or_stops_what_it_was_forked_from_spoils_only_itself(tmp_path: Path, how: str) -> None:
    forks = Forks(subsession.REHEARSAL)
    try:
        harm = f"import os, signal, time\ndef test_it(): os.kill(os.getppid(), signal.{how}); time.sleep(600)\n"
        assert judge(Runner(tmp_path / "a", forks=forks).run(harm, timeout=5.0)).status != "PASSED"
        assert judge(Runner(tmp_path / "b", forks=forks).run("def test_it(): pass")).status == "PASSED"
    finally:
        forks.close()


def test_closing_ends_what_apps_are_forked_from(tmp_path: Path) -> None:
    forks = Forks(subsession.REHEARSAL)
    runner = Runner(tmp_path, forks=forks)
    runner.run(PARENT)
    _, parent = runner.read("seen.json")
    assert processes.running(parent)
    forks.close()
    assert processes.gone(parent)


def test_where_nothing_can_be_forked_the_app_has_a_process_of_its_own(tmp_path: Path) -> None:
    broken = tmp_path / "rehearsal.py"
    broken.write_text("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n")
    forks = Forks(broken)
    try:
        runner = Runner(tmp_path, forks=forks)
        assert judge(runner.run(PARENT)).status == "PASSED"
        assert runner.read("seen.json")[1] == os.getpid()
    finally:
        forks.close()


def test_an_app_and_what_it_was_forked_from_end_when_we_are_killed(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from pytest_lsqm import subsession
from pytest_lsqm.process.forking import Forks
from tests.support.apps import Runner

hanging = {PARENT!r} + "    import time; time.sleep(600)"
Runner(Path({str(tmp_path)!r}), forks=Forks(subsession.REHEARSAL)).run(hanging)
"""
    env = process.base_environment(tmp_path / "home") | {"PYTHONPATH": os.pathsep.join(sys.path)}
    seen = Runner(tmp_path).copy / "seen.json"
    with process.Server([sys.executable, "-c", script], env=env, cwd=tmp_path, log=tmp_path / "log") as us:
        deadline = time.monotonic() + 60
        while not seen.exists() and us.returncode is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert seen.exists(), us.read_log()
        os.kill(us.pid, signal.SIGKILL)
        app, parent = Runner(tmp_path).read("seen.json")
        assert processes.gone(app, parent)
