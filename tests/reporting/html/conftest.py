"""A real Chromium without a window."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


# Of one module: while Playwright runs, an event loop does, and tests of others start their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Chromium; where there is none, the tests are skipped, or fail if LSQM_REQUIRE_BROWSER is 1."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        reason = "there is no Chromium on PATH (Debian's package: chromium)"
        if os.environ.get("LSQM_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()
