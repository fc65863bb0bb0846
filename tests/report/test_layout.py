"""The report as people meet it: in what order, on which screen, in which colours, on paper."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from primum.recipe.schema import Recipe
from primum.report.drawing import rendering
from primum.report.page import assemble, render, write_report
from primum.store.calls import Work
from tests.browser import chromium, needs_browser, opened
from tests.report.proven import proven_run
from tests.report.sample import empty_run, make_run
from tests.report.test_page import read

ORDER = (
    *("verdict", "effects", "plane", "prompts", "trust", "pairs", "examples", "training"),
    *("cost", "run", "reading"),
)
UNTRAINED = tuple(name for name in ORDER if name not in ("prompts", "pairs", "training"))
PHONE = {"viewport": {"width": 360, "height": 740}}
WORK = (
    Work("synthesis", "sample", 224, 448, 12_700, 21_700, 445.0),
    Work("synthesis", "judge", 278, 0, 46_100, 0, 138.0),
)


def untrained():
    return replace(make_run(), training=None, recipe=Recipe(method="best-of-n"))


def long_run():
    """Names and texts as wide as they come."""
    return proven_run("w" * 300, nasty=True)


RUNS = {
    "trained": (make_run, ORDER),
    "untrained": (untrained, UNTRAINED),
    "three": (lambda: make_run(objectives=("a", "b", "c"), gains=(0.4, 0.1, 0.1)), ORDER),
    "one": (
        lambda: make_run(objectives=("a",), gains=(0.4,)),
        tuple(name for name in ORDER if name != "plane"),
    ),
    "empty": (empty_run, tuple(name for name in ORDER if name != "plane")),
}


@pytest.mark.parametrize("name", RUNS)
def test_answers_come_in_the_order_of_the_questions(name):
    make, order = RUNS[name]
    page = render(assemble(make()))
    assert tuple(re.findall(r'<section id="(\w+)"', page)) == order
    assert tuple(re.findall(r'<a href="#(\w+)"', page)) == order


@pytest.mark.parametrize("make", [make for make, _ in RUNS.values()])
def test_headings_go_down_by_one_and_ids_are_single(make):
    page = render(assemble(make()))
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert all(one - other <= 1 for other, one in pairwise(levels))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert '<html lang="en">' in page


def test_every_drawing_is_told_in_words_with_its_figures():
    page = render(assemble(make_run()))
    drawings = re.findall(r"<svg ([^>]*)>", page)
    told = [re.search(r'role="img" aria-label="([^"]+)"', text) for text in drawings]
    assert all(
        found or 'aria-hidden="true"' in text for found, text in zip(told, drawings, strict=True)
    )
    labels = [found[1] for found in told if found]
    assert len(labels) > 8
    assert all(re.search(r"\d", label) and label.endswith((".", ")")) for label in labels)


def test_cost_has_time_calls_and_tokens():
    text = " ".join(" ".join(read(render(assemble(replace(make_run(), work=WORK)))).text).split())
    assert "sample 7 min 25 s waiting for answers 224 448 67% 12.7k 21.7k" in text
    assert "The models were called 502 times, read 58.8k tokens and wrote 21.7k" in text
    without = " ".join("".join(read(render(assemble(make_run()))).text).split())
    assert "Tokens read" not in without
    assert "The stages took 5 min 18 s, of which synthesis took 54%." in without


def test_the_run_can_be_made_again_from_its_folder():
    data = replace(make_run(), model="a folder/m; rm -rf x")
    text = " ".join("".join(read(render(assemble(data))).text).split())
    assert (
        "primum align prompts.parquet --model 'a folder/m; rm -rf x' --constitution "
        "constitution.yaml --recipe recipe.yaml --out again" in text
    )
    assert "pip install primum==0.1.0 torch==2.13.0" in text
    assert "primum gate . --replay" in text
    assert "learning_rate: 1.0e-05" in text


def test_only_settings_that_differ_stand_in_the_table():
    data = make_run(recipe=Recipe(sampling={"n": 3}, seed=4))
    changes = assemble(data).changes
    assert [(each.setting, each.value) for each in changes] == [("sampling.n", "3")]
    assert assemble(make_run(recipe=Recipe())).changes == ()


def contrast(one, other):
    """The contrast of two colours (WCAG 2.2, "contrast ratio")."""

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


STYLE = (rendering._SHARED / "style.css").read_text(encoding="utf-8")
SCHEMES = [
    dict(re.findall(r"--([\w-]+): (#\w{6})", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
]


@pytest.mark.parametrize("colours", SCHEMES, ids=["light", "dark", "print"])
def test_text_can_be_read_on_every_ground(colours):
    washes = ("good-wash", "after-wash", "even-wash", "bad-wash")
    grounds = ("paper", "card", "well", *washes)
    pairs = [(text, ground) for text in ("ink", "soft") for ground in grounds]
    pairs += [(tone, f"{tone}-wash") for tone in ("good", "after", "even", "bad")]
    pairs += [(tone, "card") for tone in ("good", "after", "even", "bad")]
    weak = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: value for pair, value in weak.items() if value < 4.5} == {}
    # What is no text needs three to one.
    assert contrast(colours["before"], colours["card"]) >= 3


def test_a_contrast_is_what_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@needs_browser
@pytest.mark.parametrize("make", [make_run, untrained, long_run, empty_run])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_tables_and_never_the_page(browser, tmp_path, make, scheme):
    path = tmp_path / "report.html"
    write_report(make(), path)
    with opened(browser, path.as_uri(), **PHONE, color_scheme=scheme) as tab:
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert tab.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (
            scheme == "dark"
        )
        ground = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(21, 23, 26)" if scheme == "dark" else "rgb(251, 250, 248)")
        assert tab.complaints == []
        assert tab.requests == [path.as_uri()]


@needs_browser
def test_the_contents_are_reached_by_keyboard(browser, tmp_path):
    path = tmp_path / "report.html"
    write_report(make_run(), path)
    with opened(browser, path.as_uri(), **PHONE) as tab:
        for _ in range(ORDER.index("trust") + 1):
            tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.textContent") == "Trust"
        tab.page.keyboard.press("Enter")
        top = tab.page.evaluate("document.querySelector('#trust').getBoundingClientRect().top")
        assert 0 <= top < 100


@needs_browser
def test_paper_shows_what_is_folded_and_cuts_nothing(browser, tmp_path):
    path = tmp_path / "report.html"
    write_report(proven_run(), path)
    # A4 between margins of 14 mm.
    with opened(
        browser, path.as_uri(), viewport={"width": 688, "height": 1000}, color_scheme="dark"
    ) as tab:
        tab.page.emulate_media(media="print")
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 688
        wide = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > 688).length"
        assert tab.page.evaluate(wide) == 0
        assert (
            tab.page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
        )
        folded = "document.querySelector('#run details pre').getBoundingClientRect().height"
        assert tab.page.evaluate(folded) > 500
        assert tab.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == (
            "rgb(35, 38, 43)"
        )
        assert tab.page.pdf(format="A4").startswith(b"%PDF")
