"""The limits of an architecture on disk: how far it may reach, how large it may be."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from pytest_lsqm.errors import AnalysisError

MAX_TERRAFORM_FILE = 1024 * 1024
"""Bytes of one Terraform file; the largest of the public registry's modules are a tenth of that."""

MAX_TERRAFORM = 4 * 1024 * 1024
"""Bytes of all Terraform files together: about 15 seconds of parsing, of what people write."""

MAX_FILES = 2000
MAX_BYTES = 50 * 1024 * 1024

PARENTS_WITHOUT_GIT = 2
"""A module's `examples/name` refers to the module itself by `../..`."""


def boundary(directory: Path) -> Path:
    """Find the folder above which nothing may be referred to.

    The enclosing git work tree, or else two folders above, but never a folder that holds other people's
    things as well: the home folder, the folder of temporary files, the root, and all above them.
    """
    start = directory.resolve()
    shared = {Path(os.sep), Path(tempfile.gettempdir()).resolve()}
    if home := os.environ.get("HOME"):
        shared |= {Path(home).resolve(), *Path(home).resolve().parents}
    ancestors = []
    for folder in (start, *start.parents):
        if folder in shared:
            break
        ancestors.append(folder)
    for folder in ancestors:
        if (folder / ".git").exists():
            return folder
    return ancestors[: PARENTS_WITHOUT_GIT + 1][-1] if ancestors else start


def lexical(path: Path) -> Path:
    """Take `..` out of a path by its words alone, as Terraform does; links are not followed."""
    return Path(os.path.normpath(path))


def relative(path: Path, start: Path) -> str:
    """Give the way from one folder to a path, in POSIX form: `.`, `modules/a`, `../shared`."""
    return Path(os.path.relpath(path, start)).as_posix()


def confined(path: Path, top: Path, named: str) -> Path:
    """Follow a path's links, and refuse the path when it ends outside `top`; `named` is what a person calls it."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a link that leads to itself, a name with a NUL in it
        raise AnalysisError(f"{named}: cannot be followed ({error}); put the file itself in its place.") from error
    if real != top and top not in real.parents:
        raise AnalysisError(
            f"{named}: leads out of {top.name}/, beyond which nothing is read; "
            "copy what it refers to into that folder."
        )
    return real


def regular_size(path: Path, named: str) -> int:
    """Give a file's size in bytes; refuse what is no regular file (a device, a pipe, a socket)."""
    try:
        facts = path.stat()
    except OSError as error:
        raise AnalysisError(f"{named}: cannot be read ({error.strerror}); correct or remove it.") from error
    if not stat.S_ISREG(facts.st_mode):
        raise AnalysisError(f"{named}: is not a regular file; remove it from the configuration.")
    return facts.st_size


def exists(path: Path) -> bool:
    """Whether a path leads to something; a path that cannot be one (too long, a NUL in it) does not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
