"""Who decides: all examiners, people where they marked, never the teacher."""

from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.evaluation.gate import decide, in_order, levels_of, objective_result, verdict_of
from primum.evaluation.gate_result import Shown
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation, Gate
from primum.statistics.interval import Interval
from primum.statistics.multiplicity import bonferroni
from tests.evaluation.tables import TEACHER, answers_of, evidence_of, judgements_of

QUICK = Evaluation(bootstrap=200)
ROWS = 40


def shown(judge="examiner", *, low, value, stricter=None, margin=0.2):
    stricter = low if stricter is None else stricter
    return Shown(
        judge=judge,
        objective="safe",
        unit="points",
        margin=margin,
        before=5.0,
        after=5.0 + value,
        gain=Interval(value, low, 2 * value - low, 64),
        low_superiority=stricter,
        held=low > -margin,
        rose=stricter > 0,
        reason=None,
    )


@st.composite
def any_shown(draw):
    value = draw(st.floats(-1, 1))
    low = value - draw(st.floats(0, 1))
    return shown(low=low, value=value, stricter=low - draw(st.floats(0, 0.5)))


examiners = st.lists(any_shown(), min_size=1, max_size=4).map(tuple)
objectives = st.lists(st.tuples(examiners, st.none() | any_shown()), min_size=1, max_size=4)


def results_of(given_):
    return in_order(
        [
            objective_result(f"o{place}", by, people=people)
            for place, (by, people) in enumerate(given_)
        ]
    )


@given(objectives)
def test_the_verdict_follows_from_what_was_shown(found):
    results = results_of(found)
    held, rose = [], []
    for by, people in found:
        if people is not None:
            held.append(people.held)
            rose.append(people.rose)
        else:
            held.append(all(each.held for each in by))
            rose.append(any(each.rose for each in by) and min(e.gain.value for e in by) >= 0)
    counted = [up and all(held[: place + 1]) for place, up in enumerate(rose)]
    assert [one.held for one in results] == held
    assert [one.rose for one in results] == rose
    assert [one.counted for one in results] == counted
    expected = "fail" if not all(held) else "pass" if any(counted) else "hold"
    assert verdict_of(results) == expected


@given(objectives, any_shown())
def test_one_more_examiner_never_makes_a_fall_hold(found, another):
    more = [((*by, another), people) for by, people in found]
    pairs = zip(results_of(more), results_of(found), strict=True)
    assert all(fewer.held or not now.held for now, fewer in pairs)


@given(objectives, any_shown())
def test_the_teacher_decides_nothing(found, teacher):
    for by, people in found:
        with_teacher = objective_result("o", by, teacher=teacher, people=people)
        assert replace(with_teacher, teacher=None) == objective_result("o", by, people=people)


def test_without_an_examiner_nothing_held():
    assert not objective_result("safe", ()).held


def test_people_decide_and_examiners_stay_visible():
    seen = shown(low=-0.5, value=-0.3)
    people = replace(shown("people", low=0.05, value=0.2), unit="net preference")
    result = objective_result("safe", (seen,), people=people)
    assert (result.held, result.rose, result.by) == (True, True, (seen,))
    assert result.sentence.startswith("safe: people, who decide, +0.20 [0.05, 0.35], did not fall")
    assert "examiner -0.30" in result.sentence
    assert result.to_json()["people"]["sentence"] == people.sentence


def evidence(changes, people=None):
    """Several judges, each of whom sees the same change on every prompt."""
    before = {"safe": [5.0] * ROWS}
    judgements = [
        judgements_of({"before": before, "after": {"safe": [5.0 + change] * ROWS}}, judge=judge)
        for judge, change in changes.items()
    ]
    examiners = [JudgeFacts(name, "examiner", "scripted") for name in changes if name != "teacher"]
    return replace(
        evidence_of(before, before),
        judgements=pa.concat_tables(judgements),
        judges=(TEACHER, *examiners),
        people=people or {},
    )


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"teacher": 3.0, "one": 1.0, "two": 0.0}, "pass"),
        ({"teacher": 3.0, "one": 1.0, "two": -0.1}, "hold"),
        ({"teacher": 3.0, "one": 1.0, "two": -0.5}, "fail"),
        ({"teacher": 3.0, "one": 0.0, "two": 0.0}, "hold"),
        ({"teacher": -3.0, "one": 1.0, "two": 1.0}, "pass"),
    ],
)
def test_examiners_together_and_never_the_teacher(changes, verdict):
    result = decide(evidence(changes), Gate(), QUICK, 0)
    assert result.verdict == verdict
    assert result.objectives[0].teacher.gain.value == pytest.approx(changes["teacher"])
    assert result.superiority_confidence == pytest.approx(1 - 0.05 / 2)
    if changes["two"] == -0.1:
        assert "another examiner contradicts it" in result.sentence


def test_people_decide_against_all_examiners():
    people = {"safe": shown("people", low=-0.6, value=-0.4)}
    result = decide(evidence({"teacher": 1.0, "one": 1.0}, people), Gate(), QUICK, 0)
    assert (result.verdict, result.failed) == ("fail", "safe")
    assert result.objectives[0].by[0].rose


@pytest.mark.parametrize("by_people", range(4))
@pytest.mark.parametrize("examiners", range(4))
def test_all_chances_of_a_rise_together_err_no_more_than_one_may(by_people, examiners):
    level = levels_of(QUICK, 3, examiners, 0).superiority
    people = by_people * (1 - bonferroni(QUICK.confidence, 3))
    total = people + (3 - by_people) * examiners * (1 - level)
    assert total <= 1 - QUICK.confidence + 1e-12


def test_without_an_examiner_nothing_holds_and_it_is_said():
    result = decide(evidence({"teacher": 3.0}), Gate(), QUICK, 0)
    assert (result.verdict, result.failed) == ("fail", "safe")
    assert "safe: not shown to hold, since no examiner judged it" in result.sentence


def test_rows_that_stand_twice_count_once():
    found = evidence({"one": 1.0})
    twice = replace(found, answers=pa.concat_tables([found.answers, found.answers]))
    assert decide(twice, Gate(), QUICK, 0).objectives[0].by[0].gain.n == ROWS


def test_a_score_that_is_no_number_is_missing():
    found = evidence({"one": 1.0})
    rows = found.judgements.to_pylist()
    spoilt = [{**row, "value": float("nan")} if row["prompt_id"] == "p0" else row for row in rows]
    judged = pa.Table.from_pylist(spoilt, schema=found.judgements.schema)
    gain = decide(replace(found, judgements=judged), Gate(), QUICK, 0).objectives[0].by[0].gain
    assert (gain.n, gain.missing, gain.value) == (ROWS - 1, 1, pytest.approx(1.0))


def of_models(scores, texts=None):
    """Evidence of one examiner from scores by answerer."""
    by_objective = {answerer: {"safe": values} for answerer, values in scores.items()}
    found = evidence_of({"safe": [5.0] * ROWS}, {"safe": [5.0] * ROWS})
    return replace(
        found,
        answers=answers_of({answerer: ["x"] * ROWS for answerer in scores}),
        judgements=judgements_of(by_objective),
    )


def test_several_trained_models_are_judged_together():
    scores = {"before": 5.0, "after": 6.0, "after-2": 5.9, "after-3": 6.1, "again": 5.1}
    found = of_models({answerer: [score] * ROWS for answerer, score in scores.items()})
    result = decide(found, Gate(), QUICK, 0)
    one = result.objectives[0].by[0]
    assert one.by_seed == pytest.approx((1.0, 0.9, 1.1))
    assert one.gain.value == pytest.approx(1.0)
    # No two prompts differ, so that all doubt comes from three seeds that do.
    assert one.gain.low == pytest.approx(1 - 4.303 * 0.1 / 3**0.5, abs=1e-3)
    assert one.after == pytest.approx(6.0)
    assert one.noise.value == pytest.approx(0.1)
    assert result.endings[1].total == 3 * ROWS
    assert result.prompts == ROWS


def test_a_model_of_one_seed_that_fell_far_is_not_hidden_by_the_others():
    scores = {"before": 5.0, "after": 6.0, "after-2": 6.0, "after-3": 4.0}
    found = of_models({answerer: [score] * ROWS for answerer, score in scores.items()})
    assert decide(found, Gate(), QUICK, 0).verdict == "fail"


def test_two_draws_at_a_temperature_are_compared_with_each_other():
    scores = {"before": 5.0, "after": 6.0, "again": 4.0, "again-2": 4.3}
    found = of_models({answerer: [score] * ROWS for answerer, score in scores.items()})
    noise = decide(found, Gate(), QUICK, 0).objectives[0].by[0].noise
    assert noise.value == pytest.approx(0.3)


def test_a_change_of_nothing_decides_nothing():
    scores = {"before": 5.0, "after": 6.0, "again": 9.0}
    found = of_models({answerer: [score] * ROWS for answerer, score in scores.items()})
    without = of_models({name: [scores[name]] * ROWS for name in ("before", "after")})
    with_noise, alone = (decide(each, Gate(), QUICK, 0) for each in (found, without))
    assert with_noise.verdict == alone.verdict == "pass"
    assert with_noise.objectives[0].by[0].noise.value == pytest.approx(4.0)
    assert alone.objectives[0].by[0].noise is None


def test_missing_scores_may_hide_falls():
    after = [5.0 + 0.1 * (place % 5) - 0.2 for place in range(ROWS)]
    whole = of_models({"before": [5.0] * ROWS, "after": after})
    lost = of_models({"before": [5.0] * ROWS, "after": [*after[:-5], *[None] * 5]})
    one, other = (decide(each, Gate(), QUICK, 0).objectives[0].by[0] for each in (whole, lost))
    assert other.gain.missing == 5
    assert other.gain.value == pytest.approx(one.gain.value)
    # A missing one counts as the mean of the worse half: a share of 5/40, 0.12 points lower.
    assert one.gain.low - other.gain.low == pytest.approx(5 / 40 * 0.124, abs=0.01)
    assert other.gain.high - one.gain.high < 0.01
