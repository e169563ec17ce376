"""`apps/{hash}/`: the pytest application of an architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.corpus import architectures, files
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import APP_FILES, TestApp, TestAppMetadata

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.corpus.files import Place

METADATA = "generated_at.json"


def folder(place: Place, arch_hash: str) -> Path:
    """Return where an architecture's app lies or would lie."""
    return architectures.named_by_hash(place.root / "apps", arch_hash)


def read(place: Place, arch_hash: str) -> TestApp | None:
    """Return an architecture's app, None if it has none; a StoreError names what of it is broken."""
    where = folder(place, arch_hash)
    if not where.is_dir():
        return None
    metadata = files.read(where / METADATA, TestAppMetadata)
    if metadata.arch_hash != arch_hash:
        raise StoreError(
            f"{where / METADATA} is foreign: arch_hash: it says {metadata.arch_hash}, "
            f"its folder {arch_hash}. {files.REMEDY}"
        )
    texts = {name: files.read_text(where / name) for name in APP_FILES}
    return files.parse(where, {**files.dump(metadata), "files": texts}, TestApp)


def hashes(place: Place) -> list[str]:
    """Return the hashes of all architectures that have an app, without opening any file."""
    parent = place.root / "apps"
    return [name for name in files.names(parent, folders=True) if architectures.HASH.fullmatch(name)]


def remove(place: Place, arch_hash: str) -> None:
    """Remove an app; nothing happens where there is none."""
    with place.locked():
        if folder(place, arch_hash).is_dir():
            files.remove_folder(folder(place, arch_hash))


def add(place: Place, app: TestApp, *, replace: bool) -> bool:
    """Write an app, whole or not at all; False if there is one already that is not to be replaced."""
    final = folder(place, app.arch_hash)
    architectures.read(place, app.arch_hash)
    with place.locked():
        present = read(place, app.arch_hash) is not None
        if present and not replace:
            return False
        with files.new_folder(final) as temporary:
            for name in APP_FILES:
                files.write_new(temporary / name, app.files[name].encode("utf-8"))
            metadata = {key: value for key, value in files.dump(app).items() if key != "files"}
            files.write_new(temporary / METADATA, files.encode(metadata))
            if present:
                files.remove_folder(final)
    return True
