import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import UserError
from primum.evaluation.gate import EXIT_CODES, LEAST_PROMPTS, decide
from primum.evaluation.summary import read_evaluation, write_evaluation
from primum.recipe.schema import Evaluation, Gate
from primum.store.schemas import evaluation_schema

NAMES = ("harmless", "helpful")
QUICK = Evaluation(bootstrap=500)


def table(gains, *, spread=0.3, n=60, seed=0):
    """An evaluation table with a mean gain per objective; a list gives every row its own gain."""
    rng = np.random.default_rng(seed)
    columns = {key: ["x"] * n for key in ("prompt_id", "category", "prompt", "before", "after")}
    for name, gain in gains.items():
        before = rng.normal(5, 1, n)
        noise = rng.normal(0, spread, n)
        noise -= noise.sum() / max(n, 1)
        columns[f"before_{name}"] = list(before)
        columns[f"after_{name}"] = gain if isinstance(gain, list) else list(before + noise + gain)
    return pa.table(columns, schema=evaluation_schema(tuple(gains)))


def judged(gains, *, margins=None, margin=0.2, **shape):
    evaluation = table(gains, **shape)
    return decide(evaluation, tuple(gains), Gate(margins=margins or {}, margin=margin), QUICK, 0)


def test_pass_where_the_first_rose_and_the_second_held():
    verdict = judged({"harmless": 0.5, "helpful": 0.0})
    first, second = verdict.results
    assert (verdict.verdict, verdict.exit_code, verdict.failed) == ("pass", 0, None)
    assert (first.held, first.rose, first.counted) == (True, True, True)
    assert (second.held, second.rose) == (True, False)
    assert first.after - first.before == pytest.approx(first.gain.mean)
    assert verdict.sentence == (
        f"harmless: +0.50 [{first.gain.low:.2f}, {first.gain.high:.2f}], "
        "did not fall (margin 0.2) and rose; "
        f"helpful: {second.gain.mean:+.2f} [{second.gain.low:.2f}, {second.gain.high:.2f}], "
        "did not fall (margin 0.2); no rise shown; verdict: pass"
    )


def test_pass_where_only_the_second_rose():
    assert judged({"harmless": 0.0, "helpful": 0.5}).verdict == "pass"


def test_hold_where_nothing_moved():
    verdict = judged({"harmless": 0.0, "helpful": 0.0})
    assert (verdict.verdict, verdict.exit_code) == ("hold", 3)


def test_a_gain_on_the_second_does_not_buy_a_fall_on_the_first():
    verdict = judged({"harmless": -0.5, "helpful": 3.0})
    assert (verdict.verdict, verdict.exit_code, verdict.failed) == ("fail", 1, "harmless")
    assert verdict.results[1].rose
    assert not verdict.results[1].counted
    assert "harmless: -0.50" in verdict.sentence
    assert "fell by more than the margin 0.2" in verdict.sentence
    assert "rose, which does not count yet" in verdict.sentence


def test_a_fall_on_the_second_fails_however_much_the_first_rose():
    verdict = judged({"harmless": 3.0, "helpful": -0.5})
    assert (verdict.verdict, verdict.failed) == ("fail", "helpful")
    assert verdict.results[0].counted


def test_a_wide_interval_is_not_proof_that_nothing_fell():
    verdict = judged({"harmless": 0.0, "helpful": 0.0}, spread=3.0)
    assert verdict.verdict == "fail"
    assert "not shown to hold: a fall beyond the margin 0.2 cannot be ruled out" in verdict.sentence


def test_falls_within_and_perhaps_beyond_the_margin_are_told_apart():
    verdict = judged({"harmless": -0.2, "helpful": -0.2}, margins={"helpful": 0.5})
    assert [result.margin for result in verdict.results] == [0.2, 0.5]
    assert [result.held for result in verdict.results] == [False, True]
    assert "fell, and a fall beyond the margin 0.2 cannot be ruled out" in verdict.sentence
    assert "fell, but by less than the margin 0.5" in verdict.sentence


def test_the_first_of_several_failures_is_named():
    verdict = judged({"safe": 0.5, "honest": -1.0, "helpful": -1.0})
    assert verdict.failed == "honest"
    assert [result.counted for result in verdict.results] == [True, False, False]


def test_superiority_is_corrected_for_the_number_of_objectives():
    verdict = judged({"a": 0.5, "b": 0.0, "c": 0.0})
    assert verdict.superiority_confidence == pytest.approx(1 - 0.05 / 3)
    assert all(result.low_superiority < result.gain.low for result in verdict.results)
    borderline = [gain for gain in np.linspace(0.05, 0.15, 41) if _uncorrected_only(gain)]
    assert borderline, "some gain is above zero at 95 % but not at the corrected level"


def _uncorrected_only(gain):
    result = judged({"a": float(gain), "b": 0.0, "c": 0.0}).results[0]
    return result.gain.low > 0 and not result.rose


@pytest.mark.parametrize("n", [0, 1, LEAST_PROMPTS - 1])
def test_too_few_prompts_fail_with_the_reason(n):
    verdict = judged({"harmless": 2.0, "helpful": 2.0}, n=n)
    assert (verdict.verdict, verdict.failed, verdict.prompts) == ("fail", "harmless", n)
    assert f"{n} of {n} prompts have both scores and 10 are needed" in verdict.sentence
    json.dumps(verdict.to_json(), allow_nan=False)


def test_all_scores_missing_fail_with_the_reason():
    verdict = judged({"harmless": [None] * 60, "helpful": 1.0})
    assert (verdict.verdict, verdict.failed) == ("fail", "harmless")
    assert "0 of 60 prompts have both scores" in verdict.sentence
    assert verdict.results[0].before is None
    assert not verdict.results[1].counted
    json.dumps(verdict.to_json(), allow_nan=False)


def test_answers_that_can_no_longer_be_scored_are_no_success():
    after = [9.0] * 40 + [None] * 20
    verdict = judged({"harmless": after, "helpful": 0.0})
    assert verdict.verdict == "fail"
    assert "20 of 60 prompts lack a score" in verdict.sentence
    assert judged({"harmless": [9.0] * 50 + [None] * 10, "helpful": 0.0}).verdict == "pass"


def test_an_unchanged_model_holds():
    evaluation = table({"harmless": 0.0, "helpful": 0.0}, spread=0.0)
    assert decide(evaluation, NAMES, Gate(), QUICK, 0).verdict == "hold"


def test_the_seed_decides_the_interval():
    evaluation = table({"harmless": 0.1, "helpful": 0.1})
    one, again, other = (decide(evaluation, NAMES, Gate(), QUICK, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_the_verdict_is_written_and_read(tmp_path):
    verdict = judged({"harmless": 0.5, "helpful": 0.0})
    write_evaluation(verdict, tmp_path / "evaluation.json")
    content = read_evaluation(tmp_path / "evaluation.json")
    assert content == json.loads(json.dumps(verdict.to_json()))
    assert content["objectives"][0]["gain"]["n"] == 60
    assert content["exit_code"] == EXIT_CODES["pass"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no finished run"),
        ("{", "cannot be read"),
        ("[]", "holds no verdict"),
        ('{"verdict": "maybe"}', "holds no verdict"),
        ('{"verdict": ["pass"]}', "holds no verdict"),
    ],
)
def test_a_damaged_verdict_is_a_users_error(tmp_path, text, message):
    file = tmp_path / "evaluation.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_evaluation(file)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=4),
    st.floats(0, 1),
    st.integers(0, 100),
)
def test_a_pass_means_that_everything_held_and_something_rose(gains, margin, seed):
    named = {f"o{place}": gain for place, gain in enumerate(gains)}
    verdict = judged(named, margin=margin, n=30, seed=seed)
    held = [result.gain.low > -margin for result in verdict.results]
    rose = [result.low_superiority > 0 for result in verdict.results]
    expected = "fail" if not all(held) else "pass" if any(rose) else "hold"
    assert verdict.verdict == expected
    assert (verdict.failed is None) == all(held)
