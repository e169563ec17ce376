"""Entries of archives that lead elsewhere, contradict each other, or have no name to speak of."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import archives
from tests.support.archives import MAKERS, Entry, link, refused, tar_of, unpack, zip_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[..., bytes]:
    """Either way to make an archive."""
    return MAKERS[request.param]


# Names and links that lead elsewhere


@pytest.mark.parametrize("name", ["/etc/passwd", "C:/x", "c:x"])
def test_an_absolute_path_is_refused(tmp_path: Path, make: Callable[..., bytes], name: str) -> None:
    assert refused(tmp_path, make(Entry("a"), Entry(name))) == f"the archive holds {name}, an absolute path"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a/..", "a/../b"])
def test_a_path_that_leads_up_is_refused(tmp_path: Path, make: Callable[..., bytes], name: str) -> None:
    assert refused(tmp_path, make(Entry("z"), Entry(name))) == f"the archive holds {name}, a path that leads up"


def test_a_backslash_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert "a path with a backslash" in refused(tmp_path, make(Entry("..\\x")))


@pytest.mark.parametrize(
    ("where", "target"),
    [("a", "/etc/passwd"), ("a", "../x"), ("a/b", "../../x"), ("a/b", "c/../../../x"), ("a", "..")],
)
def test_a_link_that_leads_out_is_refused(
    tmp_path: Path, make: Callable[..., bytes], where: str, target: str
) -> None:
    assert "a link that leads out of it" in refused(tmp_path, make(link(where, target)))


def test_a_link_that_leads_out_is_never_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "check_tree", lambda *words: pytest.fail("it was laid out"))
    assert "leads out" in refused(tmp_path, tar_of(link("a", "../x")))


def test_a_link_that_leads_out_by_way_of_another_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    # By the words alone a/b/out leads to a/b; but `up` is the top, and above it is outside.
    reason = refused(tmp_path, make(link("a/b/up", "../.."), link("a/b/out", "up/../secret")))
    assert reason == "the archive holds a/b/out, a link that leads out of it"


def test_a_link_in_a_circle_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert "in a circle" in refused(tmp_path, make(link("a", "b"), link("b", "a")))


@pytest.mark.parametrize("target", ["", "a\nb", "..\\x", "x" * 1025])
def test_a_link_to_what_is_no_path_is_refused(tmp_path: Path, make: Callable[..., bytes], target: str) -> None:
    assert "which is no path" in refused(tmp_path, make(link("a", target)))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../x", "leads up"),
        ("/etc/passwd", "absolute"),
        ("later", "no file before it"),
        ("folder", "no file before it"),
        ("soft", "no file before it"),
    ],
)
def test_a_hard_link_to_anything_but_an_earlier_file_is_refused(tmp_path: Path, target: str, reason: str) -> None:
    entries = [Entry("folder", b"", "folder"), link("soft", "later"), link("hard", target, "hard"), Entry("later")]
    assert reason in refused(tmp_path, tar_of(*entries))


def test_writing_through_a_link_of_its_own_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    reason = refused(tmp_path, make(Entry("a/x"), link("b", "a"), Entry("b/y")))
    assert reason == "the archive writes b/y through a link of its own, b"


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_what_is_neither_file_nor_folder_nor_link_is_refused(
    tmp_path: Path, make: Callable[..., bytes], kind: str
) -> None:
    assert "no file, no folder and no link" in refused(tmp_path, make(Entry("a", b"", kind)))


def test_a_socket_is_refused(tmp_path: Path) -> None:
    assert "no file, no folder and no link" in refused(tmp_path, zip_of(Entry("a", b"", "socket")))


@pytest.mark.parametrize("name", ["a\x1b[31m", "a\nb", "a\x7f"])
def test_a_name_that_cannot_be_printed_is_refused(tmp_path: Path, make: Callable[..., bytes], name: str) -> None:
    reason = refused(tmp_path, make(Entry(name)))
    assert "whose name is no text" in reason
    assert reason.isprintable()


def test_a_name_of_a_tar_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT, encoding="latin-1") as tar:
        tar.addfile(tarfile.TarInfo("caf\xe9"))
    assert "whose name is no text" in refused(tmp_path, out.getvalue())


@pytest.mark.parametrize("flag", [True, False], ids=["said to be UTF-8", "said to be nothing"])
def test_a_name_of_a_zip_that_is_not_utf8_is_refused(tmp_path: Path, flag: bool) -> None:
    data = zip_of(Entry("caf\xe9\xe9" if flag else "caf####"))
    raw = "caf\xe9\xe9".encode() if flag else b"caf####"
    assert data.count(raw) == 2
    reason = refused(tmp_path, data.replace(raw, b"caf\xe9\xe9\xe9\xe9"))
    assert ("damaged" if flag else "whose name is not UTF-8") in reason


def test_a_name_of_a_zip_that_is_utf8_without_saying_so_is_taken_as_it_is(tmp_path: Path) -> None:
    data = zip_of(Entry("caf##"), Entry("x")).replace(b"caf##", "caf\xe9".encode())
    assert (unpack(tmp_path, data) / "caf\xe9").is_file()


def test_a_name_that_ends_before_its_end_is_refused(tmp_path: Path) -> None:
    data = zip_of(Entry("a.tf####")).replace(b"a.tf####", b"a.tf\x00.sh")
    assert "whose name is no text" in refused(tmp_path, data)


@pytest.mark.parametrize("name", ["n" * 256, "\xe9" * 128, "/".join(["dir"] * 257)], ids=len)
def test_a_name_that_is_too_long_is_refused(tmp_path: Path, make: Callable[..., bytes], name: str) -> None:
    assert "whose name is too long" in refused(tmp_path, make(Entry(name)))


def test_names_of_just_the_length_allowed_are_taken(tmp_path: Path, make: Callable[..., bytes]) -> None:
    name = "/".join(["n" * 255] * 4)
    assert (unpack(tmp_path, make(Entry(name), Entry("x"))) / name).is_file()


# Entries that contradict each other


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "again",
    [Entry("a/x"), Entry("./a//x"), Entry("a", b"", "folder"), link("a/x", "y")],
    ids=["file", "spelled otherwise", "folder", "link"],
)
def test_the_same_path_twice_is_refused(tmp_path: Path, make: Callable[..., bytes], again: Entry) -> None:
    assert "twice" in refused(tmp_path, make(Entry("a", b"", "folder"), Entry("a/x"), again))


def test_the_same_path_in_other_letters_is_another(tmp_path: Path, make: Callable[..., bytes]) -> None:
    top = unpack(tmp_path, make(Entry("README"), Entry("readme")))
    assert len(list(top.iterdir())) == 2


def test_a_file_where_a_folder_is_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert "twice" in refused(tmp_path, make(Entry("a/x"), Entry("a")))


def test_a_folder_where_a_file_is_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert "both as a file and as a folder" in refused(tmp_path, make(Entry("a"), Entry("a/x")))


def test_a_file_that_is_called_like_the_top_is_refused(tmp_path: Path) -> None:
    assert "which names no file" in refused(tmp_path, tar_of(link(".", "x")))
