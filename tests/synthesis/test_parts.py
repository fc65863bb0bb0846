"""Prompts are taken some at a time: nothing depends on how many, and memory does not grow."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from primum.engines.base import Completion
from primum.progress import Silent
from primum.recipe.preferences import Denoising, Pairing, Quantile, WithinPromptSD
from primum.recipe.schema import Refinement, Sampling
from primum.store.schemas import RESPONSES
from primum.synthesis.filters import apply_filters
from primum.synthesis.pairs import build_pairs
from primum.synthesis.responses import joined
from primum.synthesis.synthesise import synthesise
from tests.synthesis.goals import GOALS, ByWords, Replies, Watcher, prompt

PROMPTS = [prompt(f"p{number}") for number in range(7)]
UNCLOSED = "the thought was never closed"
LEXICOGRAPHIC = Denoising(consistency="lexicographic", tau=Quantile(quantile=0.8))
BINS = Pairing(bin=WithinPromptSD(within_prompt_sd=0.5))


def reply(request):
    """Whatever the seed says: scores, one of them missing at times, cut, without an answer."""
    number = request.seed
    words = [str(1 + number % 10), "-" if number % 7 == 0 else str(1 + number // 10 % 10)]
    finish = "length" if number % 3 == 0 else "stop"
    thought = "hm" if number % 2 else None
    if number % 11 == 0:
        return Completion("", 9, "length", thought="hm", missing=UNCLOSED)
    return Completion(f"{' '.join(words)} {number}", 3, finish, thought)


def made_in_parts(at_once, prompts=PROMPTS, seed=0):
    judge = ByWords()
    engine = Replies(reply)
    sampling, refinement = Sampling(n=4, system_prompts=("",)), Refinement(n=2)
    parts = synthesise(
        engine, judge, prompts, GOALS, sampling, refinement, seed, Silent(), at_once=at_once
    )
    return list(parts), judge


def pairs_in_parts(parts):
    decisions = list(apply_filters(parts, GOALS, LEXICOGRAPHIC, BINS))
    pairs = list(build_pairs(parts, decisions, PROMPTS, GOALS, BINS))
    dropped = sum((part.dropped for part in pairs[1:]), pairs[0].dropped)
    return pa.concat_tables(decisions), pa.concat_tables([part.table for part in pairs]), dropped


def rows(table):
    return sorted(map(str, table.to_pylist()))


@given(st.integers(1, 6), st.integers(0, 1000))
def test_no_table_depends_on_how_many_prompts_are_taken_at_once(at_once, seed):
    parts, _ = made_in_parts(at_once, seed=seed)
    [whole], _ = made_in_parts(len(PROMPTS), seed=seed)
    assert len(parts) == -(-len(PROMPTS) // at_once)
    # Within a part candidates come first, so that only the order of rows may differ here.
    assert rows(joined(parts).responses) == rows(whole.responses)
    assert rows(joined(parts).scores) == rows(whole.scores)
    assert [name for part in parts for name in part.prompt_ids] == whole.prompt_ids
    assert pairs_in_parts(parts) == pairs_in_parts([whole])


def test_some_of_these_responses_are_cut_and_some_prompts_kept():
    decisions, pairs, dropped = pairs_in_parts(made_in_parts(3)[0])
    assert 0 < sum(decisions.column("kept").to_pylist()) < len(PROMPTS)
    assert pairs.num_rows
    assert {"a cut answer would win", "a thought on one side alone"} <= set(dropped)
    finishes = list(zip(*(pairs.column(f"{s}_finish").to_pylist() for s in SIDES), strict=True))
    assert ("stop", "length") in finishes
    assert ("length", "stop") not in finishes


SIDES = ("chosen", "rejected")


def test_a_response_without_an_answer_is_not_judged_and_its_scores_say_why():
    parts, judge = made_in_parts(3)
    made = joined(parts)
    lost = {r["response_id"] for r in made.responses.to_pylist() if r["missing"] == UNCLOSED}
    assert lost
    for row in made.scores.to_pylist():
        if row["response_id"] in lost:
            assert (row["value"], row["missing"]) == (None, UNCLOSED)
    assert len(judge.judged) == made.responses.num_rows - len(lost)
    assert all(item.response for item in judge.judged)


def test_the_judge_is_told_which_answers_were_cut():
    parts, judge = made_in_parts(3)
    cut = {r["text"] for r in joined(parts).responses.to_pylist() if r["finish"] == "length"}
    assert {item.response for item in judge.judged if item.cut} == cut - {""}


def test_parts_have_numbers_where_there_is_more_than_one():
    stages = {}
    for at_once in (3, 7):
        watcher = Watcher()
        sampling, refinement = Sampling(n=2, system_prompts=("",)), Refinement(n=1)
        parts = synthesise(
            Replies(reply), ByWords(), PROMPTS, GOALS, sampling, refinement, 0, watcher,
            at_once=at_once,
        )  # fmt: skip
        list(parts)
        stages[at_once] = [stage for stage, _, _ in watcher.told]
    assert stages[7] == ["sample", "judge", "refine", "judge refinements"]
    assert stages[3][:5] == [
        "sample 1/3",
        "judge 1/3",
        "refine 1/3",
        "judge refinements 1/3",
        "sample 2/3",
    ]


def test_nothing_is_drawn_before_it_is_asked_for():
    engine = Replies(reply)
    sampling, refinement = Sampling(n=2, system_prompts=("",)), Refinement(n=0)
    parts = synthesise(
        engine, ByWords(), PROMPTS, GOALS, sampling, refinement, 0, Silent(), at_once=2
    )
    assert engine.calls == {}
    next(parts)
    assert engine.calls == {"sample": 4}


def test_no_prompts_give_empty_tables():
    made = joined(made_in_parts(3, [])[0])
    assert made.responses.schema == RESPONSES
    assert made.responses.num_rows == made.scores.num_rows == 0
    [decisions] = apply_filters([made], GOALS, LEXICOGRAPHIC, BINS)
    assert decisions.num_rows == 0
