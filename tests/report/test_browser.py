"""The page in a real browser, where one is installed."""

import pytest

from primum.report.page import write_report
from tests.browser import chromium, needs_browser, opened
from tests.report.sample import make_run

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def test_a_browser_shows_the_page_without_a_complaint(browser, tmp_path):
    page = tmp_path / "report.html"
    write_report(make_run(nasty=True), page)
    with opened(browser, page.as_uri()) as tab:
        assert tab.page.get_by_role("heading", name="Before and after").is_visible()
        assert tab.page.locator("img").count() == 0
        # The console tells of blocked styles, scripts and failed requests.
        assert tab.complaints == []
        assert tab.requests == [page.as_uri()]
