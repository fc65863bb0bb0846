"""The page in a real browser, where one is installed."""

import subprocess

import pytest

from primum.report.page import write_report
from tests.marking.browser import BROWSER, QUIET
from tests.report.sample import make_run


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium, and none is on the PATH")
def test_a_browser_shows_the_page_and_runs_nothing(tmp_path):
    page = tmp_path / "report.html"
    write_report(make_run(nasty=True), page)
    done = subprocess.run(
        [
            BROWSER,
            *QUIET,
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Before and after" in done.stdout
    assert "<script" not in done.stdout
    assert "<img" not in done.stdout
    # The console tells of blocked styles and failed requests.
    assert "Content Security Policy" not in done.stderr
    assert "CONSOLE" not in done.stderr
