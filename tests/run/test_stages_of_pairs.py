"""Synthesis, filters and pairs as stages of a run: facts, sentences, and what a kill leaves."""

import tracemalloc
from collections import Counter
from functools import partial

import pytest

from primum.engines.base import Completion
from primum.errors import UserError
from primum.judging import Score
from primum.judging.base import EMPTY_RESPONSE
from primum.progress import Silent
from primum.recipe import load_recipe
from primum.run.directory import open_run
from primum.run.inputs import Inputs
from primum.run.layout import CALLS, DECISIONS, PAIRS, RESPONSES, SCORES
from primum.run.models import LoadedModels
from primum.run.plan import steps
from primum.run.stage import is_finished, run_step
from primum.run.stages import synthesis
from primum.store.calls import CallStore
from primum.store.files import TableParts, read_table
from primum.synthesis.synthesise import synthesise
from tests.synthesis.goals import GOALS, ByWords, Replies, prompt

SETTINGS = (
    "sampling={n: 2, system_prompts: ['']}",
    "refinement.n=1",
    "judging={kind: python, function: 'tests.synthesis.goals:ByWords'}",
    "denoising={consistency: 'off', informativeness: false}",
)
PROMPTS = tuple(prompt(f"p{number}") for number in range(5))
UNCLOSED = "the thought was never closed"


def do(out, reply, *settings, prompts=PROMPTS, judge=ByWords):
    """Runs the three stages; gives their facts, and the seeds that the engine answered."""
    inputs = Inputs("m", "m", GOALS, load_recipe(None, (*SETTINGS, *settings)), prompts, (), 0)
    answered = []

    def answer(request):
        completion = reply(request)
        answered.append(request.seed)
        return completion

    with (
        open_run(out, inputs.identity) as run,
        CallStore(out / CALLS) as calls,
        LoadedModels(
            inputs.recipe,
            GOALS,
            calls,
            Silent(),
            lambda name: Replies(answer),
            function=lambda name, constitution: judge(),
        ) as models,
    ):
        for step in steps("m", 1, out):
            if step.stage.name in ("synthesis", "filters", "pairs") and not is_finished(
                step, run, inputs
            ):
                run_step(step, run, inputs, models, Silent())
        return {name: record.facts for name, record in run.records.items()}, answered


def by_purpose(**completions):
    """The script of an engine: a completion for `sample`, and one for `refine`, by seed."""
    return lambda request: completions[request.purpose](request.seed)


def without_categories(facts):
    """What tests/run/test_by_category.py looks at."""
    return {name: value for name, value in facts.items() if name != "by_category"}


def scores(seed):
    return f"{1 + seed % 9} {1 + seed // 9 % 9} {seed}"


def ended(seed):
    return Completion(scores(seed), 3, "stop")


def best_but_cut(seed):
    return Completion("9.5 9.5", 3, "length")


def test_facts_count_what_was_cut_and_which_couples_are_no_pairs(tmp_path):
    facts, _ = do(tmp_path / "run", by_purpose(sample=ended, refine=best_but_cut))
    assert facts["synthesis"] == {
        "responses": 15,
        "tokens": 45,
        "cut": 5,
        "without_answer": 0,
        "missing_scores": 0,
    }
    assert facts["filters"] == {"prompts": 5, "kept": 5}
    # One prompt's two candidates stand at the same place of the order.
    dropped = {"a cut answer would win": 10, "the same in the order": 1}
    assert without_categories(facts["pairs"]) == {"pairs": 4, "dropped": dropped}
    facts, _ = do(
        tmp_path / "other", by_purpose(sample=ended, refine=best_but_cut), "pairing.cut=any"
    )
    expected = {"pairs": 14, "dropped": {"the same in the order": 1}}
    assert without_categories(facts["pairs"]) == expected


def test_no_pairs_since_what_would_win_was_cut(tmp_path):
    reply = by_purpose(sample=lambda seed: Completion("3 3", 3, "stop"), refine=best_but_cut)
    with pytest.raises(UserError) as failed:
        do(tmp_path / "run", reply)
    assert str(failed.value) == (
        "5 prompts were kept but gave no pair; couples of responses that are none: 10 a cut answer "
        "would win, 5 the same in the order; try a larger sampling.max_tokens and "
        "refinement.max_tokens, so that answers end, or pairing.cut=any"
    )
    left = {path.name for path in (tmp_path / "run").iterdir()}
    assert PAIRS not in left
    assert not [name for name in left if name.startswith(f".{PAIRS}")]


def test_no_pairs_since_no_thought_was_closed(tmp_path):
    lost = Completion("", 3, "length", thought="hm", missing=UNCLOSED)
    with pytest.raises(UserError) as failed:
        do(tmp_path / "run", by_purpose(sample=lambda seed: lost))
    assert str(failed.value) == (
        "all 5 prompts were filtered out (5 candidate scores missing); scores are missing mostly "
        f"because {UNCLOSED}; try a larger sampling.max_tokens and refinement.max_tokens"
    )


def test_no_pairs_since_the_judge_gave_no_scores(tmp_path):
    reply = by_purpose(sample=lambda seed: Completion("- -", 3, "stop"))
    with pytest.raises(UserError, match=r"because unread; try another judging\.kind"):
        do(tmp_path / "run", reply)


def test_no_pairs_since_the_model_said_nothing(tmp_path):
    class Strict(ByWords):
        def judge(self, items):
            return ((at, (Score(None, missing=EMPTY_RESPONSE),) * 2) for at in range(len(items)))

    reply = by_purpose(sample=lambda seed: Completion("", 0, "stop"))
    with pytest.raises(UserError, match=r"the response is empty; try a model that answers, or"):
        do(tmp_path / "run", reply, judge=Strict)


def test_many_reasons_of_a_judge_outweigh_one_of_the_model(tmp_path):
    class Talks(ByWords):
        def judge(self, items):
            for at, item in enumerate(items):
                yield at, (Score(None, missing=f"no rating in {item.response}"),) * 2

    lost = Completion("", 3, "length", thought="hm", missing=UNCLOSED)

    def sampled(seed):
        return lost if seed % 3 == 0 else Completion(f"{seed}", 1, "stop")

    with pytest.raises(UserError, match=r"because no rating in \d+; try another judging\.kind"):
        do(tmp_path / "run", by_purpose(sample=sampled), judge=Talks)


def test_no_pairs_since_no_refinement_fits(tmp_path):
    reply = by_purpose(sample=ended)
    settings = ("denoising.consistency=strict", "refinement.max_tokens=9999999")
    with pytest.raises(UserError, match=r"5 no refinement\); try a smaller sampling\.max_tokens"):
        do(tmp_path / "run", reply, *settings)


def test_no_pairs_since_one_response_alone_was_scored(tmp_path):
    with pytest.raises(UserError, match=r"none has two scored responses; try a larger sampling\.n"):
        do(tmp_path / "run", by_purpose(sample=ended), "refinement.n=0", "sampling.n=1")


def test_tables_lie_in_parts_that_belong_together(tmp_path, monkeypatch):
    monkeypatch.setattr(synthesis, "synthesise", partial(synthesise, at_once=2))
    out = tmp_path / "run"
    do(out, by_purpose(sample=ended, refine=ended))
    wanted = [{"p0", "p1"}, {"p2", "p3"}, {"p4"}]
    for file in (RESPONSES, SCORES, DECISIONS, PAIRS):
        parts = [set(part.column("prompt_id").to_pylist()) for part in TableParts(out / file)]
        assert parts == wanted


def test_a_run_that_died_goes_on_in_the_middle_of_a_part(tmp_path, monkeypatch):
    monkeypatch.setattr(synthesis, "synthesise", partial(synthesise, at_once=2))
    script = by_purpose(sample=ended, refine=ended)
    answered = Counter()

    def dying(request):
        if answered.total() == 9:  # Six of the first part, and half of the second part's sample.
            raise KeyboardInterrupt
        answered[request.seed] += 1
        return script(request)

    with pytest.raises(KeyboardInterrupt):
        do(tmp_path / "run", dying)
    # Nothing but the calls is there: tables are whole or absent.
    assert not list((tmp_path / "run").glob("*.parquet"))
    assert not list((tmp_path / "run").glob(".*.parquet*"))
    _, after = do(tmp_path / "run", script)
    assert len(after) == 15 - 9
    assert not set(after) & set(answered)
    do(tmp_path / "whole", script)
    for file in (RESPONSES, SCORES, DECISIONS, PAIRS):
        assert read_table(tmp_path / "run" / file) == read_table(tmp_path / "whole" / file)


def test_memory_does_not_grow_with_the_prompts(tmp_path, monkeypatch):
    monkeypatch.setattr(synthesis, "synthesise", partial(synthesise, at_once=20))
    peaks = []
    # The first one warms up what is made once.
    for number, size in enumerate((20, 60, 200)):
        prompts = tuple(prompt(f"p{at}") for at in range(size))
        tracemalloc.start()
        do(tmp_path / str(number), by_purpose(sample=ended, refine=ended), prompts=prompts)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The aim for 40,000 prompts; these take 8,000 bytes each where they are all held at once.
    assert (peaks[2] - peaks[1]) / 140 < 2000
