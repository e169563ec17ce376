"""Remote modules that an architecture brings along, in `lsqm-modules/` beside the files of its root.

`modules.json` in that folder is a list after the manner of Terraform's own: by the key of a call (`vpc`,
`vpc.subnets`), what was fetched for it and where it lies. Only remote modules stand in it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pytest_lsqm.analysis import folders, hcl
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER = "lsqm-modules"
MANIFEST = "modules.json"

LOCAL = ("./", "../", ".\\", "..\\")
"""How the source of a module begins that lies beside its caller."""

REGISTRY = re.compile(
    r"(?P<host>[a-z0-9.-]+(:\d+)?/)?[0-9a-z](?:[\w-]*[0-9a-z])?/[0-9a-z](?:[\w-]*[0-9a-z])?/[0-9a-z]+(//[^?]*)?",
    re.ASCII | re.IGNORECASE,
)
"""The address of a registry's module, with the folder in it that is meant."""

_NO_REGISTRIES = ("github.com/", "bitbucket.org/")
"""Hosts that Terraform takes for git repositories where they stand without a scheme."""

_WEB = ("https://", "http://", "git::https://")


@dataclass(frozen=True)
class Record:
    """What was fetched for a call: `source` as Terraform notes it, without its default registry's host.

    `folder` is where the module lies, relative to the root module; `version` is a registry's.
    """

    key: str
    source: str
    folder: str
    version: str | None = None


def fetchable(source: str) -> bool:
    """Whether a remote source may be fetched: of a registry, or an archive or git repository by https.

    Other ways (ssh, buckets, paths of this machine) would use or show what a stranger's module has no right to.
    """
    text = unquote(source)
    address, _, query = text.partition("?")
    if "\\" in text or not text.isprintable() or ".." in address.split("/"):
        return False
    if not source.startswith((*_WEB, *_NO_REGISTRIES)):
        return REGISTRY.fullmatch(source) is not None
    if source.startswith(_WEB) and not _named(source.removeprefix("git::")):
        return False
    asked = parse_qsl(query, keep_blank_values=True)
    return not any(
        name == "sshkey" or value.startswith("-") or (name == "checksum" and value.startswith("file:"))
        for name, value in asked
    )


def _named(url: str) -> bool:
    try:
        return (urlsplit(url).hostname or "-")[0].isalnum()
    except ValueError:
        return False


def read(root: Path, top: Path) -> dict[str, Record]:
    """Read what a root module brings along, by the key of the call; nothing where it brings none.

    Raises AnalysisError for a list that is broken or names a folder outside of `lsqm-modules`.
    """
    path = root / FOLDER / MANIFEST
    shown = f"{FOLDER}/{MANIFEST}"
    if not folders.exists(path):
        return {}
    real = folders.confined(path, top, shown)
    if folders.regular_size(real, shown) > folders.MAX_TERRAFORM_FILE:
        raise AnalysisError(f"{shown}: is larger than 1 MiB, the most that is read of one file.")
    try:
        entries = hcl.read_json(real.read_text(encoding="utf-8"), shown).get("Modules")
    except (OSError, UnicodeDecodeError) as error:
        raise AnalysisError(f"{shown}: cannot be read ({error}); fetch the modules anew.") from error
    if not isinstance(entries, list):
        raise AnalysisError(f"{shown}: holds no list of modules; fetch the modules anew.")
    records = [_record(entry, shown) for entry in entries]
    found = {record.key: record for record in records}
    if len(found) < len(records):
        raise AnalysisError(f"{shown}: names a module twice; fetch the modules anew.")
    return found


def _record(entry: Any, shown: str) -> Record:
    named = entry if isinstance(entry, dict) else {}
    key, source, folder, version = (named.get(name) for name in ("Key", "Source", "Dir", "Version"))
    if not (key and source and folder and all(isinstance(v, str) for v in (key, source, folder, version or ""))):
        raise AnalysisError(f"{shown}: has an entry without Key, Source and Dir; fetch the modules anew.")
    parts = PurePosixPath(folder).parts
    if parts[:1] != (FOLDER,) or len(parts) < 2 or ".." in parts or "\\" in folder or not folder.isprintable():
        raise AnalysisError(
            f"{shown}: module {key} lies in {folder!a}, which is not below {FOLDER}/; fetch the modules anew."
        )
    return Record(key, source, "/".join(parts), version)


def text_of(records: Iterable[Record]) -> str:
    """Write records as the list that `read` reads: the same text for the same modules."""
    entries = [
        {"Key": r.key, "Source": r.source, "Dir": r.folder, **({"Version": r.version} if r.version else {})}
        for r in sorted(records, key=lambda record: record.key)
    ]
    return json.dumps({"Modules": entries}, indent=2, sort_keys=True) + "\n"
