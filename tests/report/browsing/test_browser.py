"""The lists in a real browser."""

import json

import pytest

from primum.report.browsing.assembly import script_part
from primum.report.page import write_report
from tests.browser import chromium, needs_browser, opened
from tests.report.browsing.runs import known_run
from tests.report.sample import NASTY, make_run

pytestmark = needs_browser
PAIRS = "#pairs-list"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Addresses of reports: of a run whose pairs are known, and of one with texts that attack."""
    folder = tmp_path_factory.mktemp("pages")
    known, nasty = folder / "known.html", folder / "nasty.html"
    write_report(known_run(pairs=60), known)
    write_report(known_run(NASTY, pairs=22, nasty=True), nasty)
    return {"known": known.as_uri(), "nasty": nasty.as_uri()}


@pytest.fixture
def page(browser, pages):
    """The report of known pairs, with a list that is ready; nothing may complain or be loaded."""
    with opened(browser, pages["known"]) as tab:
        tab.page.wait_for_selector("html[data-lists]")
        yield tab.page
        assert tab.complaints == []
        assert tab.requests == [pages["known"]]


def cells(page, place, number):
    """The texts of a column of the rows in sight."""
    rows = page.locator(f"{place} .rows [role=row]")
    return rows.locator(f"[role=gridcell]:nth-child({number})").all_inner_texts()


def settled(page):
    """Waits until what is read below the list has followed it."""
    page.wait_for_timeout(150)


def test_the_lists_open_with_all_rows(page):
    assert page.locator(f"{PAIRS} [role=status]").inner_text() == "60 pairs"
    assert page.locator("#heldout-list [role=status]").inner_text() == "48 prompts"
    assert page.locator(f"{PAIRS} [role=grid]").get_attribute("aria-rowcount") == "61"
    # Only those in sight are in the page.
    assert 10 < page.locator(f"{PAIRS} .rows [role=row]").count() < 40


def test_a_search_finds_what_stands_in_an_answer(page):
    page.locator(f"{PAIRS} input[type=search]").press_sequentially('"GOOD 17')
    assert page.locator(f"{PAIRS} [role=status]").inner_text() == "1 of 60 pairs"
    settled(page)
    assert page.locator(f"{PAIRS} pre").nth(1).inner_text().strip() == "good 17"
    page.locator(f"{PAIRS} input[type=search]").fill("no such words")
    assert page.locator(f"{PAIRS} [role=status]").inner_text() == "0 of 60 pairs"
    settled(page)
    assert page.locator(f"{PAIRS} .reading-one").is_hidden()
    page.locator(f"{PAIRS} input[type=search]").fill("")
    assert page.locator(f"{PAIRS} [role=status]").inner_text() == "60 pairs"


def test_words_of_a_search_may_stand_in_different_texts(page):
    page.locator(f"{PAIRS} input[type=search]").fill("good bad 17")
    assert page.locator(f"{PAIRS} [role=status]").inner_text() == "3 of 60 pairs"  # 17, 34 and 35


def test_filters_narrow_the_list_together(page):
    page.locator(f"{PAIRS} select").nth(1).select_option("helpful")
    assert page.locator(f"{PAIRS} [role=status]").inner_text() == "20 of 60 pairs"
    page.locator(f"{PAIRS} select").nth(0).select_option("everyday")
    assert page.locator(f"{PAIRS} [role=status]").inner_text() == "10 of 60 pairs"
    assert set(cells(page, PAIRS, 3)) == {"helpful"}
    assert set(cells(page, PAIRS, 2)) == {"everyday"}


def test_columns_sort_both_ways_and_back(page):
    gap = page.locator(f"{PAIRS} [role=columnheader]", has_text="Gap")
    gap.locator("button").click()
    assert gap.get_attribute("aria-sort") == "descending"
    assert cells(page, PAIRS, 6)[:3] == ["59.00", "58.00", "57.00"]
    gap.locator("button").click()
    assert gap.get_attribute("aria-sort") == "ascending"
    assert cells(page, PAIRS, 6)[:3] == ["0.00", "1.00", "2.00"]
    gap.locator("button").click()
    assert gap.get_attribute("aria-sort") is None
    page.locator(f"{PAIRS} [role=columnheader]", has_text="Prompt").locator("button").click()
    assert cells(page, PAIRS, 1)[:5] == ["prompt 0", "prompt 0", "prompt 1", "prompt 1", "prompt 2"]


def test_missing_figures_stand_last_however_they_are_sorted(page):
    gain = page.locator("#heldout-list [role=columnheader]", has_text="harmless, gain")
    for _ in range(2):
        gain.locator("button").click()
        page.locator("#heldout-list [role=grid]").press("End")
        assert cells(page, "#heldout-list", 3)[-1] == "–"
        assert "–" not in cells(page, "#heldout-list", 3)[:-1]


def test_keys_go_through_the_list(page):
    grid = page.locator(f"{PAIRS} [role=grid]")
    page.locator(f"{PAIRS} input[type=search]").press("ArrowDown")
    for key, place in (
        ("ArrowDown", 2),
        ("ArrowDown", 3),
        ("ArrowUp", 2),
        ("End", 60),
        ("Home", 1),
    ):
        page.keyboard.press(key)
        assert page.locator(f"{PAIRS} .steps h4").inner_text() == f"Pair {place} of 60"
        active = grid.get_attribute("aria-activedescendant")
        row = page.locator(f"#{active}")
        assert row.get_attribute("aria-selected") == "true"
        assert row.get_attribute("aria-rowindex") == str(place + 1)
        top, height = (grid.bounding_box()[side] for side in ("y", "height"))
        assert top < row.bounding_box()["y"] < top + height
    page.locator(f"{PAIRS} .steps button", has_text="Next").click()
    assert page.locator(f"{PAIRS} .steps h4").inner_text() == "Pair 2 of 60"
    assert page.locator(f"{PAIRS} pre").nth(1).inner_text() == "Hm."


def test_a_pair_is_read_in_full(page):
    page.locator(f"{PAIRS} .rows [role=row]").nth(2).click()
    text = page.locator(f"{PAIRS} .reading-one").inner_text()
    for part in ("prompt 1", "good 2", "bad 2", "harmless 7.00", "helpful 5.00", "refinement"):
        assert part in text
    facts = dict(
        zip(
            page.locator(f"{PAIRS} dt").all_inner_texts(),
            page.locator(f"{PAIRS} dd").all_inner_texts(),
            strict=True,
        )
    )
    assert facts["Decided by"] == "helpful"
    assert facts["Gap"] == "2.00"
    assert facts["Weight"] == "0.07"


def test_words_that_differ_are_marked_on_their_own_side(page):
    place = "#heldout-list"
    page.locator(f"{place} .rows [role=row]").first.click()
    before, after = page.locator(f"{place} .sides pre").all()
    assert "As an AI," in before.locator("del").first.inner_text()
    assert after.locator("ins").count() > 0
    assert before.locator("ins").count() == after.locator("del").count() == 0
    assert "am sorry you are going through this" not in "".join(
        before.locator("del").all_inner_texts()
    )
    whole = before.inner_text()
    page.locator(f"{place} input[type=checkbox]").uncheck()
    assert page.locator(f"{place} .sides :is(ins, del)").count() == 0
    assert page.locator(f"{place} .sides pre").first.inner_text() == whole


def test_the_preferred_response_is_the_one_marked_as_gained(page):
    page.locator(f"{PAIRS} input[type=checkbox]").check()
    preferred, other = page.locator(f"{PAIRS} .sides pre").all()
    assert preferred.locator("ins").all_inner_texts() == ["good"]
    assert other.locator("del").all_inner_texts() == ["bad"]


def test_a_reason_of_the_funnel_opens_its_prompts(page):
    place = page.locator("#dropped-list")
    assert place.is_hidden()
    button = page.locator("button.reason", has_text="14 unstable")
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    assert place.locator("[role=status]").inner_text() == "14 of 66 prompts"
    settled(page)
    assert "3.25" in place.locator("table").inner_text()
    assert "gone" in place.locator("table").inner_text()
    page.locator("button.reason", has_text="40 inconsistent").click()
    assert place.locator("[role=status]").inner_text() == "40 of 66 prompts"
    assert button.get_attribute("aria-expanded") == "false"
    page.locator("button.reason", has_text="40 inconsistent").click()
    assert place.is_hidden()


def test_texts_that_attack_are_shown_and_never_obeyed(browser, pages):
    with opened(browser, pages["nasty"]) as tab:
        page = tab.page
        page.wait_for_selector("html[data-lists]")
        for at, text in enumerate(NASTY):
            page.locator(f"{PAIRS} .rows [role=row]").nth(0).wait_for()
            page.locator(f"{PAIRS} input[type=search]").fill(f'"good {at} "')
            settled(page)
            shown = page.locator(f"{PAIRS} pre[aria-label='Preferred: answer']").text_content()
            stored = text.replace("\ud800", "").replace("\x00", "[U+0000]")
            stored = stored.replace("\x1b", "[U+001B]").replace("\u202e", "[U+202E]")
            assert stored.replace("\u202c", "[U+202C]") in shown
            width = "[document.documentElement.scrollWidth, innerWidth]"
            assert len(set(page.evaluate(width))) == 1
        assert page.locator("img, h1:has-text('out')").count() == 0
        assert tab.complaints == []
        assert tab.requests == [pages["nasty"]]


def test_arabic_runs_from_right_to_left(browser, pages):
    with opened(browser, pages["nasty"]) as tab:
        tab.page.wait_for_selector("html[data-lists]")
        tab.page.locator("#heldout-list input[type=search]").fill("مرحبا")
        settled(tab.page)
        block = tab.page.locator("#heldout-list pre.prompt")
        assert block.evaluate("element => getComputedStyle(element).direction") == "rtl"


def test_nothing_is_wider_than_a_phone(browser, pages):
    with opened(browser, pages["nasty"], viewport={"width": 360, "height": 740}) as tab:
        tab.page.wait_for_selector("html[data-lists]")
        tab.page.locator("button.reason").first.click()
        settled(tab.page)
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_scripts_the_page_says_what_it_said(browser, pages):
    with opened(browser, pages["known"], java_script_enabled=False) as tab:
        page = tab.page
        assert page.locator("#examples article").count() == 3
        assert page.get_by_text("40 inconsistent").is_visible()
        assert page.get_by_text("All pairs can be looked through where scripts may").is_visible()
        assert page.locator("button, input, select").count() == 0


def test_a_script_that_is_not_ours_does_not_run(browser, pages, tmp_path):
    changed = tmp_path / "changed.html"
    write_report(make_run(), changed)
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace("</main>", "<script>foreign = 1</script></main>"))
    with opened(browser, changed.as_uri()) as tab:
        assert tab.page.evaluate("typeof foreign") == "undefined"
        assert any("Content Security Policy" in said for said in tab.complaints)


def test_a_list_that_is_damaged_says_so_and_the_others_are_shown(browser, tmp_path):
    damaged = tmp_path / "damaged.html"
    write_report(make_run(), damaged)
    text = damaged.read_text(encoding="utf-8")
    damaged.write_text(text.replace('id="heldout-data">', 'id="heldout-data">AAAA'))
    with opened(browser, damaged.as_uri()) as tab:
        tab.page.wait_for_selector("html[data-lists]")
        assert "could not be read" in tab.page.locator("#heldout-list").inner_text()
        assert tab.page.locator(f"{PAIRS} [role=status]").inner_text() == "340 pairs"


@pytest.mark.parametrize(
    ("one", "other", "lacking"),
    [
        ("a b c", "a c", ["b"]),
        ("", "new words", []),
        ("gone", "", ["gone"]),
        ("the same", "the same", []),
        ("x a b y", "x c d y", ["a b"]),
        ("كيف حالك اليوم", "كيف اليوم", ["حالك"]),
    ],
)
def test_which_words_are_marked(browser, one, other, lacking):
    page = browser.new_page()
    call = f"differences({json.dumps(one)}, {json.dumps(other)})"
    found = page.evaluate(f"() => {{ {script_part('differences')}; return {call}; }}")
    page.close()
    assert ["".join(words for words, _ in side) for side in found] == [one, other]
    assert [words.strip() for words, marked in found[0] if marked] == lacking
