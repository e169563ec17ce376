"""How a forked process enters a jail that another one was started in. Standard library only; see `forkserver`.

It joins the jail's namespaces one after the other, forks once more, since only a child is in another namespace of
processes, and gives up all that would make it more than what bubblewrap starts itself: capabilities, new
privileges, limits. Source: setns(2), user_namespaces(7), capabilities(7).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import resource
import runpy
import signal

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAPABILITIES_VERSION_3 = 0x20080522
NS_GET_USERNS = 0xB701

_NAMESPACES = ("net", "ipc", "uts", "cgroup", "pid", "mnt")
"""In an order in which each may be joined: the mounts last, since `/proc` is another one then."""

# What comes into a jail by its door is bounded in the same way.
_set_limits = runpy.run_path(os.path.join(os.path.dirname(__file__), "door.py"))["set_limits"]  # noqa: PTH118, PTH120

_libc = ctypes.CDLL(None, use_errno=True)


def enter(inside: int, limits: dict[str, int], entered: int) -> None:
    """Return in a process in the jail of the process `inside`; an OSError where it cannot be entered.

    This process stays outside and ends as that one does. It keeps no hold of the descriptor `entered`.
    """
    _join(inside)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the one inside is of the same group, and decides by itself
    pid = os.fork()
    if pid:
        os.close(entered)
        _end_as(os.waitpid(pid, 0)[1])
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _give_up_privileges()
    _set_limits(limits)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _join(inside: int) -> None:
    files = {name: os.open(f"/proc/{inside}/ns/{name}", os.O_RDONLY) for name in (*_NAMESPACES, "user")}
    # Bubblewrap may have left the user namespace that owns the mounts for one within it.
    outer = fcntl.ioctl(files["mnt"], NS_GET_USERNS)
    _set(outer)
    for name in _NAMESPACES:
        if not _is_ours(files[name], name):
            _set(files[name])
    if os.fstat(files["user"]).st_ino != os.fstat(outer).st_ino:
        _set(files["user"])
    for descriptor in (*files.values(), outer):
        os.close(descriptor)


def _is_ours(descriptor: int, name: str) -> bool:
    return os.fstat(descriptor).st_ino == os.stat(f"/proc/self/ns/{name}").st_ino  # noqa: PTH116


def _set(descriptor: int) -> None:
    _check(_libc.setns(descriptor, 0), "setns")


def _give_up_privileges() -> None:
    number = 0
    while _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0:
        number += 1
    if ctypes.get_errno() != errno.EINVAL:  # which is said of the first one that does not exist
        _check(-1, "prctl")
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION_3, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 1)  # else what is its own in /proc would be another user's


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process; an OSError where the kernel refuses."""
    _check(_libc.prctl(option, value, 0, 0, 0), "prctl")


def _check(returned: int, what: str) -> None:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _end_as(status: int) -> None:
    """End with the same exit code or signal."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 1)
