"""The page as a document, read without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import StoreError
from pytest_lsqm.reporting import document, html
from pytest_lsqm.reporting.html import bounds, page
from pytest_lsqm.reporting.recalling import recall
from tests.corpus import records
from tests.corpus.records import A, B, C
from tests.reporting.html import stores
from tests.reporting.test_matrix import made as matrix_made


class Document(HTMLParser):
    """Every element with its attributes, and the text of scripts and styles by their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, dict[str, str | None], str]] = []
        self.words: list[str] = []
        self.open: tuple[str, dict[str, str | None]] = ("", {})
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open = (tag, dict(attrs))
        self.elements.append(self.open)

    def handle_endtag(self, tag: str) -> None:
        self.open = ("", {})

    def handle_data(self, data: str) -> None:
        tag, attributes = self.open
        if tag in {"script", "style"}:
            self.inside.append((tag, attributes, data))
        else:
            self.words.append(data)

    def data(self, place: str) -> Any:
        (found,) = [text for _, attributes, text in self.inside if attributes.get("id") == place]
        return json.loads(found)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Any]:
    folder = tmp_path_factory.mktemp("ordinary")
    store, run = stores.ordinary(folder / "corpus")
    target = store.root / html.PLACE
    html.write(store, run, target, matrix_made())
    return Document(target.read_text(encoding="utf-8")), (store, run)


def test_it_begins_with_the_verdict_the_regressions_and_the_counts(ordinary: tuple[Document, Any]) -> None:
    text = ordinary[0].text
    assert "2 of 3 architectures pass on localstack 4.6.0" in text
    assert "1 has regressed and 1 has been fixed since the last comparable result." in text
    order = [
        text.index(word)
        for word in ("1 regression ", "2 of 3 architectures pass on localstack 4.6.0 .", "every test passed")
    ]
    assert order == sorted(order)
    assert "PASSED → FAILED 4.14.0 → 4.6.0 attributed to the emulator" in text
    assert "lake FAILED → PASSED" in text
    assert "emulator version 4.14.0 version 4.6.0 3" in text


def test_it_says_what_was_reused_and_from_where(ordinary: tuple[Document, Any]) -> None:
    text = ordinary[0].text
    assert "1 of the results is reused from earlier runs." in text
    assert f"Reused 1 reused from run {records.run_id(1)} of 2026-01-12" in text
    assert "orders reused" in text
    assert text.count("reused") == 3  # and of no other architecture


def test_it_embeds_the_records_as_they_are(ordinary: tuple[Document, Any]) -> None:
    found, (store, run) = ordinary
    whole = document.as_json(recall(store, run).report)
    about = found.data("lsqm-run")
    assert {name: about[name] for name in ("run", "regressions", "trends")} == {
        name: whole[name] for name in ("run", "regressions", "trends")
    }
    assert [found.data(f"d-{key}")["result"] for key in (A, B, C)] == whole["results"]
    assert found.data("lsqm-matrix") == matrix_made().model_dump(mode="json", exclude_none=True)


def test_its_policy_allows_its_own_script_and_style_and_nothing_else(ordinary: tuple[Document, Any]) -> None:
    found, _ = ordinary
    (policy,) = [
        a["content"]
        for tag, a in found.elements
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    run = [text for tag, a, text in found.inside if tag == "script" and a.get("type") != "application/json"]
    styles = [text for tag, _, text in found.inside if tag == "style"]
    assert rules["script-src"].split() == list(map(_digest, run))
    assert rules["style-src"].split() == list(map(_digest, styles))


def test_it_asks_nothing_of_a_network_and_carries_no_handler_or_style_of_an_element(
    ordinary: tuple[Document, Any],
) -> None:
    for tag, attributes in ordinary[0].elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        assert "src" not in attributes, (tag, attributes)
        if tag in {"link", "use", "image"}:
            assert re.match(r"data:|#", attributes["href"] or ""), (tag, attributes)
    own = "".join(text for _, a, text in ordinary[0].inside if a.get("type") != "application/json")
    assert not re.findall(
        r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bfetch\(|@import|url\(", own
    )


def test_its_links_lead_to_the_files_of_the_store(ordinary: tuple[Document, Any]) -> None:
    found, (store, _) = ordinary
    links = found.data(f"d-{B}")["links"]
    here = (store.root / html.PLACE).parent
    assert (here / links["record"]).is_file()
    assert (here / links["terraform"] / "main.tf").is_file()
    assert (here / links["app"] / "test_app.py").is_file()


def test_no_stranger_adds_an_element_to_it(tmp_path: Path) -> None:
    store, run, matrix = stores.hostile(tmp_path / "corpus")
    html.write(store, run, tmp_path / "page.html", matrix)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    found = Document(text)
    kinds = {tag for tag, _ in found.elements}
    assert not kinds & {"img", "textarea", "i onmouseover"}
    scripts = [attributes for tag, attributes in found.elements if tag == "script"]
    assert [a.get("id") for a in scripts] == ["lsqm-run", "lsqm-matrix", None, None, f"d-{A}"]
    assert not [a for _, a in found.elements if any(name.startswith("on") for name in a)]
    assert not [a for _, a in found.elements if (a.get("href") or "").startswith("javascript:")]
    assert found.data(f"d-{A}")["result"]["error_message"] == stores.ATTACK
    assert not re.search("[\u2028\u2029]", text)


def test_embedded_json_can_end_no_element_and_no_line() -> None:
    value = {"a": "</script><!--\u2028\u2029&", "b": ["ü", "\0"]}
    text = page.embedded(value)
    assert not re.search("[<>&\u2028\u2029\n]", text)
    assert json.loads(text) == value


def test_a_long_log_is_cut_and_the_record_that_has_it_whole_is_named(tmp_path: Path) -> None:
    store, run = stores.ordinary(tmp_path / "corpus", duration_seconds=3.0)
    log = "line\n" * 200_000
    store.write_result(records.result(A, "PASSED", 2, container_logs=log))
    html.write(store, run, tmp_path / "page.html", None)
    found = Document((tmp_path / "page.html").read_text(encoding="utf-8")).data(f"d-{A}")
    assert found["shortened"] == ["result.container_logs"]
    assert len(log) > bounds.MOST + 100 > len(found["result"]["container_logs"])
    assert "characters left out" in found["result"]["container_logs"]


def test_of_many_changes_the_first_are_shown_and_the_others_behind_a_fold(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "corpus")
    keys = [f"{number:016x}" for number in range(12)]
    for key in keys:
        records.add_architecture(store, key, name=f"made-{key}")
    records.add_run(store, 1, dict.fromkeys(keys, "FAILED"))
    run = records.add_run(store, 2, dict.fromkeys(keys, "PASSED"))
    html.write(store, run, tmp_path / "page.html", None)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "and 7 more" in text
    assert text.count(' FAILED <span aria-label="became">→</span> PASSED') == 12
    assert "All 12 architectures pass on localstack 4.14.0" in text


def test_a_run_in_which_nothing_was_judged_says_so(tmp_path: Path) -> None:
    store, _ = stores.ordinary(tmp_path / "corpus")
    summary = {**records.summary(), "skipped": {A: "needs lambda: not here"}}
    run = records.add_run(store, 3, {}, summary=summary)
    html.write(store, run, tmp_path / "page.html", None)
    text = Document((tmp_path / "page.html").read_text(encoding="utf-8")).text
    assert "Nothing was run" in text
    assert "orders needs lambda: not here" in text


def test_what_is_missing_in_the_store_is_said_and_the_rest_is_shown(tmp_path: Path) -> None:
    store, run = stores.ordinary(tmp_path / "corpus")
    (store.root / "architectures" / A / "metadata.json").write_text("{")
    (store.root / "apps" / B / "app.py").unlink()
    html.write(store, run, tmp_path / "page.html", None)
    found = Document((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "metadata.json is torn" in found.data(f"d-{A}")["missing"]
    assert "app.py" in found.data(f"d-{B}")["app_problem"]
    assert found.data(f"d-{C}")["sources"][0]["text"] == stores.TERRAFORM


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    store, run = stores.ordinary(tmp_path / "corpus")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"page\.html cannot be written: File exists\."):
        html.write(store, run, tmp_path / "file" / "page.html", None)


def test_the_chart_library_is_as_it_was_released() -> None:
    folder = Path(page.__file__).parent / "vendor"
    assert hashlib.sha256((folder / "uPlot.iife.min.js").read_bytes()).hexdigest() == UPLOT
    assert "1.6.32" in (folder / "README.md").read_text()
    assert "MIT License" in (folder / "uPlot.LICENSE").read_text()


UPLOT = "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
