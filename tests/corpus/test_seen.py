"""What was looked at is remembered by everyone who looks, even at once."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import SeenPackage

if TYPE_CHECKING:
    from pathlib import Path

WRITERS, EACH = 4, 15


def looked(revision: str, **more: object) -> SeenPackage:
    fields = {"revision": revision, "seen_at": datetime(2026, 1, 1, tzinfo=UTC), **more}
    return SeenPackage.model_validate(fields)


def write(root: Path, writer: int) -> None:
    store = Store.open(root)
    for number in range(EACH):
        store.add_seen({f"https://example.com/{writer}/{number}": looked("1")})


def test_a_new_store_has_seen_nothing(store: Store) -> None:
    assert store.seen().packages == {}


def test_what_was_entered_is_there_again(store: Store) -> None:
    entered = looked("1.0.0", architectures={".": "0123456789abcdef"}, refused={"examples/a": "why"}, problem="no")
    store.add_seen({"https://example.com/a": entered})
    assert store.seen().packages == {"https://example.com/a": entered}


def test_a_package_is_entered_beside_the_others_and_in_place_of_itself(store: Store) -> None:
    store.add_seen({"https://example.com/b": looked("1"), "https://example.com/c": looked("1")})
    store.add_seen({"https://example.com/a": looked("1"), "https://example.com/b": looked("2")})
    revisions = [(url.rpartition("/")[2], seen.revision) for url, seen in store.seen().packages.items()]
    assert revisions == [("a", "1"), ("b", "2"), ("c", "1")]


def test_nothing_is_lost_when_several_write_at_once(store: Store, tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=write, args=(tmp_path / "store", writer)) for writer in range(WRITERS)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * WRITERS
    wanted = {f"https://example.com/{writer}/{number}" for writer in range(WRITERS) for number in range(EACH)}
    assert set(store.seen().packages) == wanted


@pytest.mark.parametrize("content", ["", "{", '{"packages": 5}', '{"packages": {}, "schema_version": 99}'])
def test_a_file_that_is_torn_foreign_or_newer_is_left_as_it_is(store: Store, tmp_path: Path, content: str) -> None:
    path = tmp_path / "store" / "architectures" / "seen.json"
    path.write_text(content)
    with pytest.raises(StoreError, match=r"seen\.json"):
        store.add_seen({"https://example.com/a": looked("1")})
    assert path.read_text() == content


def test_the_file_is_json_for_anyone_to_read(store: Store, tmp_path: Path) -> None:
    store.add_seen({"https://example.com/a": looked("1")})
    found = json.loads((tmp_path / "store" / "architectures" / "seen.json").read_text())
    assert found["packages"]["https://example.com/a"]["revision"] == "1"
