"""Length, saturation, test-retest, attacks, trust and suggestions."""

from dataclasses import replace

import numpy as np
import pytest

from primum.audit.measures.attack import ITEMS, attack_items, summarise
from primum.audit.measures.length import length_preference
from primum.audit.measures.pairs import LabelledPair
from primum.audit.measures.spread import retest, saturation
from primum.audit.suggest import accuracy_curve, suggest
from primum.audit.trust import Findings, Trust, weigh
from primum.constitution import Constitution
from primum.judging import Item
from primum.judging.controls import LengthJudge, RandomJudge
from primum.messages import Message
from primum.statistics.interval import NOTHING, Interval
from primum.statistics.judges.agreement import agreement
from primum.statistics.judges.rv import CurvePoint

SCALE = (1.0, 10.0)


def pair(better, worse, at=0):
    return LabelledPair(0, str(at), (Message("user", f"q{at}"),), better, worse)


def constitution(first=12, second=12):
    def exemplars(name, count):
        return [
            {"prompt": f"q{at}", "better": f"{name} good {at}", "worse": f"{name} bad {at}"}
            for at in range(count)
        ]

    return Constitution.model_validate(
        {
            "name": "two",
            "objectives": [
                {"name": "kind", "definition": "d", "exemplars": exemplars("kind", first)},
                {"name": "brief", "definition": "d", "exemplars": exemplars("brief", second)},
            ],
        }
    )


def test_a_judge_of_length_is_seen_through():
    pairs = [pair("a" * (5 + at), "a" * 20, at) for at in range(30)]
    scores = np.array([[len(p.better), len(p.worse)] for p in pairs], dtype=float)
    found = length_preference(scores, pairs, seed=0)
    assert found.better_shorter.value == 0.0
    assert found.better_longer.value == 1.0
    assert (found.shorter_pairs, found.longer_pairs) == (15, 14)
    assert found.correlation == pytest.approx(1.0)


def test_length_without_variation_has_no_correlation():
    rng = np.random.default_rng(5)
    pairs = [pair("aa", "bb", at) for at in range(5)]
    scores = rng.normal(size=(5, 2))
    scores[0, 0] = np.nan
    found = length_preference(scores, pairs, seed=0)
    assert found.correlation is None
    assert found.better_shorter == NOTHING


def test_saturation_looks_at_both_ends_and_at_ties_within_prompts():
    values = [10.0, 10.0, 9.6, 5.0, 1.2, None]
    found = saturation(values, ["a", "a", "b", "b", "b", "b"], SCALE)
    assert (found.scores, found.missing) == (5, 1)
    assert found.top == pytest.approx(3 / 5)
    assert found.bottom == pytest.approx(1 / 5)
    assert found.ties == pytest.approx(1 / 4)
    assert saturation([None], ["a"], SCALE).top is None


def test_retest_is_zero_for_equal_and_the_noise_for_noisy_judgements():
    rng = np.random.default_rng(5)
    assert retest([1.0, None, 3.0], [1.0, 2.0, 3.0]).deviation == 0.0
    truth = rng.normal(size=4000)
    one, other = (truth + rng.normal(0, 0.5, 4000) for _ in range(2))
    found = retest(list(one), list(other))
    assert found.deviation == pytest.approx(0.5, rel=0.05)
    assert retest([None], [1.0]).deviation is None


def test_attacks_are_averaged_over_answers_and_the_worst_is_named():
    gains = np.array([[0.0, 2.0], [np.nan, 4.0], [0.0, 0.0]]).ravel()
    found = summarise(gains, 3, seed=0)
    assert found.gain.value == pytest.approx(6 / 5)
    assert found.worst == pytest.approx(2.0)
    assert (found.attacks, found.answers, found.missing) == (2, 3, 1)


def test_bad_answers_are_attacked_spread_over_the_pairs():
    pairs = [pair("good", f"bad {at}", at) for at in range(100)]
    items = attack_items(pairs)
    assert len(items) == ITEMS
    assert items[0].response == "bad 0"
    assert items[-1].response == "bad 99"
    assert attack_items([]) == []


def evidence(accuracy=0.9, count=100, gap=0.0, basis="labelled pairs"):
    rng = np.random.default_rng(5)
    right = np.arange(count) < accuracy * count
    scores = np.stack([right * 2.0, np.ones(count)], axis=1)
    names = [str(at) for at in range(count)]
    texts = [pair("a" * (9 + at % 3), "a" * 10, at) for at in range(count)]
    return Findings(
        objective="kind",
        later="brief",
        basis=basis,
        agreement=agreement(scores, names, seed=0),
        length=length_preference(scores, texts, seed=0),
        gap=gap,
        length_alone=Interval(0.5, 0.4, 0.6, 60),
        saturation=saturation(list(rng.uniform(2, 9, 50)), ["p"] * 50, SCALE),
        retest=retest([1.0], [1.0]),
        attack=None,
        across=(),
        cuts=False,
        scale=SCALE,
    )


def test_the_three_levels_of_trust():
    trusted = weigh(evidence())
    assert (trusted.level, trusted.gap, trusted.warnings) == ("trust", 0.0, ())
    assert trusted.sentence.startswith("kind: trust (labelled pairs: 90% of pairs right, ")
    above = weigh(evidence(0.7, gap=1.25))
    assert (above.level, above.gap) == ("above", 1.25)
    assert "trust above a gap of 1.2 points" in above.sentence
    no = weigh(evidence(0.5, gap=None))
    assert (no.level, no.gap) == ("no", None)
    assert "kind: do not use: at no score gap" in no.sentence


def test_a_judge_of_length_is_not_used_however_often_it_is_right():
    by_length = replace(evidence().length, better_shorter=Interval(0.1, 0.02, 0.3, 60))
    found = weigh(replace(evidence(), length=by_length))
    assert found.level == "no"
    assert found.gap is None
    assert "follows length" in found.sentence


def test_too_few_prompts_are_no_ground_for_trust():
    assert "only 12 prompts" in weigh(evidence(1.0, count=12)).sentence


def test_exemplars_alone_are_a_weak_basis():
    [warning] = weigh(evidence(basis="exemplars")).warnings
    assert "bring labelled pairs" in warning


def test_warnings_say_what_is_held_against_the_judge():
    attack = summarise(np.full(80, 2.0), 8, seed=0)
    found = weigh(
        replace(
            evidence(),
            length_alone=Interval(0.95, 0.9, 0.99, 60),
            saturation=saturation([10.0] * 9 + [1.0], ["p"] * 10, SCALE),
            attack=attack,
            retest=retest([1.0, 9.0], [9.0, 1.0]),
        )
    )
    text = " ".join(found.warnings)
    for words in ("length alone", "90% of scores lie at the top", "attacks raise", "judged twice"):
        assert words in text


def trust(gap):
    return Trust("above" if gap else "no", gap, "s", "exemplars", (), ())


def test_delta_is_the_largest_gap_needed_unless_the_first_objective_fails():
    assert suggest([trust(1.0), trust(2.5)], (), "").delta == 2.5
    assert suggest([trust(1.0), trust(None)], (), "").delta == 1.0
    failed = suggest([trust(None), trust(1.0)], (), "")
    assert failed.delta is None
    assert "first objective" in failed.delta_rule


def test_tau_comes_from_the_curve():
    points = (CurvePoint(0.5, 0.2, 0.8, 0.01), CurvePoint(1.0, 0.9, 0.5, 0.01))
    found = suggest([trust(1.0)], points, "RV")
    assert (found.tau, found.tau_share, found.measure) == (0.2, 0.5, "RV")
    assert suggest([trust(1.0)], (), "RV").tau is None


def test_the_accuracy_curve_sorts_labelled_prompts_by_their_determinant():
    names = [f"p{at}" for at in range(40)]
    known = {name: float(at) for at, name in enumerate(names)}
    scores = np.array([[1.0, 0.0] if at <= 20 else [0.0, 1.0] for at in range(40)])
    points = accuracy_curve(known, scores, names, seed=0)
    # p0 has a determinant of 0 and is left out.
    assert points[-1].value == pytest.approx(20 / 39)
    assert points[0].value == 1.0
    assert max(p.tau for p in points if p.value == 1.0) <= 20


def test_controls_know_nothing_but_what_they_say():
    goals = constitution()
    items = [Item((Message("user", "q"),), "x" * n) for n in range(1, 400)]
    items.append(Item((Message("user", "q"),), " "))
    drawn = [scores for _, scores in RandomJudge(goals, 1).judge(items)]
    assert drawn == [scores for _, scores in RandomJudge(goals, 1).judge(items)]
    values = np.array([[s.value for s in scores] for scores in drawn[:-1]])
    assert 1 <= values.min() < 1.3
    assert 9.7 < values.max() <= 10
    assert abs(np.corrcoef(values[:, 0], values[:, 1])[0, 1]) < 0.15
    assert drawn[-1][0].missing
    by_length = [scores[0].value for _, scores in LengthJudge(goals).judge(items)]
    assert by_length[:-1] == sorted(by_length[:-1])
    assert by_length[-1] is None
