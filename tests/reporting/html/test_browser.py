"""The page in a real Chromium, opened from its file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pytest_lsqm.reporting import html
from pytest_lsqm.reporting.html import page
from tests.corpus.records import A, B, C, run_id
from tests.reporting.html import stores
from tests.reporting.test_matrix import made as matrix_made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@dataclass
class Desk:
    """Opens the page, and keeps what the browser complained of."""

    browser: Browser
    file: Path
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str = "", file: Path | None = None, **options: Any) -> Page:
        context = self.browser.new_context(**options)
        context.set_default_timeout(20_000)
        view = context.new_page()
        view.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        view.on("pageerror", lambda error: self.complaints.append(str(error)))
        view.on("request", lambda request: self._note(request.url))
        view.goto((file or self.file).as_uri() + address)
        view.wait_for_function("document.documentElement.dataset.ready")
        return view

    def _note(self, url: str) -> None:
        if not url.startswith(("file:", "data:")):
            self.complaints.append(f"asked for {url}")


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ordinary")
    store, run = stores.ordinary(folder / "corpus")
    html.write(store, run, folder / "page.html", matrix_made())
    return folder / "page.html"


@pytest.fixture
def desk(chromium: Browser, ordinary: Path) -> Iterator[Desk]:
    made = Desk(chromium, ordinary)
    yield made
    for context in chromium.contexts:
        context.close()


def _names(view: Page) -> list[str]:
    return view.locator("#table tbody tr:not([hidden]) th > a").all_inner_texts()


def test_it_opens_from_a_file_without_a_complaint_and_without_a_request(desk: Desk) -> None:
    view = desk.open()
    expect(view.locator("h1")).to_have_text("2 of 3 architectures pass on localstack 4.6.0.")
    expect(view.locator("#chart canvas")).to_be_visible()
    view.goto(f"{desk.file.as_uri()}#arch={B}")
    expect(view.locator("#detail-title")).to_contain_text("alarms")
    assert desk.complaints == []


def test_a_head_sorts_by_its_column_both_ways_and_says_so(desk: Desk) -> None:
    view = desk.open()
    assert _names(view) == ["alarms", "lake", "orders"]  # what needs a look first
    head = view.locator("th[data-key=seconds]")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert _names(view) == ["orders", "alarms", "lake"]
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert _names(view) == ["lake", "alarms", "orders"]
    expect(view).to_have_url(re.compile("#sort=-seconds$"))
    head.get_by_role("button").click()
    expect(head).not_to_have_attribute("aria-sort", re.compile("."))
    assert _names(view) == ["alarms", "lake", "orders"]


ADDRESSES = {
    "#status=PASSED": ["lake", "orders"],
    "#status=regressed": ["alarms"],
    "#service=sqs": ["lake", "orders"],
    "#service=s": [],
    "#cause=emulator_gap": ["alarms"],
    "#text=tests+failed": ["alarms"],
    f"#text={C[:6]}": ["lake"],
    "#status=PASSED&text=ord&sort=-name": ["orders"],
    "#sort=-name": ["orders", "lake", "alarms"],
}


def test_an_address_shows_what_it_names(desk: Desk) -> None:
    for address, names in ADDRESSES.items():
        view = desk.open(address)
        assert _names(view) == names, address
        expect(view.locator("#shown")).to_have_text(f"{len(names)} of 3" if len(names) < 3 else "3")
        expect(view.locator("#nothing")).to_be_visible(visible=not names)
        view.context.close()


def test_the_filters_narrow_the_table_and_stand_in_the_address(desk: Desk) -> None:
    view = desk.open()
    view.get_by_role("combobox", name="Service").select_option("sqs")
    view.get_by_role("searchbox", name="Text").fill("lak")
    assert _names(view) == ["lake"]
    expect(view).to_have_url(re.compile("#text=lak&service=sqs$"))
    view.get_by_role("button", name="Clear").click()
    assert len(_names(view)) == 3
    expect(view).to_have_url(re.compile("#architectures$"))


def test_keys_alone_lead_from_the_top_to_an_architecture_and_back(desk: Desk) -> None:
    view = desk.open()
    view.keyboard.press("Tab")
    expect(view.get_by_role("link", name="Skip to the content")).to_be_focused()
    view.keyboard.press("/")
    expect(view.get_by_role("searchbox", name="Text")).to_be_focused()
    view.keyboard.type("a")
    view.keyboard.press("Enter")  # to the first that matches
    expect(view.get_by_role("link", name="alarms", exact=True).last).to_be_focused()
    view.keyboard.press("ArrowDown")
    expect(view.locator(f"#r-{C} th a")).to_be_focused()
    view.keyboard.press("Enter")
    expect(view.locator("#detail-title")).to_be_focused()
    expect(view.locator("#detail-title")).to_contain_text("lake")
    view.keyboard.press("ArrowRight")
    expect(view.locator("#detail-title")).to_contain_text("orders")
    view.keyboard.press("Escape")
    expect(view.locator(f"#r-{A} th a")).to_be_focused()
    expect(view.get_by_role("searchbox", name="Text")).to_have_value("a")


def test_who_types_and_opens_at_once_stays_there_and_comes_back_to_the_filter(desk: Desk) -> None:
    view = desk.open()
    view.clock.install()
    view.reload()
    view.get_by_role("searchbox", name="Text").fill("lak")
    view.keyboard.press("Enter")
    view.keyboard.press("Enter")
    expect(view.locator("#detail-title")).to_contain_text("lake")
    view.clock.run_for(1000)
    expect(view.locator("#detail-title")).to_contain_text("lake")
    view.keyboard.press("Escape")
    assert _names(view) == ["lake"]
    expect(view).to_have_url(re.compile("#text=lak$"))


def test_an_architecture_shows_all_that_is_known_of_it(desk: Desk) -> None:
    view = desk.open(f"#arch={B}")
    detail = view.locator("#detail")
    expect(detail.get_by_role("heading", level=1)).to_contain_text("alarms")
    for title, text in {
        "Why": "emulator gap",
        "Run it again": f"pytest --lsqm -k {B}",
        "Stages": "apply",
        "Tests": "one is not two",
        "Operations": "501 InternalFailure",
        "Drift": '"a": 1',
        "Left in the account": "500 it stays",
        "Terraform": "# the orders",
        "App": "hand-written",
        "Added so that it can run": "1 addition",
        "Logs": "emulator log",
    }.items():
        expect(detail.get_by_role("region", name=title, exact=True).first).to_contain_text(text)
    expect(detail.get_by_role("region", name="Why")).to_contain_text("PutMetricAlarm answered 501")
    expect(detail.locator(".h-keyword").first).to_have_text("resource")
    expect(detail.locator(".h-comment").first).to_have_text("# the orders")
    assert detail.locator("pre.code").first.inner_text() == stores.TERRAFORM
    detail.get_by_text("emulator log").click()
    expect(detail.get_by_role("group", name="emulator log")).to_contain_text("PutMetricAlarm => 501")


def test_one_that_passed_when_it_was_tried_again_says_so(desk: Desk) -> None:
    view = desk.open()
    expect(view.get_by_role("region", name="What changed")).to_contain_text("passed only when tried again")
    view.goto(f"{desk.file.as_uri()}#arch={C}")
    rows = view.get_by_role("region", name="Tries").get_by_role("row")
    expect(rows).to_have_text(
        [re.compile("what was said"), re.compile("1FAILEDthe lake was dry8.5"), "2PASSED9.5"]
    )


def test_one_that_was_reused_says_from_which_run(desk: Desk) -> None:
    view = desk.open(f"#arch={A}")
    expect(view.get_by_role("region", name="Circumstances")).to_contain_text(f"Reused from run{run_id(1)}")


def test_tries_that_were_not_judged_are_told(desk: Desk) -> None:
    view = desk.open(f"#arch={A}")
    expect(view.get_by_role("region", name="Circumstances")).to_contain_text(
        "Tried before, and not judged<i>its</i> neighbour fell; the lights went out"
    )


def test_an_architecture_that_is_not_there_is_no_dead_end(desk: Desk) -> None:
    view = desk.open("#arch=0000000000000000")
    expect(view.locator("#architectures")).to_be_visible()
    assert desk.complaints == []


def _without_policy(file: Path) -> Path:
    text, count = re.subn(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", file.read_text(encoding="utf-8")
    )
    assert count == 1
    bare = file.with_name("bare.html")
    bare.write_text(text, encoding="utf-8")
    return bare


@pytest.mark.parametrize("guarded", [_without_policy, lambda file: file], ids=["escaped alone", "with its policy"])
def test_what_strangers_wrote_never_runs(
    chromium: Browser, tmp_path: Path, guarded: Callable[[Path], Path]
) -> None:
    store, run, matrix = stores.hostile(tmp_path / "corpus")
    html.write(store, run, tmp_path / "page.html", matrix)
    desk = Desk(chromium, guarded(tmp_path / "page.html"))
    view = desk.open(viewport={"width": 1200, "height": 900})
    image = "%22%3E%3Cimg+src%3Dx+onerror%3Dwindow.hacked%3D1%3E"
    for address in (f"#arch={A}", f"#text={image}", f"#status={image}", f"#arch={image}", f"#arch={A}"):
        view.goto(desk.file.as_uri() + address)
        while (folded := view.locator("#detail details:not([open]) > summary")).count():
            folded.first.click()
        view.mouse.move(300, 300)
    attack = stores.ATTACK.replace("\u2028", "").replace("\u2029", "")
    shown = view.locator("#detail").inner_text().replace("\u2028", "").replace("\u2029", "").replace("�", "")
    assert shown.count("onerror=\"window.hacked='image'\"") > 15
    assert attack in shown
    assert view.evaluate("window.hacked") is None
    assert view.locator("img, #detail script, svg[onload], [onmouseover], a[href^='javascript:']").count() == 0
    assert desk.complaints == []


def test_its_policy_stops_a_script_that_is_not_its_own(desk: Desk, tmp_path: Path) -> None:
    text = desk.file.read_text(encoding="utf-8")
    (tmp_path / "tampered.html").write_text(text.replace("</main>", "<script>window.hacked = 1</script></main>"))
    view = desk.open(file=tmp_path / "tampered.html")
    assert view.evaluate("window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in desk.complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", f"#arch={B}"], ids=["report", "architecture"])
def test_a_screen_reader_and_weak_eyes_find_their_way(desk: Desk, address: str, scheme: str) -> None:
    view = desk.open(address, color_scheme=scheme, bypass_csp=True)
    view.add_style_tag(content="section { content-visibility: visible !important }")
    found = Axe().run(view)
    assert found.violations_count == 0, found.generate_report()


def test_its_parts_have_roles_and_names(desk: Desk) -> None:
    view = desk.open()
    expect(view.locator("body")).to_match_aria_snapshot("""
        - banner:
          - navigation "Sections"
        - main:
          - region "2 of 3 architectures pass on localstack 4.6.0.":
            - region "1 regression"
            - heading "2 of 3 architectures pass on localstack 4.6.0." [level=1]
            - list "Architectures by status"
            - region "What changed"
            - region /Pass rate/
          - region /Services/
          - region /Architectures/:
            - search "Filter the architectures"
            - table
          - region /Emulators/
        - contentinfo
    """)


def test_it_is_dark_where_the_reader_wants_it_dark(desk: Desk) -> None:
    light, dark = (
        desk.open(color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    )
    assert _brightness(light) > 200 > 60 > _brightness(dark)


def _brightness(colour: str) -> float:
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


def test_on_paper_there_is_everything_to_read_and_nothing_to_click(desk: Desk) -> None:
    view = desk.open(f"#arch={B}", color_scheme="dark")
    view.pdf()
    assert view.locator("#detail details:not([open])").count() == 0
    view.emulate_media(media="print")
    assert _brightness(view.evaluate("getComputedStyle(document.body).backgroundColor")) == 255
    expect(view.locator("#detail")).to_contain_text("PutMetricAlarm => 501")
    expect(view.get_by_role("button", name="Copy").first).to_be_hidden()
    view.goto(f"{desk.file.as_uri()}#overview")
    expect(view.locator(".filters")).to_be_hidden()
    expect(view.locator("#table")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_rows_that_come_later_come(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripts: bool
) -> None:
    monkeypatch.setattr(page, "EARLY", 1)
    store, run = stores.ordinary(tmp_path / "corpus")
    html.write(store, run, tmp_path / "page.html", None)
    view = desk.browser.new_context(java_script_enabled=scripts).new_page()
    view.goto((tmp_path / "page.html").as_uri())
    assert view.locator("#table tbody tr.later").count() == 2
    for row in view.locator("#table tbody tr").all():
        expect(row).to_be_visible()


def test_it_fits_a_narrow_screen(desk: Desk) -> None:
    for address in ("", f"#arch={B}"):
        view = desk.open(address, viewport={"width": 360, "height": 740})
        assert view.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_emulators_stand_side_by_side(desk: Desk) -> None:
    view = desk.open("#emulators")
    table = view.get_by_role("table", name="Verdict of each architecture on each emulator")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Architecture", "localstack-host@4.6.0", "localstack-host@4.14.0", "moto@5.2.5"]
    )
    row = table.get_by_role("row", name=re.compile("^alarm"))
    expect(row.get_by_role("cell")).to_have_text(
        [re.compile("PARTIAL"), re.compile("needs cloudwatch"), re.compile("PASSED")]
    )
    expect(view.get_by_role("row", name=re.compile("sqs.SendMessage"))).to_contain_text("501 NotImplemented")
