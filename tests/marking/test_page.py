"""The page: nothing untrusted acts, nothing is loaded, and marks are kept and saved."""

import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from primum.marking.questions import QUESTIONS
from primum.sheets.items import SheetItem
from primum.sheets.page import view_sheet, write_page
from primum.sheets.reading import read_sheet
from tests.marking.browser import BROWSER, browser
from tests.marking.samples import NASTY, item

needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium, and none is there")
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


@pytest.fixture
def tab(tmp_path):
    with browser(tmp_path) as found:
        found.open(write(tmp_path / "sheet.html", ROWS))
        yield found
        assert found.complaints == []


def shown(tab):
    return tab.run("[...document.querySelectorAll('article:not([hidden])')].map(a => a.id)")


def active(tab):
    return tab.run("document.querySelector('.question.active').dataset.question")


def counted(tab):
    return tab.run("document.getElementById('count').textContent")


def saved(tab, folder):
    tab.run("document.getElementById('save').click()")
    path = folder / "marks.json"
    until = time.monotonic() + 20
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return read_sheet(path, QUESTIONS)


@needs_browser
def test_an_hour_at_the_keyboard(tab, tmp_path):
    assert shown(tab) == [ROWS[0].item_id]
    assert counted(tab) == "0 of 4 prompts marked"
    tab.press("m", "m")
    assert active(tab) == "pair"
    tab.press("e")
    assert shown(tab) == [ROWS[1].item_id]
    tab.press("m", "n")  # They differ, so that nobody asks whether they are equal.
    assert shown(tab) == [ROWS[2].item_id]
    assert counted(tab) == "2 of 4 prompts marked"
    tab.press("x", "e", "c")  # No key of this question, but the last.
    assert shown(tab) == [ROWS[3].item_id]
    tab.press("n", "u", "c", "c", "n")
    assert counted(tab) == "4 of 4 prompts marked"
    assert "Save the marks" in tab.run("document.getElementById('notice').textContent")
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
    tab.press("m", "n", "m", "c")
    assert counted(tab) == "2 of 4 prompts marked"
    # Drawn again, with more rows and in another order.
    rows = [item(9), *reversed(ROWS)]
    tab.open(write(tmp_path / "sheet.html", rows))
    assert counted(tab) == "2 of 5 prompts marked"
    assert shown(tab) == [rows[0].item_id]
    marks = {row.item.item_id: row.marks for row in saved(tab, tmp_path)}
    assert marks[ROWS[0].item_id] == {"mark_1": "meets", "mark_2": "does not"}
    assert marks[ROWS[1].item_id] == {"mark_1": "meets", "mark_2": "cannot say"}


@needs_browser
def test_a_mark_that_is_changed_takes_back_what_no_longer_holds(tab, tmp_path):
    tab.press("m", "m", "e", "k")
    assert shown(tab) == [ROWS[0].item_id]
    choice = f"[name='{ROWS[0].item_id}-mark_2'][value='does not']"
    tab.run(f'document.querySelector("{choice}").click()')
    assert tab.run("document.querySelector('article:not([hidden]) [data-if-alike]').disabled")
    assert saved(tab, tmp_path)[0].marks == {"mark_1": "meets", "mark_2": "does not"}


@needs_browser
def test_keys_that_belong_to_the_browser_stay_the_browsers(tab):
    modifiers = 2  # Ctrl.
    tab("Input.dispatchKeyEvent", type="keyDown", key="n", code="KeyN", modifiers=modifiers)
    tab("Input.dispatchKeyEvent", type="keyUp", key="n", code="KeyN", modifiers=modifiers)
    assert active(tab) == "mark_1"


@needs_browser
def test_a_key_that_is_held_down_marks_once(tab):
    for repeats in (False, True, True, True):
        tab("Input.dispatchKeyEvent", type="keyDown", key="m", code="KeyM", autoRepeat=repeats)
    tab("Input.dispatchKeyEvent", type="keyUp", key="m", code="KeyM")
    assert active(tab) == "mark_2"
    assert tab.run("document.querySelectorAll('input:checked').length") == 1


@needs_browser
def test_where_nothing_is_stored_the_page_says_so(tmp_path):
    with browser(tmp_path) as tab:
        broken = "Storage.prototype.setItem = () => { throw new Error('full'); }"
        tab("Page.addScriptToEvaluateOnNewDocument", source=broken)
        tab.open(write(tmp_path / "sheet.html", ROWS))
        tab.press("m")
        assert "keeps no marks" in tab.run("document.getElementById('notice').textContent")
        assert saved(tab, tmp_path)[0].marks == {"mark_1": "meets"}


@needs_browser
@pytest.mark.parametrize("width", [400, 1200])
def test_another_prompt_is_seen_from_its_beginning(tmp_path, width):
    texts = ("Word " * 900, "Short.")
    rows = [SheetItem("kind", f"Question {at}?", (texts[at % 2], texts[0])) for at in range(5)]
    top = "document.querySelector('article:not([hidden]) h2').getBoundingClientRect().top"
    bar = "document.querySelector('.bench').getBoundingClientRect().bottom"
    goes_on = [lambda: tab.press("m", "m", "e"), lambda: tab.press("j"), lambda: tab.press("k")]
    goes_on += [lambda: tab.run("document.getElementById('next').click()")]
    with browser(tmp_path) as tab:
        tab(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=700,
            deviceScaleFactor=1,
            mobile=False,
        )
        tab.open(write(tmp_path / "sheet.html", rows))
        for go_on in goes_on:
            tab.run("window.scrollTo(0, 1e6)")
            before = shown(tab)
            go_on()
            assert shown(tab) != before
            assert tab.run(f"{bar} <= {top} && {top} < 350")


@needs_browser
def test_untrusted_text_runs_nothing_in_a_browser(tmp_path):
    with browser(tmp_path) as tab:
        tab.open(write(tmp_path / "sheet.html", nasty_rows()))
        texts = tab.run("[...document.querySelectorAll('pre.prompt')].map(p => p.textContent)")
        assert texts[15:18] == list(NASTY[15:18])
        assert [row.item for row in saved(tab, tmp_path)] == nasty_rows()
        assert tab.complaints == []
