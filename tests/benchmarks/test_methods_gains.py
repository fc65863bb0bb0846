"""Gains of methods by judges that no run saw."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

import methods_bench
import methods_rows
from methods_bench import Bench
from methods_costs import soup_seconds, synthesis_calls
from methods_gains import Judged, Origin, judged, ranked, same_opening
from methods_page import NOT_RUN
from methods_records import inputs_of, keep_runs, read_runs
from methods_report import report_passed, rows_of_runs, set_table
from methods_results import Passed
from methods_rows import ROWS, SOUPS, Done, Found, Work, plan, read
from methods_sets import SETS
from primum.compare.finished import Cost, FinishedRun
from primum.compare.layout import PLAN
from primum.evaluation.gate_result import GateResult
from primum.evaluation.guards.result import GuardResult
from primum.judging.facts import JudgeFacts
from primum.statistics.interval import NOTHING
from primum.store.schemas import ANSWERS, JUDGEMENTS

JUDGES = ("states", "words")
OBJECTIVES = ("harmless", "helpful")
ORIGIN = Origin("small", "quickstart", "safe-rlhf", "1234")


def guard(name: str, held: bool) -> GuardResult:
    return GuardResult(name, "form", 0, 0, NOTHING, 0.1, "share", held, "")


def finished(
    row: str, sides: dict[str, list[str | None]], verdict: str = "hold", path: Path = Path()
) -> Done:
    """A finished run with such answers, one guard broken."""
    rows = [
        {
            "prompt_id": str(number),
            "messages": [{"role": "user", "content": f"Prompt {number}"}],
            "answerer": side,
            "text": text,
        }
        for side, texts in sides.items()
        for number, text in enumerate(texts)
    ]
    scores = [
        {"prompt_id": row["prompt_id"], "answerer": row["answerer"], "judge": judge}
        | {"objective": "harmless", "value": len(row["text"]) if row["text"] else None}
        for row in rows
        for judge in ("teacher", "probe")
    ]
    guards = (guard("same opening", False), guard("length", True))
    run = FinishedRun(
        method=row,
        seed=1,
        path=path,
        objectives=OBJECTIVES,
        answers=pa.Table.from_pylist(rows, schema=ANSWERS),
        judgements=pa.Table.from_pylist(scores, schema=JUDGEMENTS),
        judges=(JudgeFacts("teacher", "teacher", ""), JudgeFacts("probe", "examiner", "")),
        gate=GateResult(verdict, (), guards, (), None, len(rows), 0.95, 0.975, ()),
        cost=Cost(0, 0, 0, 0, 0, None),
    )
    return Done("safe-rlhf", run)


def length(answered):
    return np.array([float(len(text)) if text else np.nan for _, text in answered])


def scored(row: str, first: float, second: float, seed: int = 1, judges=JUDGES) -> Judged:
    """A run with the same gain at every prompt, by every judge."""
    gains = {"harmless": (first,) * 5, "helpful": (second,) * 5}
    return Judged(
        origin=ORIGIN,
        method=row,
        seed=seed,
        gains=dict.fromkeys(judges, gains),
        examined={"examiner": gains},
        opening=0.1,
        opening_before=0.2,
        broken=(),
        verdict="hold",
        seconds=3.0,
    )


@pytest.fixture
def stages(tmp_path) -> Path:
    """A run's folder with the seconds of its stages."""
    stages = {"train": {"seconds": 99.0}, "merge": {"seconds": 1.0}, "evaluate": {"seconds": 2.0}}
    (tmp_path / "manifest.json").write_text(json.dumps({"stages": stages}))
    return tmp_path


def test_runs_are_read_in_the_order_asked_for(tmp_path, monkeypatch):
    runs = [finished(row, {}).run for row in ("dpo", "spa", "sft")]
    missing = SimpleNamespace(method="simpo", seed=1, reason="no pair is left")
    comparison = SimpleNamespace(finished=runs, missing=[missing])
    monkeypatch.setattr(methods_rows, "read_comparison", lambda out: comparison)
    rows = ("spa", "simpo", "dpo")
    assert read(tmp_path, "safe-rlhf", rows, (1, 2)) == Found()
    (tmp_path / PLAN).touch()
    found = read(tmp_path, "safe-rlhf", rows, (1, 2))
    assert [done.row for done in found.runs] == ["spa", "dpo"]
    assert found.reasons == {("simpo", 1): "no pair is left"}


def test_gains_are_in_deviations_of_the_answers_before(stages):
    sides = {"before": ["a", "aaa", "aa"], "again": ["x"] * 3, "after": ["aa", "aaaa", None]}
    done = finished("dpo", sides, path=stages)
    found = judged(done, {("length", "helpful"): length}, ORIGIN)
    gain = found.gain("length", "helpful")
    assert gain.value == pytest.approx(1 / np.std([1, 3, 2]), abs=1e-3)
    assert (gain.n, gain.missing) == (2, 1)
    assert found.examined == {"probe": {"harmless": (1, 1, None), "helpful": (None,) * 3}}


def test_a_row_is_over_seeds_and_judges():
    [row] = rows_of_runs([scored("spa", 1, 0), scored("spa", 2, 1, seed=2)], OBJECTIVES)
    assert row.gain("words", "harmless").value == pytest.approx(1.5)
    assert row.examined("examiner", "helpful").value == pytest.approx(0.5)
    assert row.utility(5).value == pytest.approx((5 * 1.5 + 0.5) / 6)


def test_ranks_leave_out_what_samples_many():
    runs = [scored("spa", 1, 0), scored("dpo", 0.5, 2), scored("best-of-n", 9, 9)]
    rows = rows_of_runs(runs, OBJECTIVES)
    assert ranked(rows, 5) == ["spa", "dpo"]
    assert ranked(rows, 0.5) == ["dpo", "spa"]


def test_a_judge_that_missed_a_run_does_not_count():
    runs = [scored("spa", 1, 0), scored("dpo", 1, 0, judges=("words",))]
    assert {row.judges for row in rows_of_runs(runs, OBJECTIVES)} == {("words",)}


def test_a_table_says_what_is_missing_and_why(stages):
    done = finished("dpo", {"before": ["It is"] * 2, "after": ["It is", "No"]}, "fail", stages)
    judges = {("length", name): length for name in OBJECTIVES}
    rows = rows_of_runs([judged(done, judges, ORIGIN)], OBJECTIVES)
    reasons = {("sft", 1): "has not been run yet", ("sft", 2): "no pair is left"}
    table = set_table(SETS["safe-rlhf"], rows, reasons, ("spa", "dpo", "sft"), (1, 2))
    assert table.judges == ("length",)
    assert table.missing == {"spa": NOT_RUN, "sft": "no pair is left"}
    [line] = table.lines
    assert (line.verdicts, line.broken) == (("fail",), ("same opening",))
    assert (table.opening, line.opening) == (1, 0.5)


def test_runs_that_the_gate_passed_are_told_by_what_people_would_say():
    fell = replace(scored("dpo", -1, 1), verdict="pass")
    rose = replace(scored("spa", 1, -1, seed=2), verdict="pass")
    found = report_passed([fell, rose, scored("sft", -1, 0)], aloud=False)
    assert found == (Passed("states", 2, 1, 1), Passed("words", 2, 1, 1))
    assert report_passed([scored("sft", 1, 0)], aloud=True) == ()


def test_kept_runs_are_read_back_and_replaced_by_later_ones(tmp_path):
    path = tmp_path / "results" / "runs.jsonl"
    assert read_runs(path) == []
    missing = replace(scored("dpo", 1, 0), gains={"words": {"harmless": (0.5, None)}})
    keep_runs([missing, scored("spa", 1, 0, seed=2)], path)
    keep_runs([scored("spa", 3, 0, seed=2), scored("spa", 1, 0)], path)
    assert read_runs(path) == [scored("spa", 1, 0), missing, scored("spa", 3, 0, seed=2)]


def test_same_opening_counts_empty_answers_as_others():
    assert same_opening(["I can", "I am", "No", ""]) == 0.5
    assert same_opening(["", " "]) == 0


def test_first_seed_on_every_set_then_the_others_on_the_first():
    assert plan(("a", "b"), (3, 1)) == [Work("a", 3), Work("b", 3), Work("a", 1)]


def test_rows_are_named_once_and_the_most_wanted_first():
    assert len(set(ROWS)) == len(ROWS)
    assert ROWS[:3] == ("spa", "dpo", "simpo")


def test_calls_of_synthesis_alone_count():
    assert synthesis_calls([("synthesis", 3), ("evaluate", 5), ("synthesis", 1)]) == 4


@pytest.fixture
def bench(monkeypatch) -> Bench:
    """A benchmark of two methods on one set, whose inputs are those of `ORIGIN`."""
    inputs = {"spa": ORIGIN.inputs, "dpo": ORIGIN.inputs}
    monkeypatch.setattr(methods_bench, "inputs_of", lambda *_: inputs)
    return Bench("models/small", ("models/tiny",), "quickstart", ("safe-rlhf",), (*inputs,), (1, 2))


def test_runs_count_that_were_made_from_the_inputs_of_today(bench, monkeypatch):
    older = replace(ORIGIN, inputs="0000")
    runs = [
        scored("spa", 1, 0),
        replace(scored("dpo", 1, 0), origin=older),
        scored("dpo", 1, 0, seed=3),
        scored("sft", 1, 0),
        scored("dpo", 2, 0, seed=2),
    ]
    monkeypatch.setattr(methods_bench, "read_runs", lambda: runs)
    assert bench.kept("safe-rlhf") == [runs[0], runs[-1]]


def test_a_run_is_wanted_again_for_a_judge_that_it_lacks(bench, monkeypatch):
    runs = [scored("spa", 1, 0), scored("dpo", 1, 0, judges=("words", "tiny"))]
    monkeypatch.setattr(methods_bench, "read_runs", lambda: runs)
    assert bench.judged(Work("safe-rlhf", 1)) == {"dpo"}


def test_inputs_change_with_the_prompts_and_the_settings(tmp_path):
    prompts = tmp_path / "prompts.jsonl"
    found = []
    for text, recipe in (("a", "quickstart"), ("b", "quickstart"), ("a", "paper")):
        prompts.write_text(text)
        found.append(inputs_of(recipe, "safe-rlhf", prompts))
    assert {len({one[name] for one in found}) for name in ROWS} == {3}
    assert found[0]["spa"] != found[0]["dpo"]


def test_soups_cost_what_is_done_behind_training(stages):
    assert finished("soup-6-4", {}, path=stages).untrained_seconds == 3
    runs = [scored(name, 1, 0) for name in SOUPS]
    assert soup_seconds(runs) == 3 * len(SOUPS)
    assert soup_seconds(runs[1:]) is None
