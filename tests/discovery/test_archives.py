"""Archives as strangers make them: what is taken, and every reason why one is not."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import archives
from pytest_lsqm.discovery.limits import Limits
from pytest_lsqm.errors import EnvironmentProblem
from tests.support.archives import MAKERS, Entry, link, refused, tar_of, unpack, zip_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[..., bytes]:
    """Either way to make an archive."""
    return MAKERS[request.param]


# What is taken


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_tar_is_told_by_its_content_however_it_is_packed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    top = unpack(tmp_path, pack(tar_of(Entry("main.tf", b"one"), Entry("modules/a/main.tf", b"two" * 100_000))))
    assert top == tmp_path / "into"
    assert (top / "main.tf").read_bytes() == b"one"
    assert (top / "modules/a/main.tf").read_bytes() == b"two" * 100_000


def test_a_zip_is_told_by_its_content(tmp_path: Path) -> None:
    top = unpack(tmp_path, zip_of(Entry("a/b.tf", b"two" * 100_000), Entry("ünï.tf", b"one")))
    assert (top / "a/b.tf").read_bytes() == b"two" * 100_000
    assert (top / "ünï.tf").read_bytes() == b"one"


def test_the_single_folder_at_the_top_is_the_top(tmp_path: Path, make: Callable[..., bytes]) -> None:
    top = unpack(tmp_path, make(Entry("repo-1.0", b"", "folder", mode=0o755), Entry("repo-1.0/main.tf")))
    assert top == tmp_path / "into" / "repo-1.0"


@pytest.mark.parametrize("beside", [Entry("b/x"), Entry("x"), link("b", "a")])
def test_a_folder_that_is_not_alone_is_not_the_top(
    tmp_path: Path, make: Callable[..., bytes], beside: Entry
) -> None:
    assert unpack(tmp_path, make(Entry("a/x"), beside)) == tmp_path / "into"


def test_a_file_alone_is_not_the_top(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert unpack(tmp_path, make(Entry("main.tf"))) == tmp_path / "into"


def test_a_link_alone_is_not_the_top(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert unpack(tmp_path, make(link("a", "."))) == tmp_path / "into"


def test_the_header_with_which_git_begins_is_no_entry(tmp_path: Path) -> None:
    data = gzip.compress(tar_of(Entry("repo/main.tf"), headers={"comment": "0" * 40}))
    assert unpack(tmp_path, data) == tmp_path / "into" / "repo"


def test_names_of_gnu_that_are_too_long_for_its_header_are_whole(tmp_path: Path) -> None:
    name = "/".join(["d" * 100] * 4)
    top = unpack(tmp_path, tar_of(Entry(name), Entry("x"), style=tarfile.GNU_FORMAT))
    assert (top / name).is_file()


def test_dots_in_front_of_the_names_mean_nothing(tmp_path: Path) -> None:
    top = unpack(tmp_path, tar_of(Entry(".", b"", "folder"), Entry("./a/x"), Entry("./a//./y"), Entry("z")))
    assert sorted(path.relative_to(top).as_posix() for path in top.rglob("*")) == ["a", "a/x", "a/y", "z"]


def test_modes_are_plain_whatever_the_archive_says(tmp_path: Path, make: Callable[..., bytes]) -> None:
    before = os.umask(0o077)
    try:
        top = unpack(
            tmp_path,
            make(
                Entry("d", b"", "folder", mode=0o1777),
                Entry("d/run", mode=0o4711),
                Entry("d/text", mode=0o066),
                Entry("e"),
            ),
        )
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [top, *top.rglob("*")]}
    assert modes == {"into": 0o755, "d": 0o755, "run": 0o755, "text": 0o644, "e": 0o644}
    assert (top / "e").stat().st_uid == os.getuid()


def test_a_link_that_stays_inside_is_kept_as_a_link(tmp_path: Path, make: Callable[..., bytes]) -> None:
    top = unpack(
        tmp_path, make(Entry("a/x", b"here"), link("b/c/up", "../../a/x"), link("gone", "a/none"), Entry("z"))
    )
    assert (top / "b/c/up").readlink().as_posix() == "../../a/x"
    assert (top / "b/c/up").read_bytes() == b"here"
    assert (top / "gone").is_symlink()


def test_a_hard_link_becomes_a_file_of_its_own(tmp_path: Path) -> None:
    top = unpack(tmp_path, tar_of(Entry("a/x", b"here", mode=0o755), link("b", "a/x", "hard")))
    assert (top / "b").read_bytes() == b"here"
    assert (top / "b").stat().st_nlink == 1
    assert (top / "b").stat().st_mode & 0o100


# Too much


SMALL = Limits(entries=3, total_bytes=1000, file_bytes=600)


def zip_stating(size: int, content: bytes) -> bytes:
    data = bytearray(zip_of(Entry("a", content)))
    for place in (22, data.index(b"PK\x01\x02") + 24):
        data[place : place + 4] = size.to_bytes(4, "little")
    return bytes(data)


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it may be on the disk whole before it is found out."""
    monkeypatch.setattr(archives, "check_tree", lambda *words: pytest.fail("it was laid out"))


def test_more_entries_than_allowed_are_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert refused(tmp_path, make(*map(Entry, "abcd")), SMALL) == "the archive holds more than 3 entries"
    assert unpack(tmp_path, make(*map(Entry, "abc")), SMALL)


@pytest.mark.usefixtures("early")
def test_folders_that_no_entry_names_count_too(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert "more than 3 entries" in refused(tmp_path, make(Entry("a/b/c/d/e")), SMALL)


@pytest.mark.usefixtures("early")
def test_more_bytes_than_allowed_are_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    data = make(Entry("a", b"x" * 600), Entry("b", b"x" * 401))
    assert refused(tmp_path, data, SMALL) == "the archive holds more than 1000 bytes"


@pytest.mark.usefixtures("early")
def test_a_copy_by_a_hard_link_counts_too(tmp_path: Path) -> None:
    data = tar_of(Entry("a", b"x" * 600), link("b", "a", "hard"))
    assert "more than 1000 bytes" in refused(tmp_path, data, SMALL)


@pytest.mark.usefixtures("early")
def test_a_file_that_is_too_large_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert refused(tmp_path, make(Entry("a", b"x" * 601)), SMALL) == "the archive holds a, of more than 600 bytes"


def test_what_is_as_large_as_allowed_is_taken(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert unpack(tmp_path, make(Entry("a", b"x" * 600), Entry("b", b"x" * 400)), SMALL)


def test_a_zip_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    assert "damaged" in refused(tmp_path, zip_stating(10, b"x" * 5000), SMALL)


def test_a_zip_that_unpacks_to_less_than_it_says_is_refused(tmp_path: Path) -> None:
    assert "has not the size it states" in refused(tmp_path, zip_stating(11, b"x" * 10))


@pytest.mark.parametrize("pack", list(PACKERS.values())[1:], ids=list(PACKERS)[1:])
@pytest.mark.usefixtures("early")
def test_a_small_archive_that_unpacks_to_very_much_is_refused(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    data = pack(bytes(300_000))
    assert len(data) < 1000
    assert refused(tmp_path, data, SMALL) == "the archive unpacks to more than 1000 bytes"


@pytest.mark.parametrize("size", [9 * 1024 * 1024, 2**40])
def test_a_header_that_wants_all_of_the_memory_is_refused(tmp_path: Path, size: int) -> None:
    info = tarfile.TarInfo("a")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, size
    assert "a header of more than 8 MiB" in refused(tmp_path, info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))


def test_no_more_time_is_taken_than_is_given(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert "not unpacked within 0 s" in refused(tmp_path, make(Entry("a")), Limits(seconds=0.0))


# Damaged, locked, or nothing at all


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_of(Entry("a")))
    for place in (6, data.index(b"PK\x01\x02") + 8):
        data[place] |= 1
    assert refused(tmp_path, bytes(data)) == "the archive is encrypted: a wants a password"


@pytest.mark.parametrize("data", [b"", b"hello", b"<html>not found</html>" * 100, gzip.compress(b"hello" * 1000)])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data) in {"it is neither a tar nor a zip archive", "the archive holds nothing"}


def test_an_empty_archive_is_refused(tmp_path: Path, make: Callable[..., bytes]) -> None:
    assert refused(tmp_path, make()) == "the archive holds nothing"


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_tar_that_is_cut_short_is_refused_wherever_it_is_cut(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    plain = tar_of(Entry("a", os.urandom(700)), Entry("b", os.urandom(700)))[: 2 * (512 + 1024) + 1024]
    whole = pack(plain)
    for number, length in enumerate(range(20, len(whole), 101)):
        folder = tmp_path / str(number)
        folder.mkdir()
        # The second block of zeros at the end of a plain tar is one more than is needed.
        if length < len(whole) - (512 if whole == plain else 0):
            refused(folder, whole[:length])


def test_a_zip_that_is_cut_short_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = zip_of(Entry("a", os.urandom(700)), Entry("b", os.urandom(700)))
    for length in range(4, len(whole), 57):
        folder = tmp_path / str(length)
        folder.mkdir()
        refused(folder, whole[:length])


def test_a_tar_with_a_damaged_header_is_no_shorter_tar(tmp_path: Path) -> None:
    data = bytearray(tar_of(Entry("a"), Entry("b")))
    data[1024 + 3] ^= 1
    assert "damaged" in refused(tmp_path, bytes(data))


def test_content_that_does_not_fit_its_checksum_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_of(Entry("a", os.urandom(700))))
    data[300] ^= 1
    assert "damaged" in refused(tmp_path, bytes(data))
    packed = bytearray(gzip.compress(tar_of(Entry("a", os.urandom(700)))))
    packed[-6] ^= 1
    assert "damaged" in refused(tmp_path, bytes(packed))


def test_headers_in_an_endless_row_are_refused(tmp_path: Path) -> None:
    header = tar_of(Entry("a"), headers={"comment": "x"})[:1024]
    assert "damaged" in refused(tmp_path, header * 3000)


def test_nothing_is_unpacked_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "mine").touch()
    with pytest.raises(EnvironmentProblem, match="is in the way"):
        unpack(tmp_path, tar_of(Entry("a")))
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["mine"]
