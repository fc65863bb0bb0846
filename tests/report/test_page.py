import base64
import hashlib
import re
import stat
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from primum.recipe.preferences import Pairing
from primum.recipe.schema import Recipe
from primum.report.browsing.assembly import page_script
from primum.report.drawing.text import one_line
from primum.report.page import assemble, render, write_report
from primum.store.manifest import StageRecord
from tests.report.proven import proven_run
from tests.report.sample import NASTY, empty_run, make_run, on_category

FULL = {"lora": None, "learning_rate": 1e-6}
VOID = {"meta", "br"}
SVG_LEAVES = {"rect", "line", "path", "circle"}


class Reader(HTMLParser):
    """Collects tags and attributes, and checks that tags close in order.

    Scripts stand apart: `read` knows those that may be there.
    """

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = [], [], [], []
        self.scripts = []

    def handle_starttag(self, tag, attrs):
        if tag == "script":
            self.scripts.append("")
        else:
            self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG_LEAVES
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["script"]:
            self.scripts[-1] += data
        elif self.open[-1:] != ["style"]:
            self.text.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    for script in reader.scripts:
        assert script == page_script() or re.fullmatch(r"[A-Za-z0-9+/]+=*", script)
    return reader


def page_of(data):
    return render(assemble(data))


@pytest.fixture(scope="module")
def nasty():
    data = make_run(nasty=True, gains=(-0.3, 0.4))
    return page_of(
        replace(
            data,
            model='<img src="x">',
            constitution_name="</title><script>",
            recipe=Recipe(name="{{ 7*7 }}"),
            environment={"<b>": "</dd>"},
            stages={"<i>": StageRecord("i", "d", 1.0, {"<u>": 3})},
            training=replace(data.training, stop="<script>"),
        )
    )


def test_the_page_tells_the_run():
    text = " ".join("".join(read(page_of(make_run())).text).split())
    for expected in (
        "smollm2-135m, aligned",
        "harmless-helpful · recipe quickstart · seed 7",
        "Harmless rose by +0.",
        "with 95% confidence intervals",
        "held and rose",
        "40 inconsistent",
        "6 because “the response is empty”",
        "The largest gain",
        "Reward margin",
        "1 min 24 s",
        "all epochs done",
        "3 pairs carried no weight",
        "0 < det Σ ≤ 0.84",
        "asked in words",
    ):
        assert expected in text


def test_the_page_needs_nothing_else_and_runs_only_ours(nasty):
    for page in (page_of(make_run()), page_of(proven_run("<script>")), nasty):
        reader = read(page)
        assert set(reader.tags) <= {
            *("html", "head", "meta", "title", "style", "body", "header", "main", "footer"),
            *("section", "article", "div", "figure", "figcaption", "p", "h1", "h2", "h3", "h4"),
            *("ol", "ul", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
            *("span", "b", "i", "small", "br", "pre", "details", "summary", "nav", "a", "tfoot"),
            *("svg", "g", "text", *SVG_LEAVES),
        }
        names = {name for _, name, _ in reader.attributes}
        assert all(
            tag == "a" and of[0] == "#" for tag, name, of in reader.attributes if name == "href"
        )
        assert not names & {"src", "srcset", "style", "action", "xlink:href", "data"}
        assert not [name for name in names if name.startswith("on")]
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
        assert "url(" not in style
        assert "@import" not in style


def test_the_policy_allows_only_the_pages_own_style_and_script():
    page = page_of(make_run())
    (text,) = [value for _, _, value in read(page).attributes if "default-src" in (value or "")]
    text_parts = text.split("; ")
    assert text_parts[0] == "default-src 'none'"
    assert re.fullmatch(r"style-src 'sha256-[A-Za-z0-9+/=]+'", text_parts[1])
    digest = base64.b64encode(hashlib.sha256(page_script().encode()).digest()).decode()
    assert text_parts[2] == f"script-src 'sha256-{digest}'"
    assert "unsafe" not in text


def test_untrusted_text_is_shown_and_never_obeyed(nasty):
    reader = read(nasty)
    shown = "".join(reader.text)
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert "49" not in re.findall(r"recipe (\S+)", shown)
    assert "recipe {{ 7*7 }}" in shown
    assert "<script>alert('x')</script>" in shown
    assert '<img src="x">' in shown
    assert "[U+202E]" in shown
    assert "\x00" not in nasty
    assert "\x1b" not in nasty


@pytest.mark.parametrize("text", NASTY)
def test_texts_of_examples_arrive_whole(text):
    stored = text.replace("\ud800", "").replace("\x00", "[U+0000]").replace("\x1b", "[U+001B]")
    stored = stored.replace("\u202e", "[U+202E]").replace("\u202c", "[U+202C]")
    data = make_run(heldout=11, nasty=True)
    rows = [row for row in data.tables["evaluation"].to_pylist() if row["before"]]
    place = NASTY.index(text)
    chosen = data.tables["evaluation"].slice(place, 1)
    page = page_of(replace(data, tables={**data.tables, "evaluation": chosen}))
    if rows[place]["after_harmless"] is None:
        assert "No held-out prompt has all its scores" in page
    else:
        assert stored in "".join(read(page).text)


@pytest.mark.parametrize("lora", [True, False])
def test_an_empty_run_still_has_a_page(lora):
    data = empty_run()
    page = page_of(data if lora else replace(data, recipe=Recipe(training=FULL)))
    text = "".join(read(page).text)
    assert "harmless is not shown to have held (0 of 0 prompts have both scores" in text
    assert "There is no pair" in text
    assert "No held-out prompt has all its scores" in text
    assert "nan" not in page
    assert "None" not in text


def test_nothing_kept_is_told_with_the_reasons():
    text = "".join(read(page_of(make_run(kept=0))).text)
    assert "There is no pair" in text
    assert "14 unstable (det Σ &gt; τ)".replace("&gt;", ">") in text


def test_three_objectives_are_all_there():
    page = page_of(make_run(objectives=("harmless", "honest", "helpful"), gains=(0.5, 0.5, 0.5)))
    text = " ".join("".join(read(page).text).split())
    assert "Harmless rose by" in text
    assert "Each prompt: harmless and honest" in text
    # At the verdict, at its own story, and in the table.
    assert text.count("held and rose") == 3 * 3


def test_a_collapse_is_a_warning():
    data = make_run()
    collapsed = replace(data, training=replace(data.training, collapsed=True))
    assert "Warning." in page_of(collapsed)
    assert "Warning." not in page_of(data)


def test_what_decided_is_a_table_and_a_threshold_that_does_nothing_a_warning():
    page = page_of(make_run(by_category=(on_category("everyday", 13, 8),)))
    text = " ".join("".join(read(page).text).split())
    assert "What decided, by category" in text
    assert "everyday 5 21 13 62% 8 38% 25% 25%" in " ".join(" ".join(read(page).text).split())
    assert "Warning." not in page
    assert "What decided, by category" not in page_of(make_run())
    without = make_run(by_category=(on_category("everyday", 13, 8, threshold=None),))
    assert "Warning.</b> Without a threshold harmless decides" in page_of(without)


@pytest.mark.parametrize("settings", [{"rule": "safe"}, {"use_thresholds": False}])
def test_thresholds_that_decide_no_pairs_are_not_warned_of(settings):
    rows = (on_category("everyday", 13, 8, threshold=None),)
    run = make_run(by_category=rows, recipe=Recipe(pairing=Pairing(**settings)))
    assert "Warning." not in page_of(run)


@pytest.mark.parametrize("text", NASTY)
def test_a_category_s_name_is_shown_and_never_obeyed(text):
    rows = (on_category(text, 14, 4, met=83, candidates=100), on_category("other", 1, 1))
    reader = read(page_of(make_run(by_category=rows)))
    assert not {"script", "img"} & set(reader.tags)
    assert "".join(reader.text).count(one_line(text)) == 2


def test_the_limits_name_the_judge():
    recipe = Recipe.model_validate({"judging": {"kind": "probe"}})
    assert "a linear read-out of its hidden states" in page_of(make_run(recipe=recipe))


def test_the_limits_name_several_judges_and_another_model():
    data = make_run()
    first = data.objectives[0]
    judging = {
        "kind": "rating-text",
        "kinds": {first: "python"},
        "function": "clinic:score",
        "model": "big/judge",
    }
    page = page_of(make_run(recipe=Recipe.model_validate({"judging": judging})))
    assert f"The teacher of {first} is the function clinic:score." in page
    assert "is the model big/judge, asked in words." in page
    assert "its own blind spots" not in page
    assert f"{first}: python" in page


def test_the_page_is_written_whole(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    write_report(make_run(nasty=True), path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert stat.S_ISREG(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_run_gives_the_same_page():
    assert page_of(make_run()) == page_of(make_run())
