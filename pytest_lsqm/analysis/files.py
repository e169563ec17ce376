"""All files that make up an architecture, wherever its configuration refers to them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.analysis import folders
from pytest_lsqm.analysis.configuration import Configuration, load
from pytest_lsqm.analysis.references import references
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Collection

_FORBIDDEN = frozenset({".git", ".hg", ".svn"})
"""Never taken, not even when a path names what is in them: a work tree's settings can hold tokens."""

_LEFT_OUT = _FORBIDDEN.union(
    (".terraform", ".terragrunt-cache", ".terraform.tfstate.lock.info", "crash.log"),
    # It pins versions, with hashes per platform: which provider runs is for the run to choose.
    (".terraform.lock.hcl",),
    ("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".venv", ".idea", ".vscode"),
    (".DS_Store", "Thumbs.db"),
    # Credentials that lie about in people's folders, and are no part of an architecture.
    (".env", ".envrc", ".aws", ".ssh", ".netrc"),
)


@dataclass(frozen=True)
class Gathered:
    """An architecture's files by their POSIX paths below the folder that holds them all.

    `root` is the path of the Terraform root module below that folder: `.`, unless the configuration
    refers to files above it. The values are absolute paths without links.
    """

    files: dict[str, Path]
    root: str


def gather(source: Path | Configuration, *, ignore: Collection[str] = ("lsqm",)) -> Gathered:
    """Find the files of the configuration in a folder, or of one that `load` has read.

    Everything below the root module's folder belongs to it, apart from leftovers of tools and the
    entries of that folder that `ignore` names. From elsewhere comes what is referred to: the folders of
    local modules (of one that encloses the root only its Terraform files), and paths in arguments and functions.
    Raises AnalysisError for what leads out of the boundary, is no regular file, or is too much.
    """
    configuration = source if isinstance(source, Configuration) else load(source)
    root = configuration.root.path
    taken = _Taken(configuration.top, root)
    taken.below(root, frozenset(ignore))
    for module in configuration.modules[1:]:
        if module.path in root.parents:
            for name in module.files:
                taken.file(module.path / name)
        else:
            taken.below(module.path)
    for reference in references(configuration):
        path = reference.path
        around = path == root or path in root.parents
        if reference.absolute or around or ".tfstate" in path.name or not folders.exists(path):
            continue
        folders.confined(path, configuration.top, f"{reference.place}: {reference.written}")
        if path.is_dir():
            taken.below(path)
        else:
            taken.file(path)
    base = Path(os.path.commonpath([root, *taken.files]) if taken.files else root)
    files = {folders.relative(path, base): real for path, real in sorted(taken.files.items())}
    return Gathered(files, folders.relative(root, base))


class _Taken:
    """The files found so far, by the path under which the configuration knows them."""

    def __init__(self, top: Path, root: Path) -> None:
        self.files: dict[Path, Path] = {}
        self._top = top
        self._root = root
        self._folders: set[Path] = set()
        self._bytes = 0

    def below(self, folder: Path, ignore: frozenset[str] = frozenset(), above: tuple[Path, ...] = ()) -> None:
        """Take everything below a folder; links are followed where they stay inside the boundary."""
        if folder in self._folders:
            return
        self._folders.add(folder)
        self._bounded(folder)
        self._check(folder)
        real = folders.confined(folder, self._top, self._shown(folder))
        if real in above:
            raise AnalysisError(f"{self._shown(folder)}: is a link to a folder around it; remove the link.")
        for entry in sorted(folder.iterdir()):
            if entry.name in ignore or _left_out(entry.name):
                continue
            if entry.is_dir():
                self.below(entry, above=(*above, real))
            else:
                self.file(entry)

    def file(self, path: Path) -> None:
        """Take one file, once."""
        if path in self.files:
            return
        self._check(path)
        shown = self._shown(path)
        real = folders.confined(path, self._top, shown)
        self._check(real)
        self._bytes += folders.regular_size(real, shown)
        self.files[path] = real
        self._bounded(path)

    def _bounded(self, path: Path) -> None:
        count = max(len(self.files), len(self._folders))
        if count > folders.MAX_FILES or self._bytes > folders.MAX_BYTES:
            raise AnalysisError(
                f"{self._root.name}: is made of more than {folders.MAX_FILES} files or 50 MiB "
                f"(reached at {self._shown(path)}); remove what the architecture does not need."
            )

    def _check(self, path: Path) -> None:
        parts = path.relative_to(self._top).parts if path.is_relative_to(self._top) else path.parts
        if forbidden := _FORBIDDEN.intersection(parts):
            raise AnalysisError(f"{self._shown(path)}: lies in {min(forbidden)}, which no architecture may read.")
        if not path.name.isprintable():
            raise AnalysisError(f"{self._shown(path)!a}: has a name that is no text; rename it.")

    def _shown(self, path: Path) -> str:
        return folders.relative(path, self._root)


def _left_out(name: str) -> bool:
    return (
        name in _LEFT_OUT
        or name.endswith((".tfplan", "~", ".swp"))
        or ".tfstate" in name
        or (name.startswith("crash.") and name.endswith(".log"))
    )
