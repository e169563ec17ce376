"""Random corpora, broken ones among them: what is sound is collected, and nothing breaks the collection."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_lsqm.corpus import Store
from tests.corpus import records
from tests.properties.strategies import JSON

ANY_TEXT = st.text(max_size=60) | st.sampled_from(
    ["../../etc", "a::b", "[x]", "\x1b[2J", "<script>", "x" * 500, "\u202e", "a\nb", " ", "::", "-k", "%s{}"]
)
SOUND = st.fixed_dictionaries(
    {},
    optional={
        "name": ANY_TEXT,
        "description": ANY_TEXT,
        "services": st.lists(st.sampled_from(["s3", "cognito-idp", "sqs"]) | ANY_TEXT, min_size=1, max_size=4),
        "skipped": st.booleans(),
        "skip_reason": ANY_TEXT,
        "executes": st.lists(ANY_TEXT, max_size=2),
        "providers": st.lists(ANY_TEXT, max_size=2),
        "anything_else": JSON,
    },
)
BROKEN = st.binary(max_size=60) | JSON.map(lambda data: json.dumps(data).encode("utf-8", "backslashreplace"))
STRAY = st.sampled_from(["note.txt", "ffff", "0" * 15 + "g", "zz zz", ".hidden", "A" * 17])
HASHES = [f"{number:016x}" for number in range(8)]


class Watch:
    """What pytest collected, and what it says of errors."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []
        self.errors: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))


@settings(max_examples=12)
@given(st.lists(SOUND, max_size=4), st.lists(BROKEN, max_size=3), st.lists(STRAY, max_size=2, unique=True))
def test_a_corpus_is_collected_whatever_lies_in_it(
    sound: list[dict[str, Any]], broken: list[bytes], stray: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "store")
        Store.create(root)
        for arch_hash, fields in zip(HASHES, sound, strict=False):
            metadata = records.architecture(arch_hash, **fields)
            _put(root, arch_hash, metadata.model_dump_json().encode())
        for arch_hash, content in zip(reversed(HASHES), broken, strict=False):
            _put(root, arch_hash, content)
        for name in stray:
            (root / "architectures" / name).mkdir()
        watch = Watch()
        words = ["--lsqm", f"--lsqm-corpus={root}", "--collect-only", "-q", "-p", "no:cacheprovider"]
        code = pytest.main([*words, f"--rootdir={folder}", "-c", "/dev/null"], plugins=[watch])
        assert watch.errors == []
        assert code in ({pytest.ExitCode.OK} if sound else {pytest.ExitCode.NO_TESTS_COLLECTED})
        found = sorted(item.path.name for item in watch.items)
        assert found == HASHES[: len(sound)]
        names = [item.nodeid for item in watch.items]
        assert len({item.name for item in watch.items}) == len(names)
        assert all(name.isprintable() and name.count("::") == 1 for name in names)


def _put(root: Path, arch_hash: str, metadata: bytes) -> None:
    folder = root / "architectures" / arch_hash
    folder.mkdir()
    (folder / "metadata.json").write_bytes(metadata)
    (folder / "main.tf").write_text("not even Terraform {")
