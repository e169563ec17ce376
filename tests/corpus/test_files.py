from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from pytest_lsqm.corpus import files
from pytest_lsqm.corpus.files import Place
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import Architecture, ArchitectureTrends, Index, Regression
from tests.corpus.records import A, architecture, listing

ROOT = Path(__file__).parents[2]


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    record = architecture(description="Größe \U0001f680 \x00 \u2028", skipped=False)
    files.write(path, record)
    assert files.read(path, Architecture) == record


def test_a_field_that_is_unknown_survives_a_rewrite(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps({**files.dump(architecture()), "starred": {"by": ["me", None]}}))
    files.write(path, files.read(path, Architecture))
    assert json.loads(path.read_text())["starred"] == {"by": ["me", None]}


def test_an_absent_value_is_left_out_of_the_file(tmp_path: Path) -> None:
    files.write(tmp_path / "metadata.json", architecture(description=None))
    assert "description" not in json.loads((tmp_path / "metadata.json").read_text())


BROKEN = {
    "empty": (b"", "is torn: it is empty"),
    "blank": (b" \n", "is torn: it is empty"),
    "cut off": (b'{"hash": "aaaa', "is torn: it is no valid JSON"),
    "a merge conflict": (b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n", "is torn: it is no valid JSON"),
    "no UTF-8": (b'{"hash": "\xff"}', "is torn: it is no valid JSON"),
    "too deep": (b"[" * 200_000, "is torn: it is no valid JSON"),
    "an array": (b"[]", "is foreign: no Architecture record: the whole:"),
    "null": (b"null", "is foreign: no Architecture record: the whole:"),
    "without a field": (b'{"hash": "aaaaaaaaaaaaaaaa"}', "is foreign: no Architecture record: source_url:"),
    "newer": (b'{"schema_version": 2}', "was written by a newer pytest-lsqm (schema_version 2; this one knows 1)"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, sentence = BROKEN[case]
    path = tmp_path / "metadata.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        files.read(path, Architecture)
    assert str(caught.value).startswith(f"{path} {sentence}")


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_never_overwritten(tmp_path: Path, case: str) -> None:
    content, _ = BROKEN[case]
    path = tmp_path / "metadata.json"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        files.write(path, architecture())
    assert path.read_bytes() == content
    assert listing(tmp_path) == ["metadata.json"]


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_element_of_an_array_spoils_the_write_of_the_array(tmp_path: Path, case: str) -> None:
    content = b"[" + BROKEN[case][0] + b",]"
    path = tmp_path / "regressions.json"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        files.write_array(path, [], Regression)
    assert path.read_bytes() == content


def test_the_place_of_a_foreign_element_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([files.dump(architecture()), {}]))
    with pytest.raises(StoreError, match=r"no Architecture record at \[1\]: hash: Field required"):
        files.read_array(path, Architecture)


def test_an_object_where_an_array_belongs_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "regressions.json").write_text("{}")
    with pytest.raises(StoreError, match="not an array of Regression records"):
        files.read_array(tmp_path / "regressions.json", Regression)


@pytest.mark.parametrize("model", [Index, ArchitectureTrends])
def test_a_newer_version_of_the_two_files_that_version_themselves_is_recognised(
    tmp_path: Path, model: type[Index | ArchitectureTrends]
) -> None:
    path = tmp_path / "index.json"
    path.write_text('{"version": 2, "what": "nobody knows yet"}')
    with pytest.raises(StoreError, match=r"written by a newer pytest-lsqm \(version 2"):
        files.read(path, model)


def test_the_version_of_a_module_is_not_the_version_of_its_record(tmp_path: Path) -> None:
    files.write(tmp_path / "metadata.json", architecture(version="5.1.0"))
    assert files.read(tmp_path / "metadata.json", Architecture).version == "5.1.0"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"metadata.json cannot be read: No such file"):
        files.read(tmp_path / "metadata.json", Architecture)


def test_a_folder_in_the_place_of_a_file_is_unreadable_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.mkdir()
    with pytest.raises(StoreError, match=r"metadata.json cannot be read: Is a directory"):
        files.write(path, architecture())
    assert path.is_dir()


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "metadata.json"
    files.write(path, architecture(name="old"))

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if step == "replace":
            patch.setattr(Path, "replace", fail)
        else:
            patch.setattr(os, step, fail)
        with pytest.raises(StoreError, match=r"metadata.json cannot be written: No space left on device"):
            files.write(path, architecture(name="new"))
    assert files.read(path, Architecture).name == "old"
    assert listing(tmp_path) == ["metadata.json"]


def test_a_file_that_outgrows_the_limit_leaves_the_old_one(tmp_path: Path) -> None:
    files.write(tmp_path / "metadata.json", architecture(name="old"))
    child = multiprocessing.get_context("fork").Process(target=_write_too_much, args=(tmp_path,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert files.read(tmp_path / "metadata.json", Architecture).name == "old"
    assert listing(tmp_path) == ["metadata.json"]


def _write_too_much(folder: Path) -> None:
    # A real short write: the kernel stops the file at 4 kB, as a full disk would.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        files.write(folder / "metadata.json", architecture(description="x" * 100_000))
    except StoreError as error:
        os._exit(0 if "cannot be written: File too large" in str(error) else 2)
    os._exit(1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        files.write(tmp_path / "metadata.json", architecture())


def test_readers_see_the_old_or_the_new_content_and_never_a_mixture(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    files.write(path, architecture(description="0" * 50_000))
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from pytest_lsqm.corpus import files
        from tests.corpus.records import architecture
        for i in range(200):
            files.write(Path(sys.argv[1]), architecture(description=str(i % 10) * 50_000))
    """)
    writer = subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT)
    reads = 0
    try:
        while writer.poll() is None:
            text = files.read(path, Architecture).description
            assert text is not None
            assert len(set(text)) == 1
            assert len(text) == 50_000
            reads += 1
    finally:
        writer.wait(60)
    assert writer.returncode == 0
    assert reads > 5


HOLDER = """
    import sys, time
    from pathlib import Path
    from pytest_lsqm.corpus.files import Place
    with Place(Path(sys.argv[1])).locked():
        print("locked", flush=True)
        time.sleep(60)
"""


def _hold_the_lock(root: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(root)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    return holder


def test_a_lock_that_another_process_holds_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LOCK_TIMEOUT", 0.2)
    holder = _hold_the_lock(tmp_path)
    try:
        with pytest.raises(StoreError, match="locked by another process"), Place(tmp_path).locked():
            pass
    finally:
        holder.kill()
        holder.wait()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LOCK_TIMEOUT", 0.2)
    holder = _hold_the_lock(tmp_path)
    assert not _can_be_locked(tmp_path)
    holder.kill()
    holder.wait()
    assert _can_be_locked(tmp_path)


def test_the_lock_can_be_taken_again_by_who_holds_it_and_is_held_until_the_first_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LOCK_TIMEOUT", 0.2)
    place = Place(tmp_path)
    with place.locked():
        with place.locked():
            pass
        assert not _can_be_locked(tmp_path)
    assert _can_be_locked(tmp_path)


def _can_be_locked(root: Path) -> bool:
    """Whether somebody else could take the lock now: a lock of its own is another holder, as a process is."""
    try:
        with Place(root).locked():
            return True
    except StoreError:
        return False


def test_only_what_crashed_writers_left_is_cleared_away(tmp_path: Path) -> None:
    place = Place(tmp_path)
    kept = [
        "architectures/index.json",
        f"architectures/{A}/.mine.lsqm-tmp",
        ".gitignore",
        "runs/x/results/.hidden",
    ]
    left = [
        f"architectures/.{A}.0011.lsqm-tmp/main.tf",
        "runs/x/.summary.json.00.lsqm-tmp",
        ".index-check.0.lsqm-tmp",
    ]
    for name in kept + left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    removed = {str(path.relative_to(tmp_path)) for path in place.remove_leftovers()}
    assert removed == {name.removesuffix("/main.tf") for name in left}
    assert all((tmp_path / name).exists() for name in kept)
    assert not any((tmp_path / name).exists() for name in left)


def test_a_folder_in_the_making_is_never_seen_half(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), files.new_folder(tmp_path / A) as temporary:
        (temporary / "main.tf").write_text("x")
        assert files.names(tmp_path, folders=True) == []
        raise RuntimeError
    assert listing(tmp_path) == []
