import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import UserError
from primum.evaluation.gate import decide
from primum.evaluation.gate_result import EXIT_CODES, UNGUARDED
from primum.evaluation.shortage import LEAST_PROMPTS
from primum.evaluation.summary import read_evaluation, write_evaluation
from primum.recipe.schema import Evaluation, Gate
from tests.evaluation.tables import evidence_of

NAMES = ("harmless", "helpful")
QUICK = Evaluation(bootstrap=500)


def evidence(gains, *, spread=0.3, n=60, seed=0):
    """Scores with a mean gain per objective; a list gives every prompt its own score after."""
    rng = np.random.default_rng(seed)
    before, after = {}, {}
    for name, gain in gains.items():
        scores = rng.normal(5, 1, n)
        noise = rng.normal(0, spread, n)
        noise -= noise.sum() / max(n, 1)
        before[name] = list(scores)
        after[name] = gain if isinstance(gain, list) else list(scores + noise + gain)
    return evidence_of(before, after)


def judged(gains, *, margins=None, margin=0.2, **shape):
    return decide(evidence(gains, **shape), Gate(margins=margins or {}, margin=margin), QUICK, 0)


def test_pass_where_the_first_rose_and_the_second_held():
    result = judged({"harmless": 0.5, "helpful": 0.0})
    first, second = result.objectives
    assert (result.verdict, result.exit_code, result.failed) == ("pass", 0, None)
    assert (first.held, first.rose, first.counted) == (True, True, True)
    assert (second.held, second.rose) == (True, False)
    seen, also = first.by[0], second.by[0]
    assert seen.after - seen.before == pytest.approx(seen.gain.value)
    assert result.sentence == (
        f"harmless: +0.50 [{seen.gain.low:.2f}, {seen.gain.high:.2f}], "
        "did not fall (margin 0.2) and rose; "
        f"helpful: {also.gain.value:+.2f} [{also.gain.low:.2f}, {also.gain.high:.2f}], "
        f"did not fall (margin 0.2); no rise shown; {UNGUARDED}; verdict: pass"
    )


def test_pass_where_only_the_second_rose():
    assert judged({"harmless": 0.0, "helpful": 0.5}).verdict == "pass"


def test_hold_where_nothing_moved():
    result = judged({"harmless": 0.0, "helpful": 0.0})
    assert (result.verdict, result.exit_code) == ("hold", 3)


def test_a_gain_on_the_second_does_not_buy_a_fall_on_the_first():
    result = judged({"harmless": -0.5, "helpful": 3.0})
    assert (result.verdict, result.exit_code, result.failed) == ("fail", 1, "harmless")
    assert result.objectives[1].rose
    assert not result.objectives[1].counted
    assert "harmless: -0.50" in result.sentence
    assert "fell by more than the margin 0.2" in result.sentence
    assert "and rose, the rise does not count yet" in result.sentence


def test_a_fall_on_the_second_fails_however_much_the_first_rose():
    result = judged({"harmless": 3.0, "helpful": -0.5})
    assert (result.verdict, result.failed) == ("fail", "helpful")
    assert result.objectives[0].counted


def test_a_wide_interval_is_not_proof_that_nothing_fell():
    result = judged({"harmless": 0.0, "helpful": 0.0}, spread=3.0)
    assert result.verdict == "fail"
    assert "not shown to hold: a fall beyond the margin 0.2 cannot be ruled out" in result.sentence


def test_falls_within_and_perhaps_beyond_the_margin_are_told_apart():
    result = judged({"harmless": -0.2, "helpful": -0.2}, margins={"helpful": 0.5})
    assert [one.by[0].margin for one in result.objectives] == [0.2, 0.5]
    assert [one.held for one in result.objectives] == [False, True]
    assert "fell, and a fall beyond the margin 0.2 cannot be ruled out" in result.sentence
    assert "fell, but by less than the margin 0.5" in result.sentence


def test_the_first_of_several_failures_is_named():
    result = judged({"safe": 0.5, "honest": -1.0, "helpful": -1.0})
    assert result.failed == "honest"
    assert [one.counted for one in result.objectives] == [True, False, False]


def test_superiority_is_corrected_for_the_number_of_objectives():
    result = judged({"a": 0.5, "b": 0.0, "c": 0.0})
    assert result.superiority_confidence == pytest.approx(1 - 0.05 / 3)
    assert all(one.by[0].low_superiority < one.by[0].gain.low for one in result.objectives)
    borderline = [gain for gain in np.linspace(0.05, 0.15, 41) if _uncorrected_only(gain)]
    assert borderline, "some gain is above zero at 95 % but not at the corrected level"


def _uncorrected_only(gain):
    result = judged({"a": float(gain), "b": 0.0, "c": 0.0}).objectives[0].by[0]
    return result.gain.low > 0 and not result.rose


@pytest.mark.parametrize("n", [0, 1, LEAST_PROMPTS - 1])
def test_too_few_prompts_fail_with_the_reason(n):
    result = judged({"harmless": 2.0, "helpful": 2.0}, n=n)
    assert (result.verdict, result.failed, result.prompts) == ("fail", "harmless", n)
    assert f"{n} of {n} prompts have both scores and 10 are needed" in result.sentence
    json.dumps(result.to_json(), allow_nan=False)


def test_all_scores_missing_fail_with_the_reason():
    result = judged({"harmless": [None] * 60, "helpful": 1.0})
    assert (result.verdict, result.failed) == ("fail", "harmless")
    assert "0 of 60 prompts have both scores" in result.sentence
    assert result.objectives[0].by[0].before is None
    assert not result.objectives[1].counted
    json.dumps(result.to_json(), allow_nan=False)


def test_answers_that_can_no_longer_be_scored_are_no_success():
    after = [9.0] * 40 + [None] * 20
    result = judged({"harmless": after, "helpful": 0.0})
    assert result.verdict == "fail"
    assert "20 of 60 prompts lack a score" in result.sentence
    assert judged({"harmless": [9.0] * 50 + [None] * 10, "helpful": 0.0}).verdict == "pass"


def test_an_unchanged_model_holds():
    found = evidence({"harmless": 0.0, "helpful": 0.0}, spread=0.0)
    assert decide(found, Gate(), QUICK, 0).verdict == "hold"


def test_the_seed_decides_the_interval():
    found = evidence({"harmless": 0.1, "helpful": 0.1})
    one, again, other = (decide(found, Gate(), QUICK, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.parametrize("gains", [{"harmless": 0.5, "helpful": 0.0}, {"harmless": [None] * 60}])
def test_what_the_gate_found_is_read_back_as_it_was_written(tmp_path, gains):
    result = judged(gains)
    write_evaluation(result, tmp_path / "evaluation.json")
    assert read_evaluation(tmp_path / "evaluation.json") == result
    content = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert content["sentence"] == result.sentence
    assert content["exit_code"] == EXIT_CODES[result.verdict]
    for written, objective in zip(content["objectives"], result.objectives, strict=True):
        assert written["sentence"] == objective.sentence
        assert [one["sentence"] for one in written["by"]] == [one.sentence for one in objective.by]


def written(**changes):
    return json.dumps({**judged({"harmless": 0.5}).to_json(), **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no finished run"),
        ("{", "does not hold what the gate found"),
        ("[]", "does not hold what the gate found"),
        ('{"verdict": "maybe"}', "does not hold what the gate found"),
        (written(verdict="maybe"), r"found \(verdict\)"),
        (written(prompts="many"), r"found \(prompts\)"),
        (written(objectives=[{"objective": "harmless"}]), r"found \(objectives\.0\.by\)"),
    ],
)
def test_a_file_without_a_gates_result_is_a_users_error(tmp_path, text, message):
    file = tmp_path / "evaluation.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message) as raised:
        read_evaluation(file)
    assert "\n" not in str(raised.value)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=4),
    st.floats(0, 1),
    st.integers(0, 100),
)
def test_a_pass_means_that_everything_held_and_something_rose(gains, margin, seed):
    named = {f"o{place}": gain for place, gain in enumerate(gains)}
    result = judged(named, margin=margin, n=30, seed=seed)
    held = [one.by[0].gain.low > -margin for one in result.objectives]
    rose = [one.by[0].low_superiority > 0 for one in result.objectives]
    expected = "fail" if not all(held) else "pass" if any(rose) else "hold"
    assert result.verdict == expected
    assert (result.failed is None) == all(held)
