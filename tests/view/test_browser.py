"""The pages in a real browser, while files change."""

import pytest

from tests.browser import chromium, needs_browser, opened
from tests.view.made import (
    HOSTILE,
    finish,
    make_comparison,
    make_finished,
    make_run,
    write_pairs,
    write_progress,
)
from tests.view.serving import serving

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def only_here(tab, server):
    return tab.complaints == [] and all(url.startswith(server.url) for url in tab.requests)


def test_a_run_is_followed_to_its_end(tmp_path, browser):
    run = make_run(tmp_path / "run", "prompts")
    write_progress(run, task="sample", done=10, total=70, seconds=5.0)
    with serving(tmp_path) as server, opened(browser, server.url) as tab:
        page = tab.page
        page.get_by_role("link", name="progress of run").click()
        page.get_by_text("sample: 10 of 70").wait_for()
        assert page.get_by_text("2/s", exact=True).is_visible()
        assert not page.get_by_role("heading", name="First pairs").is_visible()
        write_progress(run, task="sample", done=40, total=70, seconds=20.0)
        page.get_by_text("sample: 40 of 70").wait_for(timeout=10_000)
        assert page.locator("#left").inner_text() == "0:15 left"
        assert page.get_by_role("progressbar").get_attribute("value").startswith("0.57")
        write_pairs(run, "What helps?", HOSTILE)
        losses = [(1, 1.2), (2, 0.8)]
        write_progress(run, step="train", task="train", done=2, total=9, losses=losses)
        page.get_by_text("Loss 1.200 at step 1, 0.800 at step 2.").wait_for(timeout=10_000)
        assert page.get_by_text("What helps?").is_visible()
        assert page.get_by_text("<img src=x onerror=alert(1)>").is_visible()
        assert page.locator("img").count() == 0
        assert page.get_by_text("safe 7.25 · kind 5.00").first.is_visible()
        assert page.get_by_role("status").inner_text() == "Step 4 of 6, train."
        assert page.locator("#curve").get_attribute("d").startswith("M8.0 ")
        finish(run)
        page.get_by_text("The run is finished.").wait_for(timeout=10_000)
        assert only_here(tab, server)
        page.get_by_role("link", name="report").click()
        page.get_by_text("the report").wait_for()
        assert only_here(tab, server)


def test_the_overview_is_kept_up(tmp_path, browser):
    make_comparison(tmp_path / "methods")
    with serving(tmp_path) as server, opened(browser, server.url) as tab:
        page = tab.page
        assert page.get_by_role("row").count() == 4
        run = make_run(tmp_path / "<b>new", "prompts", model=HOSTILE)
        write_progress(run)
        row = page.get_by_role("row", name="<b>new")
        row.wait_for(timeout=20_000)
        assert "Step 2 of 6, synthesis." in row.inner_text()
        assert page.locator("b").count() == 0
        assert page.locator("img").count() == 0
        row.get_by_role("link", name="progress").click()
        page.get_by_role("heading", name="<b>new").wait_for()
        assert only_here(tab, server)


def test_a_page_of_the_folder_reaches_nothing(tmp_path, browser):
    run = make_finished(tmp_path / "run")
    (run / "report.html").write_text(
        "<!doctype html><title>r</title><p id='said'>waits</p><script>"
        "fetch('/state/').then((a) => a.text()).catch(() => 'refused')"
        ".then((text) => { document.getElementById('said').textContent = text; });</script>"
    )
    with serving(tmp_path) as server, opened(browser, server.url) as tab:
        tab.page.get_by_role("link", name="report of run").click()
        tab.page.get_by_text("refused").wait_for()


def test_the_page_says_so_when_nobody_answers_any_more(tmp_path, browser):
    write_progress(make_run(tmp_path / "run", "prompts"))
    with serving(tmp_path) as server:
        shown = opened(browser, f"{server.url}run/{server.shelf.folders().found[0].id}")
        tab = shown.__enter__()
    try:
        tab.page.get_by_role("alert").wait_for(timeout=10_000)
        assert "does not answer any more" in tab.page.get_by_role("alert").inner_text()
    finally:
        shown.__exit__(None, None, None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_scripts_the_same_is_there(tmp_path, browser, scheme):
    run = make_run(tmp_path / "run", "prompts")
    write_progress(run, task="sample", done=10, total=70, seconds=5.0)
    write_pairs(run, "What helps?")
    without = {"java_script_enabled": False, "color_scheme": scheme}
    with serving(tmp_path) as server, opened(browser, server.url, **without) as tab:
        page = tab.page
        page.get_by_role("link", name="progress of run").click()
        assert page.get_by_text("sample: 10 of 70").is_visible()
        assert page.get_by_text("What helps?").is_visible()
        write_progress(run, task="sample", done=40, total=70, seconds=5.0)
        page.get_by_role("link", name="load it again").click()
        assert page.get_by_text("sample: 40 of 70").is_visible()
        assert only_here(tab, server)


def test_a_phone_needs_no_scrolling_sideways(tmp_path, browser):
    make_finished(tmp_path / ("a-very-long-name-" * 5))
    phone = {"viewport": {"width": 375, "height": 800}}
    with serving(tmp_path) as server, opened(browser, server.url, **phone) as tab:
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert tab.page.evaluate(wide)
        box = tab.page.locator(".scroll")
        assert box.evaluate("(node) => node.scrollWidth <= node.clientWidth")
        assert tab.page.get_by_role("row").count() == 2
