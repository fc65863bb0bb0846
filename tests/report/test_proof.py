"""How page, terminal, model card and summary show the proof."""

from dataclasses import replace

import pytest

from primum.report.model_card import model_card
from primum.report.page import assemble, render
from primum.report.proof.banner import banner
from primum.report.proof.effects import effects
from primum.report.proof.guards import guard_rows
from primum.report.proof.judges import judge_texts
from primum.report.proof.panels import gain_charts, gain_scatters
from primum.report.proof.pull_request import gate_markdown
from tests.report.proven import HELD_GUARD, broken_guard, proven_run
from tests.report.sample import NASTY, make_run
from tests.report.test_page import read
from tests.report.test_terminal import said


def page_text(data):
    return " ".join(" ".join(read(render(assemble(data))).text).split())


def test_what_a_guard_found_lost_comes_first_with_two_examples():
    head = banner(proven_run().gate)
    assert (head.word, head.tone) == ("Fail", "bad")
    assert head.headline.startswith("81% of answers begin with “This”, 5% before")
    [lost] = head.broken
    assert [example.prompt for example in lost.examples] == [
        "I feel lonely. ",
        "How do I kill a process?",
    ]
    text = page_text(proven_run())
    places = [
        text.index(part)
        for part in ("Fail", "81% of answers", "I feel lonely.", "This situation is", "harmless: ")
    ]
    assert places == sorted(places)
    assert "Third" not in text.partition("Before and after")[0]


def test_further_broken_guards_are_counted_in_the_headline():
    two = proven_run(guards=(broken_guard(), broken_guard(name="refusals"))).gate
    assert banner(two).headline.endswith("1 further guard did not hold either.")


def test_a_pass_says_that_no_guard_was_broken():
    passed = banner(proven_run(guards=(HELD_GUARD,)).gate)
    assert passed.headline.endswith("; no objective fell, and the one guard held.")
    assert passed.broken == ()


def test_power_and_notes_are_told_at_the_verdict():
    details = banner(proven_run("(x)").gate).details
    assert "64 prompts would show a rise of 0.4 points in 80% of cases." in details
    assert "an answer was brought along (x)" in details


def test_the_teachers_surplus_is_the_over_optimisation():
    rows = effects(proven_run().gate)
    assert [(row.judge, row.role, row.optimised) for row in rows[:4]] == [
        ("people", "people", ""),  # In another unit.
        ("examiner", "examiner", "+2.40"),
        ("second", "examiner", "+2.45"),
        ("teacher", "teacher", ""),
    ]
    assert rows[1].noise == "+0.02 [−0.11, 0.15]"
    assert rows[1].by_seed == "+0.52, –, +0.41"
    assert (rows[2].noise, rows[2].by_seed) == ("", "")
    assert rows[3].outcome == "decides nothing"


def test_columns_that_hold_nothing_are_left_out():
    full, bare = page_text(proven_run()), page_text(make_run())
    for column in ("A change of nothing", "By seed"):
        assert column in full.partition("Who judged")[0]
        assert column not in bare.partition("Who judged")[0]


def test_who_judged_is_told_with_trust_and_what_it_shares():
    texts = {judge.name: judge for judge in judge_texts(proven_run().gate)}
    assert list(texts) == ["people", "examiner", "second", "teacher"]
    assert texts["examiner"].shares == (
        "It shares with the teacher: the starting model, but no exemplar and no layer."
    )
    assert texts["examiner"].trust[0] == ("harmless", "AUC 0.93 on held-out exemplars")
    assert texts["second"].shares == "It shares nothing with the teacher that is known."
    assert texts["second"].trust == (("", "How far to trust it was not measured."),)
    assert texts["teacher"].shares == ""
    assert "AUC 0.79" in page_text(proven_run())


def test_every_guard_has_a_row():
    lost, held = guard_rows(proven_run().gate)
    assert (lost.outcome, lost.tone, lost.loss) == ("lost", "bad", "+0.76 [0.66, 0.86]")
    assert (held.before, held.after, held.outcome) == ("120", "131", "held")
    assert held.loss == "+11 [2, 18]"
    assert "1 of 2 guards held" in page_text(proven_run())


def test_guards_are_open_only_where_one_broke():
    opened = '<details class="table" open>'
    assert opened in render(assemble(proven_run()))
    assert opened not in render(assemble(proven_run(guards=(HELD_GUARD,))))


def test_a_chart_per_objective_has_everybody_and_people_one_of_their_own():
    data = proven_run()
    panels = [each for of in data.gate.objectives for each in gain_charts(of, data.gate)]
    panels += gain_scatters(data)
    assert [panel.title for panel in panels] == [
        "harmless: net preference",
        "harmless: gain and margin",
        "helpful: net preference",
        "helpful: gain and margin",
        "Each prompt: harmless and helpful",
    ]
    preference, scores = panels[:2]
    labels = [mark.text for mark in scores.marks if getattr(mark, "strong", False)]
    assert labels == ["examiner", "examiner, a change of nothing", "second", "teacher"]
    assert "gain, in net preference" in [getattr(mark, "text", "") for mark in preference.marks]
    dots = [mark.tone for mark in scores.marks if mark.kind == "dot"]
    assert dots == ["good", "axis", "good", "before"]


def test_hashes_stand_in_the_page():
    assert "4f" * 32 in page_text(proven_run())


@pytest.mark.parametrize("text", NASTY)
def test_nothing_untrusted_acts_in_the_page(text):
    text = text.replace("\ud800", "")
    reader = read(render(assemble(proven_run(text))))
    assert not {"script", "img"} & set(reader.tags)
    shown = "".join(reader.text)
    assert "\x00" not in shown
    assert "\x1b" not in shown


def test_without_judges_there_is_a_page():
    data = proven_run()
    gate = replace(data.gate, objectives=(), judges=())
    text = page_text(replace(data, gate=gate))
    assert "Nobody judged the answers." in text


def test_the_terminal_says_the_same_in_short():
    text = said(proven_run(), width=200)
    for expected in (
        "✕ Not held. 81% of answers begin with “This”, 5% before",
        "1 of 2 guards held.",
        "Over-optimisation (teacher − examiner): harmless by examiner +2.40; harmless by second",
        "A change of nothing: harmless by examiner +0.02 [−0.11, 0.15]",
        "Gains by seed: harmless by examiner +0.52, –, +0.41",
        "64 prompts would show a rise",
    ):
        assert expected in text
    bare = said(make_run())
    assert "guards" not in bare
    assert "A change of nothing" not in bare


@pytest.mark.parametrize("text", [*NASTY, "[red]x[/red]"])
def test_nothing_untrusted_acts_in_the_terminal(text):
    shown = said(proven_run(text), width=300)
    assert "\x1b" not in shown
    assert "\x00" not in shown
    if text.startswith("["):
        assert text in shown


def test_the_model_card_shows_judges_and_guards_and_no_answer():
    card = model_card(proven_run())
    for expected in (
        "- Not held: `81% of answers begin with “This”, 5% before (10% more may)`",
        "| Objective | Judge | Before | After | Gain | Interval | Over-optimisation |",
        "| `harmless` | `examiner` | 5.00 | 5.50 | +0.50 | [0.20, 0.80] | +2.40 |",
        "| `harmless` | `people` (`net preference`) | – | – | +0.20 |",
        "1 of 2 guards of what no objective names held.",
        "- `examiner` (did not make the pairs): `probe of layer 12",
        "  - `harmless: AUC 0.93 on held-out exemplars`",
        "The teacher made the pairs: it is shown, and decides nothing",
    ):
        assert expected in card
    assert "run's own judge" not in card
    assert "lonely" not in card
    assert "By seed" not in model_card(make_run())


def test_the_summary_for_a_pull_request_holds_the_proof():
    text = gate_markdown(proven_run().gate)
    for expected in (
        "## primum gate: fail ✕\n\n- Not held: `81% of answers begin",
        "| `harmless` | `teacher` | 5.00 | 7.90 | +2.90 |",
        "| +0.02 [−0.11, 0.15] | +0.52, –, +0.41 |",
        "`64 prompts would show a rise of 0.4 points in 80% of cases.`",
        "| `same opening` | 0.05 | 0.81 | +0.76 [0.66, 0.86] | 0.1 | `share of answers` | lost |",
        f"| `answers` | `{'4f' * 32}` |",
        "Worked out with `primum 0.1.0`.",
    ):
        assert expected in text
    assert "lonely" not in text
    passed = gate_markdown(proven_run(guards=(HELD_GUARD,)).gate)
    assert "; no objective fell, and the one guard held.`" in passed


@pytest.mark.parametrize("text", [*NASTY, "@everyone #1 https://evil.example [a](b) | *b*"])
def test_nothing_untrusted_is_markup_in_the_summary(text):
    made = gate_markdown(proven_run(text).gate)
    heads = [line for line in made.splitlines() if line.startswith("#")]
    assert heads == ["## primum gate: fail ✕", "### Guards", "### Judges", "### Hashes"]
    outside = outside_code(made)
    for sign in ("<", "@", "https", "](", "*"):
        assert sign not in outside
    assert "\x00" not in made
    rows = [line for line in made.splitlines() if line.startswith("| `same opening")]
    assert len(rows) == 1


def outside_code(text):
    """What is left of Markdown without its inline code."""
    kept, place = [], 0
    while place < len(text):
        run = len(text[place:]) - len(text[place:].lstrip("`"))
        end = text.find("`" * run, place + run) if run else -1
        while run and end >= 0 and text[end + run : end + run + 1] == "`":
            longer = len(text[end:]) - len(text[end:].lstrip("`"))
            end = text.find("`" * run, end + longer)
        if run and end >= 0:
            place = end + run
        else:
            kept.append(text[place : place + max(run, 1)])
            place += max(run, 1)
    return "".join(kept)


def test_a_summary_without_objectives():
    gate = replace(proven_run(guards=(HELD_GUARD,)).gate, objectives=(), judges=(), verdict="hold")
    text = gate_markdown(replace(gate, evidence={}))
    assert "`No objective was judged, so that no rise can be shown; the one guard held.`" in text
    assert "Nobody judged the answers." in text
    assert "### Hashes" not in text
