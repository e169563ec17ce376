from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import StoreError, UsageError
from tests.corpus.records import A, B, C, add_architecture, app, app_files, architecture, listing, snapshot

ROOT = Path(__file__).parents[2]


def test_a_folder_that_does_not_exist_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere is no store.*`lsqm add DIR --corpus .*nowhere`"):
        Store.open(tmp_path / "nowhere")


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for way in (Store.open, Store.create):
        with pytest.raises(UsageError, match="is a file"):
            way(tmp_path / "file")


def test_a_folder_without_architectures_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no store"):
        Store.open(tmp_path)


def test_making_a_store_twice_keeps_what_is_in_it(store: Store) -> None:
    add_architecture(store)
    before = snapshot(store.root)
    Store.create(store.root)
    assert snapshot(Store.open(store.root).root) == before


def test_an_architecture_comes_with_all_its_files(store: Store, tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_bytes(b"#!/bin/sh\r\n\xff")
    script.chmod(0o755)
    config = tmp_path / "main.tf"
    config.write_text("# main\n")
    sources = {"main.tf": config, "modules/queue/main.tf": config, "src/run.sh": script}
    assert store.add_architecture(architecture(), sources)
    folder = store.terraform_folder(A)
    assert sorted(snapshot(folder)) == ["main.tf", "metadata.json", "modules/queue/main.tf", "src/run.sh"]
    assert (folder / "src/run.sh").read_bytes() == b"#!/bin/sh\r\n\xff"
    assert os.access(folder / "src/run.sh", os.X_OK)
    assert not os.access(folder / "main.tf", os.X_OK)
    assert store.architecture(A) == architecture()
    assert [found.hash for found in store.architectures()] == [A]


def test_an_architecture_that_is_there_already_is_left_as_it_is(store: Store) -> None:
    add_architecture(store, name="first")
    before = snapshot(store.root)
    assert not store.add_architecture(architecture(name="second"), {"main.tf": store.root.parent / "none.tf"})
    assert snapshot(store.root) == before


def test_a_broken_architecture_is_not_replaced_by_a_good_one(store: Store, tmp_path: Path) -> None:
    add_architecture(store)
    metadata = store.terraform_folder(A) / "metadata.json"
    metadata.write_text("{")
    with pytest.raises(StoreError, match=r"metadata.json is torn"):
        store.add_architecture(architecture(), {"main.tf": tmp_path / f"source-{A}.tf"})
    assert metadata.read_text() == "{"


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../out.tf",
        "a/../../out.tf",
        "",
        ".",
        "a\\..\\b.tf",
        "nul\0.tf",
        "metadata.json",
        "./metadata.json",
    ],
)
def test_a_file_with_a_name_that_leads_out_of_the_folder_or_collides_is_refused(
    store: Store, tmp_path: Path, name: str
) -> None:
    source = tmp_path / "main.tf"
    source.write_text("")
    with pytest.raises(StoreError):
        store.add_architecture(architecture(), {"main.tf": source, name: source})
    assert snapshot(store.root) == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["main.tf", "store"]


def test_links_pipes_folders_and_missing_files_are_refused(store: Store, tmp_path: Path) -> None:
    real = tmp_path / "main.tf"
    real.write_text("")
    (tmp_path / "link.tf").symlink_to(real)
    os.mkfifo(tmp_path / "pipe.tf")
    for name in ("link.tf", "pipe.tf", "store", "missing.tf"):
        with pytest.raises(StoreError, match=f"{name} cannot be copied into the store"):
            store.add_architecture(architecture(), {"main.tf": real, "other.tf": tmp_path / name})
    assert listing(store.root / "architectures") == []


def test_the_root_module_may_lie_in_a_subfolder(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "main.tf"
    source.write_text("")
    files = {"examples/full/main.tf": source, "main.tf": source}
    with pytest.raises(StoreError, match="no file in its root folder 'examples'"):
        store.add_architecture(architecture(root="examples"), files)
    assert store.add_architecture(architecture(root="examples/full"), files)
    assert store.architecture(A).root == "examples/full"


def test_a_metadata_file_of_another_architecture_is_foreign(store: Store) -> None:
    add_architecture(store)
    (store.root / "architectures" / A).rename(store.root / "architectures" / B)
    with pytest.raises(StoreError, match=f"hash: it says {A}, its folder {B}"):
        store.architecture(B)


def test_an_architecture_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(StoreError, match=f"has no architecture {A}"):
        store.architecture(A)


@pytest.mark.parametrize("name", ["", "..", "../../etc", "a" * 15, "g" * 16, "a" * 16 + "\n"])
def test_a_name_that_is_no_hash_leads_nowhere(store: Store, name: str) -> None:
    for ask in (store.architecture, store.app, store.has_app, store.app_folder, store.terraform_folder):
        with pytest.raises(StoreError, match="no architecture's hash"):
            ask(name)


def test_one_broken_architecture_does_not_stop_the_others(store: Store) -> None:
    for name in (A, B, C):
        add_architecture(store, name)
    (store.terraform_folder(B) / "metadata.json").write_text("")
    (store.root / "architectures" / "notes").mkdir()
    assert [found.hash for found in store.architectures()] == [A, C]
    assert [problem.split(" is ")[0] for problem in store.problems] == [
        f"{store.root}/architectures/notes",
        f"{store.root}/architectures/{B}/metadata.json",
    ]


def test_a_writer_that_is_killed_leaves_no_half_written_architecture(store: Store, tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from pytest_lsqm.corpus import Store, files
        from tests.corpus.records import architecture
        source = Path(sys.argv[1]).parent / "main.tf"
        source.write_text("x")
        # Killed before the second file: the first one is on the disk.
        written, real = [], files.write_new
        def write_new(*args):
            if written:
                os.kill(os.getpid(), signal.SIGKILL)
            written.append(real(*args))
        files.write_new = write_new
        Store.open(Path(sys.argv[1])).add_architecture(architecture(), {"a.tf": source, "b.tf": source})
    """)
    killed = subprocess.run([sys.executable, "-c", script, str(store.root)], cwd=ROOT, check=False, timeout=60)
    assert killed.returncode == -9
    assert len(list((store.root / "architectures").iterdir())) == 1
    assert list(store.architectures()) == []
    assert store.refresh_index().count == 0
    assert store.problems == ()
    assert len(store.remove_leftovers()) == 1
    add_architecture(store)
    assert store.refresh_index().count == 1


def test_an_app_is_read_as_it_was_written(store: Store) -> None:
    add_architecture(store)
    assert store.app(A) is None
    assert not store.has_app(A)
    assert store.add_app(app())
    assert store.has_app(A)
    assert store.app(A) == app()
    assert listing(store.app_folder(A)) == [
        "app.py", "conftest.py", "generated_at.json", "requirements.txt", "test_app.py",
    ]  # fmt: skip
    metadata = json.loads((store.app_folder(A) / "generated_at.json").read_text())
    assert metadata["generated_at"] == "2026-01-10T03:00:00Z"
    assert "files" not in metadata


def test_an_app_is_replaced_only_on_request(store: Store) -> None:
    add_architecture(store)
    store.add_app(app(model_used="first"))
    second = app(model_used="second", files=app_files(app_py="VALUE = 2\n"))
    assert not store.add_app(second)
    assert store.app(A) == app(model_used="first")
    assert store.add_app(second, replace=True)
    assert store.app(A) == second
    assert listing(store.root / "apps") == [A]


def test_an_app_needs_its_architecture(store: Store) -> None:
    with pytest.raises(StoreError, match=f"has no architecture {A}"):
        store.add_app(app())


@pytest.mark.parametrize("name", ["conftest.py", "app.py", "test_app.py", "requirements.txt", "generated_at.json"])
def test_an_app_that_lacks_a_file_is_broken_and_says_which(store: Store, name: str) -> None:
    add_architecture(store)
    store.add_app(app())
    (store.app_folder(A) / name).unlink()
    with pytest.raises(StoreError, match=f"{A}/{name} cannot be read"):
        store.app(A)
    with pytest.raises(StoreError, match=name):
        store.add_app(app(), replace=True)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("app.py", b"def :", "app.py is not valid Python"),
        ("app.py", b"\xff", "app.py is torn: it is no UTF-8"),
        ("requirements.txt", b"pytest\n", "must include boto3"),
        ("generated_at.json", b"{}", "generated_at.json is foreign"),
    ],
)
def test_an_app_with_a_broken_file_says_which(store: Store, name: str, content: bytes, sentence: str) -> None:
    add_architecture(store)
    store.add_app(app())
    (store.app_folder(A) / name).write_bytes(content)
    with pytest.raises(StoreError, match=sentence):
        store.app(A)


def test_an_app_in_the_folder_of_another_architecture_is_foreign(store: Store) -> None:
    add_architecture(store)
    store.add_app(app())
    (store.root / "apps" / A).rename(store.root / "apps" / B)
    with pytest.raises(StoreError, match=f"arch_hash: it says {A}, its folder {B}"):
        store.app(B)
