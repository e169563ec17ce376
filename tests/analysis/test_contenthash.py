"""The hash says what the files say: the same on every machine, different for different files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import content_hash

if TYPE_CHECKING:
    from pathlib import Path


def test_the_hash_is_sha256_over_framed_paths_and_contents() -> None:
    def framed(part: bytes) -> bytes:
        return len(part).to_bytes(8, "big") + part

    expected = hashlib.sha256(framed(b"a/b.tf") + framed(b"1\n") + framed(b"c.tf") + framed(b"")).hexdigest()
    assert content_hash({"c.tf": b"", "a/b.tf": b"1\n"}) == expected[:16]


def test_the_order_of_the_files_does_not_matter() -> None:
    files = {"b": b"2", "a": b"1"}
    assert content_hash(files) == content_hash(dict(reversed(files.items())))


def test_line_ends_do_not_matter_in_text_and_do_in_binary_files() -> None:
    assert content_hash({"a": b"1\r\n2\r\n"}) == content_hash({"a": b"1\n2\n"})
    assert content_hash({"a": b"\0\r\n"}) != content_hash({"a": b"\0\n"})


@pytest.mark.parametrize("other", [b'x = "http://b//c" # e', b'x = "http://b//c"', b'x  = "http://b//c" # d', b""])
def test_nothing_else_is_altered_before_hashing(other: bytes) -> None:
    assert content_hash({"a": other}) != content_hash({"a": b'x = "http://b//c" # d'})


def test_what_is_path_and_what_is_content_cannot_be_confused() -> None:
    assert content_hash({"a": b"bc"}) != content_hash({"ab": b"c"})
    assert content_hash({"a": b"1", "b": b"2"}) != content_hash({"a": b"1b2"})


def test_the_same_files_with_another_root_are_another_architecture() -> None:
    files = {"main.tf": b"", "examples/a/main.tf": b""}
    assert content_hash(files) == content_hash(files, ".") != content_hash(files, "examples/a")


def test_files_are_read_from_where_they_lie(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1\r\n")
    assert content_hash({"a": tmp_path / "x"}) == content_hash({"a": b"1\n"})
