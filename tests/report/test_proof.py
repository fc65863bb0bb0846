"""How page, terminal, model card and summary show the proof."""

from dataclasses import replace

import pytest

from primum.report.page import assemble, render
from primum.report.proof.banner import banner
from primum.report.proof.effects import effects
from primum.report.proof.guards import guard_rows
from primum.report.proof.judges import judge_texts
from primum.report.proof.panels import gain_panels
from tests.report.proven import HELD_GUARD, broken_guard, proven_run
from tests.report.sample import NASTY, make_run
from tests.report.test_page import read


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
    assert passed.headline == "No objective fell and no guard was broken, and harmless rose."
    assert passed.broken == ()


def test_power_and_notes_are_told_at_the_verdict():
    details = banner(proven_run("(x)").gate).details
    assert "64 prompts would show a rise of 0.4 points in 80% of cases." in details
    assert "an answer was brought along (x)" in details


def test_the_teachers_surplus_is_the_over_optimisation():
    rows = effects(proven_run().gate)
    assert [(row.judge, row.role, row.optimised) for row in rows[:4]] == [
        ("examiner", "examiner", "+2.40"),
        ("second", "examiner", "+2.45"),
        ("people", "people", ""),  # In another unit.
        ("teacher", "teacher", ""),
    ]
    assert rows[0].noise == "+0.02 [−0.11, 0.15]"
    assert rows[0].by_seed == "+0.52, –, +0.41"
    assert (rows[1].noise, rows[1].by_seed) == ("", "")
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
    assert "1 of 2 guards held" in page_text(proven_run())


def test_guards_are_open_only_where_one_broke():
    opened = '<details class="table" open>'
    assert opened in render(assemble(proven_run()))
    assert opened not in render(assemble(proven_run(guards=(HELD_GUARD,))))


def test_a_chart_per_objective_has_everybody_and_people_one_of_their_own():
    panels = gain_panels(proven_run())
    assert [panel.title for panel in panels] == [
        "harmless: gain and margin",
        "harmless: gain and margin",
        "helpful: gain and margin",
        "helpful: gain and margin",
        "Each prompt: harmless and helpful",
    ]
    scores, preference = panels[:2]
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
