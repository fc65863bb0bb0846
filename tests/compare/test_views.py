"""The table of methods in the terminal, as Markdown and as a page."""

import io
import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from primum.compare.finished import MissingRun
from primum.compare.views.labels import place_labels
from primum.compare.views.markdown import markdown_view
from primum.compare.views.page import page_view
from primum.compare.views.plane import plane_chart
from primum.compare.views.terminal import terminal_view
from primum.report.drawing.marks import Arrow, Dot, Label
from tests.compare.made import COST, guard, made_run, made_table, many_runs, run_of
from tests.report.sample import NASTY
from tests.report.test_page import read


@pytest.fixture(scope="module")
def table():
    return made_table(many_runs())


def said(found, width=100):
    stream = io.StringIO()
    Console(file=stream, width=width).print(terminal_view(found))
    return stream.getvalue()


def text_of(page):
    return " ".join("".join(read(page).text).split())


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_terminal_cuts_nothing(table, width):
    text = said(table, width)
    head = text[: text.index("Over 40 prompts")]
    assert max(map(len, head.rstrip().splitlines())) <= min(width, 100)
    assert "…" not in text
    for row in table.rows:
        assert row.method[:19] in text
    spa = next(row for row in table.rows if row.method == "spa")
    gain = spa.figures[0]
    assert "best-of-8 ‡" in text
    assert "safedpo with seed 2 is not in the table: has not finished." in text
    assert gain.by.name in text
    shown = spa.figure(None, gain.by).gain
    assert f"{shown.value:+.2f}" in text
    assert f"[{shown.low:.2f}, {shown.high:.2f}]" in text
    assert " ".join(table.worth.split()) in " ".join(text.split())


def test_long_names_of_objectives_cut_no_figure():
    name = "honest about what it knows and what it does not"
    scores = {"examiner": {name: [5.0, 6.0] * 6, "helpful": [-5.0, 60.0] * 6}}
    found = made_table([run_of("a method of a rather long name", scores, scores)])
    for width in (80, 100):
        text = said(found, width)
        assert "…" not in text
        assert "honest about" in text
        assert all(len(line) <= width for line in text.splitlines())


def test_all_views_tell_the_same_figures(table):
    page, markdown = text_of(page_view(table)), markdown_view(table)
    for row in table.rows:
        assert f"`{row.method}`" in markdown
        assert row.method in page
        for figure in row.figures:
            level = f"{figure.level.value:.2f} [{figure.level.low:.2f}, {figure.level.high:.2f}]"
            assert level.replace("-", "−") in page
            assert level.replace("-", "−") in markdown
    assert table.worth in page
    assert table.worth in markdown
    assert "same opening" in page
    assert markdown.count("### By ") == 4
    assert "the teacher, which counts for nothing" in page
    assert "(×" in page


@pytest.mark.parametrize("text", NASTY)
def test_no_text_can_act(text):
    text = text.replace("\ud800", "")  # No table can hold it.
    name, objective = f"m{text}", f"o{text}"
    before = {"examiner": {objective: [5.0] * 12, "helpful": [4.0, 6.0] * 6}}
    after = {"examiner": {objective: [6.0, 5.5] * 6, "helpful": [5.0, 6.0] * 6}}
    runs = [
        run_of(name, before, after, guards=(guard(text),)),
        run_of("dpo", before, before, seed=0),
    ]
    table = made_table(runs, missing=[MissingRun(f"x{text}", 1, text)])
    page = page_view(table)
    reader = read(page)
    assert not set(reader.tags) & {"script", "img", "iframe", "a", "link", "object"}
    assert not {key for _, key, _ in reader.attributes} & {"src", "href", "style", "onerror"}
    assert "\x1b" not in said(table, 100)
    for shown in (page, markdown_view(table)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown_view(table))
    assert "<" not in outside.replace("< 0.001", "")
    assert "m49" not in page


def test_the_plane_draws_every_method_from_the_start(table):
    panel = plane_chart(table)
    labels = [mark.text for mark in panel.marks if isinstance(mark, Label) and mark.strong]
    assert labels == [str(place) for place in range(1, 13)]
    notes = [mark.note for mark in panel.marks if isinstance(mark, Dot)]
    assert sum(note == "the starting model" for note in notes) == 1
    assert [note.split(":")[0] for note in notes if ":" in note] == [
        row.method for row in table.rows
    ]
    (start,) = [m for m in panel.marks if isinstance(m, Dot) and m.note == "the starting model"]
    shafts = [
        mark
        for mark in panel.marks
        if isinstance(mark, Arrow) and (mark.x1, mark.y1) == (start.x, start.y)
    ]
    assert len(shafts) == 12
    assert [tone for tone, _ in panel.legend] == ["axis", "good", "after", "even", "bad"]
    # Up is better on the second objective, and right on the first.
    best, prompted = shafts[2], shafts[1]
    assert best.x2 > prompted.x2 > start.x
    assert best.y2 < start.y < prompted.y2


def test_one_objective_or_no_examiner_makes_no_plane():
    scores = {"examiner": {"harmless": [5.0, 6.0] * 6}}
    alone = made_table([run_of("spa", scores, scores)])
    assert plane_chart(alone) is None
    assert "harmless" in said(alone)
    assert "harmless" in page_view(alone)
    taught = made_table([made_run("spa", 0.4, 0.1, judges=("teacher",))])
    assert plane_chart(taught) is None
    for shown in (said(taught), markdown_view(taught), page_view(taught)):
        assert "Only the teacher judged" in " ".join(shown.split())


def test_without_lambdas_and_with_one_method():
    table = made_table([made_run("dpo", 0.4, 0.1, cost=replace(COST, memory=None))], lambdas=())
    assert "HH_" not in said(table) + markdown_view(table) + page_view(table)
    assert "No method can be compared with dpo." in markdown_view(table)


@given(st.lists(st.tuples(st.floats(0, 700), st.floats(0, 400)), min_size=1, max_size=12))
def test_labels_stay_near_their_points(points):
    placed = place_labels(points, [str(at) for at in range(len(points))], points)
    for (px, py), (x, y) in zip(points, placed, strict=True):
        assert abs(px - x) + abs(py - y) < 60


def test_labels_of_crowded_points_do_not_overlap():
    points = [(100.0 + 4 * place, 100.0 + 2 * place) for place in range(8)]
    placed = place_labels(points, ["12"] * 8, points)
    for (ax, ay), (bx, by) in combinations(placed, 2):
        assert abs(ax - bx) >= 19 or abs(ay - by) >= 12
