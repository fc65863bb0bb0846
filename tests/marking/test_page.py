"""The page: nothing untrusted acts, nothing is loaded, and marks are kept and saved."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from primum.marking.questions import QUESTIONS
from primum.sheets.items import SheetItem
from primum.sheets.page import view_sheet, write_page
from primum.sheets.reading import read_sheet
from tests.browser import chromium, needs_browser, opened
from tests.marking.samples import NASTY, item

ROWS = [item(1), item(2), item(3, "Alone."), item(4)]


def write(path, rows):
    page = view_sheet("How kind?", "en", Markup("<p>Be kind.</p>"), QUESTIONS, rows, "marks.json")
    write_page(path, page)
    return path


def nasty_rows():
    return [
        SheetItem("kind", text, (f"{text} one", f"{text} two"), text[:9], text) for text in NASTY
    ]


class Reader(HTMLParser):
    """Collects tags, attributes, and what stands in style, script and elsewhere."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], ""
        self.inside = {"style": [], "script": [], "": []}

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.open = tag if tag in self.inside else ""

    def handle_endtag(self, tag):
        self.open = ""

    def handle_data(self, data):
        self.inside[self.open].append(data)


def read(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader


def test_untrusted_text_is_shown_and_never_obeyed(tmp_path):
    found = read(write(tmp_path / "sheet.html", nasty_rows()))
    shown = "".join(found.inside[""])
    assert {"img", "iframe", "link", "a"}.isdisjoint(found.tags)
    assert found.tags.count("script") == 2
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert not {"src", "href", "action", "style"} & {name for name, _ in found.attributes}
    assert "<img src=x onerror=alert(1)>" in shown
    assert "{{ 7*7 }}" in shown
    assert "[U+202E]back" in shown
    data, _ = found.inside["script"]
    assert [row["prompt"] for row in json.loads(data)["rows"]] == list(NASTY)
    assert "<" not in data


def test_the_policy_allows_the_pages_own_style_and_script_alone(tmp_path):
    found = read(write(tmp_path / "sheet.html", ROWS))
    (policy,) = [value for _, value in found.attributes if "default-src" in (value or "")]
    (style,), (_, script) = found.inside["style"], found.inside["script"]
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, script)
    ]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style
    assert not re.search(r"fetch|XMLHttp|WebSocket|innerHTML|eval|import\b", script)


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser, tmp_path):
    with opened(browser, write(tmp_path / "sheet.html", ROWS).as_uri()) as found:
        yield found.page
        assert found.complaints == []


def press(tab, *keys):
    for key in keys:
        tab.keyboard.press(key)


def shown(tab):
    return tab.evaluate("[...document.querySelectorAll('article:not([hidden])')].map(a => a.id)")


def active(tab):
    return tab.locator(".question.active").get_attribute("data-question")


def counted(tab):
    return tab.locator("#count").inner_text()


def saved(tab, folder):
    with tab.expect_download() as download:
        tab.locator("#save").click()
    download.value.save_as(folder / "marks.json")
    return read_sheet(folder / "marks.json", QUESTIONS)


@needs_browser
def test_an_hour_at_the_keyboard(tab, tmp_path):
    assert shown(tab) == [ROWS[0].item_id]
    assert counted(tab) == "0 of 4 prompts marked"
    press(tab, "m", "m")
    assert active(tab) == "pair"
    press(tab, "e")
    assert shown(tab) == [ROWS[1].item_id]
    press(tab, "m", "n")  # They differ, so that nobody asks whether they are equal.
    assert shown(tab) == [ROWS[2].item_id]
    assert counted(tab) == "2 of 4 prompts marked"
    press(tab, "x", "e", "c")  # No key of this question, but the last.
    assert shown(tab) == [ROWS[3].item_id]
    press(tab, "n", "u", "c", "c", "n")
    assert counted(tab) == "4 of 4 prompts marked"
    assert "Save the marks" in tab.locator("#notice").inner_text()
    rows = saved(tab, tmp_path)
    assert [row.item for row in rows] == ROWS
    assert [list(row.marks.values()) for row in rows] == [
        ["meets", "meets", "equal"],
        ["meets", "does not"],
        ["cannot say"],
        ["cannot say", "cannot say", "not equal"],
    ]


@needs_browser
def test_marks_outlive_the_page_and_an_extended_sheet(tab, tmp_path):
    press(tab, "m", "n", "m", "c")
    assert counted(tab) == "2 of 4 prompts marked"
    # Drawn again, with more rows and in another order.
    rows = [item(9), *reversed(ROWS)]
    tab.goto(write(tmp_path / "sheet.html", rows).as_uri())
    assert counted(tab) == "2 of 5 prompts marked"
    assert shown(tab) == [rows[0].item_id]
    marks = {row.item.item_id: row.marks for row in saved(tab, tmp_path)}
    assert marks[ROWS[0].item_id] == {"mark_1": "meets", "mark_2": "does not"}
    assert marks[ROWS[1].item_id] == {"mark_1": "meets", "mark_2": "cannot say"}


@needs_browser
def test_a_mark_that_is_changed_takes_back_what_no_longer_holds(tab, tmp_path):
    press(tab, "m", "m", "e", "k")
    assert shown(tab) == [ROWS[0].item_id]
    choice = f"[name='{ROWS[0].item_id}-mark_2'][value='does not']"
    tab.locator(choice).click()
    assert tab.locator("article:not([hidden]) [data-if-alike]").evaluate("part => part.disabled")
    assert saved(tab, tmp_path)[0].marks == {"mark_1": "meets", "mark_2": "does not"}


@needs_browser
def test_keys_that_belong_to_the_browser_stay_the_browsers(tab):
    tab.keyboard.press("Control+n")
    assert active(tab) == "mark_1"


@needs_browser
def test_a_key_that_is_held_down_marks_once(tab):
    for _ in range(4):
        tab.keyboard.down("m")  # Again without going up: the browser repeats it.
    tab.keyboard.up("m")
    assert active(tab) == "mark_2"
    assert tab.locator("input:checked").count() == 1


@needs_browser
def test_where_nothing_is_stored_the_page_says_so(browser, tmp_path):
    broken = "Storage.prototype.setItem = () => { throw new Error('full'); }"
    with opened(browser, "about:blank") as found:
        tab = found.page
        tab.add_init_script(broken)
        tab.goto(write(tmp_path / "sheet.html", ROWS).as_uri())
        press(tab, "m")
        assert "keeps no marks" in tab.locator("#notice").inner_text()
        assert saved(tab, tmp_path)[0].marks == {"mark_1": "meets"}


@needs_browser
@pytest.mark.parametrize("width", [400, 1200])
def test_another_prompt_is_seen_from_its_beginning(browser, tmp_path, width):
    texts = ("Word " * 900, "Short.")
    rows = [SheetItem("kind", f"Question {at}?", (texts[at % 2], texts[0])) for at in range(5)]
    top = "document.querySelector('article:not([hidden]) h2').getBoundingClientRect().top"
    bar = "document.querySelector('.bench').getBoundingClientRect().bottom"
    page = write(tmp_path / "sheet.html", rows).as_uri()
    with opened(browser, page, viewport={"width": width, "height": 700}) as found:
        tab = found.page
        goes_on = [lambda: press(tab, "m", "m", "e"), lambda: press(tab, "j")]
        goes_on += [lambda: press(tab, "k"), lambda: tab.locator("#next").click()]
        for go_on in goes_on:
            tab.evaluate("window.scrollTo(0, 1e6)")
            before = shown(tab)
            go_on()
            assert shown(tab) != before
            assert tab.evaluate(f"{bar} <= {top} && {top} < 350")


@needs_browser
def test_untrusted_text_runs_nothing_in_a_browser(browser, tmp_path):
    with opened(browser, write(tmp_path / "sheet.html", nasty_rows()).as_uri()) as found:
        texts = found.page.locator("pre.prompt").all_text_contents()
        assert texts[15:18] == list(NASTY[15:18])
        assert [row.item for row in saved(found.page, tmp_path)] == nasty_rows()
        assert found.complaints == []
