"""How a store's files are read and written: every error names its file, every write is all or nothing.

A file that is torn, foreign or newer than this version is evidence of something that only its owner
can judge. So nothing here repairs, replaces or deletes one: it says what is wrong and what to do.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from pytest_lsqm import models
from pytest_lsqm.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPORARY = ".lsqm-tmp"
"""The end of the name of everything half-written; its first character is a dot. Readers ignore both."""

LOCK_NAME = ".lock"
LOCK_TIMEOUT = 60.0
"""Seconds to wait for another process: the longest thing done under the lock is building an index."""

REMEDY = "It was left as it is: restore it from version control or a backup, or move it away."

M = TypeVar("M", bound=BaseModel)


def read_json(path: Path) -> Any:
    """Return the content of a JSON file; a StoreError if it is missing, unreadable or torn."""
    return _decode(path, read_bytes(path))


def _decode(path: Path, raw: bytes) -> Any:
    if not raw.strip():
        raise StoreError(f"{path} is torn: it is empty. {REMEDY}")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{path} is torn: it is no valid JSON ({error}). {REMEDY}") from error


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; a StoreError if it is missing or unreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        advice = "Restore it" if isinstance(error, FileNotFoundError) else "Check its owner and permissions"
        raise StoreError(f"{path} cannot be read: {error.strerror or error}. {advice}.") from error


def read_text(path: Path) -> str:
    """Return a text file as it stands; a StoreError if it is missing, unreadable or no UTF-8."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise StoreError(f"{path} is torn: it is no UTF-8 text ({error}). {REMEDY}") from error


def read(path: Path, model: type[M]) -> M:
    """Return the record that a file holds."""
    raw = read_bytes(path)
    try:
        found = model.model_validate_json(raw)
    except ValidationError:
        # pydantic's own reader is three times as fast, but Python's takes some texts that it does not, such as
        # lone surrogates, and says better what is torn.
        return parse(path, _decode(path, raw), model)
    refuse_newer(path, {key: getattr(found, key, None) for key in ("schema_version", "version")}, model)
    return found


def read_array(path: Path, model: type[M]) -> list[M]:
    """Return the records of a file that holds an array of them."""
    data = read_json(path)
    if not isinstance(data, list):
        raise StoreError(f"{path} is foreign: not an array of {model.__name__} records. {REMEDY}")
    return [parse(path, item, model, place=f"[{position}]") for position, item in enumerate(data)]


def parse(path: Path, data: Any, model: type[M], *, place: str = "") -> M:
    """Make a record of JSON data that came from `path`; `place` says where in the file it stood."""
    refuse_newer(path, data, model)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the whole"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise StoreError(
            f"{path} is foreign: no {model.__name__} record{place and ' at ' + place}: "
            f"{field}: {first['msg']}{more}. {REMEDY}"
        ) from error


def refuse_newer(path: Path, data: Any, model: type[BaseModel]) -> None:
    """Raise a StoreError if the data says that a newer release wrote it."""
    if not isinstance(data, dict):
        return
    # An Architecture's `version` is that of the module it came from; only two files version themselves so.
    keys = ["schema_version"] + ["version"] * issubclass(model, models.Index | models.ArchitectureTrends)
    for key in keys:
        found = data.get(key)
        if isinstance(found, int) and found > models.SCHEMA_VERSION:
            raise StoreError(
                f"{path} was written by a newer pytest-lsqm ({key} {found}; this one knows "
                f"{models.SCHEMA_VERSION}): upgrade with `pip install -U pytest-lsqm`, or use another store."
            )


def write(path: Path, record: BaseModel) -> None:
    """Replace a record's file; what stands there now must be readable as the same kind of record."""
    if os.path.lexists(path):
        read(path, type(record))
    write_bytes(path, encode_record(record))


def write_array(path: Path, records: list[M], model: type[M]) -> None:
    """Replace a file that holds an array of records; what stands there now must be one too."""
    if os.path.lexists(path):
        read_array(path, model)
    write_json(path, [dump(record) for record in records])


def dump(record: BaseModel) -> dict[str, Any]:
    """Return a record as JSON data; a field that is None is absent, as in the data model's examples."""
    return record.model_dump(mode="json", exclude_none=True)


def write_json(path: Path, data: Any) -> None:
    """Replace a file with JSON data, whatever stands there now."""
    write_bytes(path, encode(data))


def encode(data: Any) -> bytes:
    """Return JSON data as the bytes of a file."""
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    # A lone surrogate has no UTF-8, but the backslash form of it is JSON's own escape.
    return text.encode("utf-8", "backslashreplace")


def encode_record(record: BaseModel) -> bytes:
    """Return a record as the bytes of its file: the JSON of `dump`, from pydantic, which takes a fifth of the time."""
    try:
        return (record.model_dump_json(indent=2, exclude_none=True) + "\n").encode()
    except PydanticSerializationError:
        return encode(dump(record))  # it knows how to write a lone surrogate


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file so that it holds all of `content` or, after a crash or an error, what it held before."""
    temporary = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(temporary, content)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        refuse_write(path, error)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_new(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file that must not exist yet, down to the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last, where the file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def temporary_beside(path: Path) -> Path:
    """Return a name in the same folder, hence on the same file system, that readers ignore."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")


def refuse_write(path: Path, error: OSError) -> NoReturn:
    """Turn a failed write into a sentence."""
    raise StoreError(
        f"{path} cannot be written: {error.strerror or error}. What stood there before is unchanged; "
        f"check the disk's space and the folder's permissions, then run again."
    ) from error


@contextlib.contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `final` at the end, so that `final` is whole or absent."""
    temporary = temporary_beside(final)
    try:
        temporary.mkdir(parents=True)
        yield temporary
        temporary.rename(final)
        sync_folder(final.parent)
    except OSError as error:
        refuse_write(final, error)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder so that nobody ever sees half of it."""
    aside = temporary_beside(folder)
    try:
        folder.rename(aside)
    except OSError as error:
        raise StoreError(f"{folder} cannot be removed: {error.strerror or error}.") from error
    shutil.rmtree(aside, ignore_errors=True)


def names(folder: Path, *, folders: bool) -> list[str]:
    """Return the names of a folder's files or folders in order; dotted ones, links and absence are nothing."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".")
                and (entry.is_dir(follow_symlinks=False) if folders else entry.is_file(follow_symlinks=False))
            )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be read: {error.strerror or error}. Check its owner and permissions."
        ) from error


class Place:
    """A store's root with its lock and with what was found broken in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: dict[str, None] = {}
        """What was found broken, each sentence once, in the order in which it was found."""
        # Threads exclude each other as processes do; within one thread the lock may be taken again.
        self._lock = FileLock(root / LOCK_NAME, timeout=LOCK_TIMEOUT)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing; readers need no lock, since every write is atomic."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise StoreError(
                f"{self.root} has been locked by another process for {LOCK_TIMEOUT:.0f} s: "
                f"wait for that run to end, then run again (the lock is {self.root / LOCK_NAME})."
            ) from error
        except (OSError, NotImplementedError) as error:
            raise StoreError(
                f"{self.root} cannot be locked for writing: {error}. Check the folder's permissions."
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def writable(self) -> bool:
        """Whether this process may write here at all."""
        return os.access(self.root, os.W_OK)

    def report(self, problem: object) -> None:
        """Remember what is broken and was left alone; each sentence once."""
        self.problems.setdefault(str(problem))

    def remove_leftovers(self) -> list[Path]:
        """Remove what crashed writers left half-written, and return it; nothing else is touched."""
        with self.locked():
            # Whoever writes holds the lock, so whatever is temporary now has lost its writer.
            # Architectures' own files are not searched: their names are not ours.
            places = (".", "architectures", "apps", "trends", "runs", "runs/*", "runs/*/results")
            found = sorted(path for place in places for path in self.root.glob(f"{place}/.*{TEMPORARY}"))
            for path in found:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
        return found
