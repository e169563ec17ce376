"""How much of other people's files is taken at once, and what holds for a tree of them wherever it came from."""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one package may bring: counts and bytes as they lie on the disk, seconds for unpacking it."""

    entries: int = 20_000
    total_bytes: int = 300 * MIB
    file_bytes: int = 50 * MIB
    name_bytes: int = 255
    path_bytes: int = 1024
    seconds: float = 120.0


LIMITS = Limits()


def size(count: int) -> str:
    """Say a number of bytes to a person."""
    return f"{count // MIB} MiB" if count >= MIB else f"{count} bytes"


def shown(name: str) -> str:
    """Return a foreign name so that it can stand in a sentence: on one line, and not for ever."""
    text = name if name.isprintable() else ascii(name)
    return text if len(text) <= 200 else f"{text[:200]}…"


def leads_out(link: str, target: str) -> bool:
    """Whether a link at a path below the top points out of the tree, as far as the words alone tell."""
    meant = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
    return target.startswith("/") or meant.split("/")[0] == ".."


@contextmanager
def whole(into: Path) -> Iterator[Path]:
    """Give a scratch folder whose `tree` becomes `into` if the block ends well; otherwise nothing stays of it.

    Raises EnvironmentProblem for what the disk says, there and in the block.
    """
    if os.path.lexists(into):
        raise EnvironmentProblem(f"{into} is in the way: nothing is fetched over what is there; remove it")
    scratch = None
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".lsqm-", dir=into.parent))
        yield scratch
        (scratch / "tree").rename(into)
    except OSError as error:
        raise EnvironmentProblem(f"cannot write {into}: {error.strerror or error}") from error
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def check_tree(top: Path, limits: Limits, what: str) -> None:
    """Refuse a tree on the disk that is too large, or holds what is no file, no folder and no link inside it.

    `what` begins the sentence of the DiscoveryError.
    """
    entries = total = 0
    waiting = [str(top)]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for entry in found:
                state = entry.stat(follow_symlinks=False)
                path = os.path.relpath(entry.path, top)
                entries += 1
                if stat.S_ISLNK(state.st_mode):
                    _check_link(top, path, what)
                elif stat.S_ISDIR(state.st_mode):
                    waiting.append(entry.path)
                elif stat.S_ISREG(state.st_mode):
                    total += state.st_size
                else:
                    raise DiscoveryError(f"{what} holds {shown(path)}, which is no file, no folder and no link")
                check_amount(entries, total, limits, what)


def check_amount(entries: int, total: int, limits: Limits, what: str) -> None:
    """Refuse more entries or more bytes than the limits allow."""
    if entries > limits.entries:
        raise DiscoveryError(f"{what} holds more than {limits.entries} entries")
    if total > limits.total_bytes:
        raise DiscoveryError(f"{what} holds more than {size(limits.total_bytes)}")


def _check_link(top: Path, path: str, what: str) -> None:
    target = (top / path).readlink()
    real_top = os.path.realpath(top)
    # The words alone do not tell: `..` after another link goes up from where that one leads.
    real = os.path.realpath(top / path)
    outside = real != real_top and not real.startswith(f"{real_top}/")
    if outside or leads_out(path, str(target)):
        raise DiscoveryError(f"{what} holds {shown(path)}, a link that leads out of it")
    if Path(real).is_symlink():
        raise DiscoveryError(f"{what} holds {shown(path)}, a link that leads in a circle")
