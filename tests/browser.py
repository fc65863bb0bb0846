"""Pages in a real browser: the system's Chromium, driven by Playwright.

    @needs_browser
    def test_it_opens(tmp_path):
        with chromium() as browser, opened(browser, (tmp_path / "page.html").as_uri()) as tab:
            tab.page.get_by_role("button").click()
            assert tab.complaints == []
            assert tab.requests == [tab.page.url]

Starting a browser takes a second: let a fixture of scope `module` hold it. While it is open, no
other event loop can run in the same thread.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

try:
    from playwright.sync_api import Browser, Page, sync_playwright
except ImportError:
    sync_playwright = None

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LACKS = (
    "Playwright, which the extra `test` brings"
    if sync_playwright is None
    else None
    if CHROMIUM
    else "Chromium, and none is on the PATH"
)
needs_browser = pytest.mark.skipif(_LACKS is not None, reason=f"needs {_LACKS}")


@dataclass(frozen=True)
class Opened:
    """A page in a browser.

    Attributes:
        page: Playwright's page.
        complaints: What the console said, and errors of scripts.
        requests: Addresses that were asked for, the page's own among them.
    """

    page: "Page"
    complaints: list[str]
    requests: list[str]


@contextmanager
def chromium() -> Iterator["Browser"]:
    """The system's Chromium, without a window."""
    # The browser's own walls need rights that a container's root does not have.
    walls = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *walls])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: "Browser", address: str, **options: Any) -> Iterator[Opened]:
    """A page, opened in a profile of its own, whose console and requests are written down.

    Args:
        browser: From `chromium`.
        address: Of the page; `Path.as_uri` for a file.
        options: Of Playwright's `new_context`, such as `viewport` or `java_script_enabled`.
    """
    context = browser.new_context(**options)
    page = context.new_page()
    found = Opened(page, [], [])
    page.on("console", lambda said: found.complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    try:
        page.goto(address)
        yield found
    finally:
        context.close()
