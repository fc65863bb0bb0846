import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from primum.report.drawing.text import one_line
from primum.report.terminal import summary
from tests.report.sample import NASTY, empty_run, make_run, on_category


def said(data, *, path="runs/quickstart/report.html", width=100, color=None):
    console = Console(width=width, color_system=color, force_terminal=color is not None)
    with console.capture() as capture:
        console.print(summary(data, Path(path)))
    return capture.get()


def test_the_summary_tells_the_run():
    text = said(make_run())
    for expected in (
        "smollm2-135m, aligned",
        "consistent          115    72%  40 inconsistent",
        "340 pairs: 241 by harmless, 99 by helpful; 3 without weight.",
        "held and rose",
        "✓ Pass. Harmless rose by +0.",
        "Report: runs/quickstart/report.html",
    ):
        assert expected in text


def test_prompts_left_out_that_are_not_quite_like_another_are_told():
    data = make_run()
    facts = {"train": 160, "duplicates": 5, "near_duplicates": 2}
    stages = {**data.stages, "prompts": replace(data.stages["prompts"], facts=facts)}
    wanted = "2 prompts left out: like another but for white space or Unicode form."
    assert wanted in said(replace(data, stages=stages))
    assert "left out" not in said(data)


def test_three_objectives_fit_a_narrow_terminal():
    data = make_run(objectives=("harmless", "honest", "helpful"), gains=(0.5, -0.5, 0.1))
    text = said(data, width=80)
    assert "✕ Fail. honest is not shown to have held" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "…" not in text
    for name in data.objectives:
        assert f"\n{name} " in text


def test_a_long_name_goes_on_in_the_next_line_and_figures_stay_whole():
    data = make_run(objectives=("honest about what it knows", "kind"), gains=(0.5, -0.5))
    text = said(data, width=80)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "…" not in text
    assert re.search(r"\nhonest about what it .*\nknows ", text)
    gain = data.gate.objectives[0].by[0].gain
    assert f"[{gain.low:.2f}, {gain.high:.2f}]" in text


def test_more_than_one_category_has_a_line_each():
    everyday = on_category("everyday", 4, 17, met=15)
    text = said(make_run(by_category=(everyday, on_category("[red]x\n", 3, 0, threshold=None))))
    assert "\n  everyday: 4 by harmless (75% met it), 17 by helpful (75% met it)\n" in text
    assert "\n  [red]x: 3 by harmless, 0 by helpful\n" in text
    assert "everyday" not in said(make_run(by_category=(everyday,)))


def test_a_threshold_that_does_nothing_is_a_warning():
    text = said(make_run(by_category=(on_category(None, 4, 17, threshold=None),)), width=200)
    assert "\nWarning. Without a threshold harmless decides wherever answers differ on it" in text
    assert "Warning" not in said(make_run(by_category=(on_category(None, 4, 17),)))


@pytest.mark.parametrize("text", NASTY)
def test_no_category_acts_in_the_terminal(text):
    rows = (on_category(text, 14, 4, met=83, candidates=100), on_category("x", 1, 1))
    shown = said(make_run(by_category=rows), width=1000)
    assert "\x1b" not in shown
    assert "\x00" not in shown
    assert shown.count(one_line(text)) == 2


def test_an_empty_run_is_told():
    text = said(empty_run())
    assert "0 pairs: 0 by harmless, 0 by helpful." in text
    assert "✕ Fail. harmless is not shown to have held (0 of 0 prompts have both" in text


@pytest.mark.parametrize("text", [*NASTY, "[red]boo[/red]", "[/]"])
def test_untrusted_text_is_no_markup_and_no_control_code(text):
    data = make_run()
    first = replace(data.gate.objectives[0], objective=text)
    gate = replace(data.gate, objectives=(first,), failed=text)
    shown = said(replace(data, model=text, gate=gate), path="a/b.html")
    assert "\x1b" not in shown
    assert "\x00" not in shown
    if text.startswith("["):
        assert text in shown
