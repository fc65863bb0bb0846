"""Gains of methods by judges that no run saw."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from methods_costs import soup_seconds, synthesis_calls, untrained_seconds
from methods_gains import Judged, judged, ranked, same_opening
from methods_report import rows_of_runs, set_table
from methods_rows import ROWS, SOUPS, Done, Work, finished, plan
from methods_sets import SETS
from primum.compare.layout import run_folder
from primum.store.schemas import ANSWERS

JUDGES = ("states", "words")
OBJECTIVES = ("harmless", "helpful")


def written(folder: Path, sides: dict[str, list[str | None]], verdict: str = "hold") -> Path:
    """A run's answers and gate."""
    folder.mkdir(parents=True, exist_ok=True)
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
    pq.write_table(pa.Table.from_pylist(rows, schema=ANSWERS), folder / "answers.parquet")
    guards = [{"guard": "same opening", "held": False}, {"guard": "length", "held": True}]
    gate = {"verdict": verdict, "guards": guards}
    (folder / "evaluation.json").write_text(json.dumps(gate))
    return folder


def length(answered):
    return np.array([float(len(text)) if text else np.nan for _, text in answered])


def scored(row: str, first: float, second: float, seed: int = 1) -> Judged:
    """A run with the same gain at every prompt, by both judges."""
    gains = {"harmless": first, "helpful": second}
    before = {(judge, name): np.linspace(-1, 1, 5) for judge in JUDGES for name in OBJECTIVES}
    after = {key: scores + gains[key[1]] for key, scores in before.items()}
    return Judged(Done("safe-rlhf", row, seed, Path()), before, after, 0.1)


def test_only_finished_runs_are_read(tmp_path):
    written(run_folder(tmp_path, "dpo", 1), {"before": ["a"], "after": ["b"]})
    run_folder(tmp_path, "spa", 1).mkdir(parents=True)
    found = [*finished(tmp_path, "safe-rlhf", ("spa", "dpo"), (1, 2))]
    assert [(run.row, run.seed) for run in found] == [("dpo", 1)]
    assert found[0].broken == ["same opening"]


def test_gains_are_in_deviations_of_the_answers_before(tmp_path):
    sides = {"before": ["a", "aaa", "aa"], "again": ["x"] * 3, "after": ["aa", "aaaa", None]}
    run = Done("safe-rlhf", "dpo", 1, written(tmp_path, sides))
    found = judged(run, {("length", "helpful"): length})
    gain = found.gain("length", "helpful")
    assert gain.value == pytest.approx(1 / np.std([1, 3, 2]))
    assert (gain.n, gain.missing) == (2, 1)


def test_a_row_is_over_seeds_and_judges():
    [row] = rows_of_runs([scored("spa", 1, 0), scored("spa", 2, 1, seed=2)], OBJECTIVES)
    assert row.gain("words", "harmless").value == pytest.approx(1.5)
    assert row.utility(5).value == pytest.approx((5 * 1.5 + 0.5) / 6)


def test_ranks_leave_out_what_samples_many():
    runs = [scored("spa", 1, 0), scored("dpo", 0.5, 2), scored("best-of-n", 9, 9)]
    rows = rows_of_runs(runs, OBJECTIVES)
    assert ranked(rows, 5) == ["spa", "dpo"]
    assert ranked(rows, 0.5) == ["dpo", "spa"]


def test_a_table_names_what_is_not_run(tmp_path):
    path = written(tmp_path, {"before": ["It is"] * 2, "after": ["It is", "No"]}, "fail")
    run = Done("safe-rlhf", "dpo", 1, path)
    judges = {("length", name): length for name in OBJECTIVES}
    rows = rows_of_runs([judged(run, judges)], OBJECTIVES)
    table = set_table(SETS["safe-rlhf"], rows, ("spa", "dpo"), ("length",), (1,))
    assert table.missing == ("spa",)
    [line] = table.lines
    assert (line.verdicts, line.broken) == (("fail",), ("same opening",))
    assert (table.opening, line.opening) == (1, 0.5)


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


def test_soups_cost_what_is_done_behind_training(tmp_path):
    stages = {"train": {"seconds": 99.0}, "merge": {"seconds": 1.0}, "evaluate": {"seconds": 2.0}}
    assert untrained_seconds(stages) == 3
    runs = []
    for name in SOUPS:
        runs.append(Done("safe-rlhf", name, 1, tmp_path / name))
        runs[-1].path.mkdir()
        (runs[-1].path / "manifest.json").write_text(json.dumps({"stages": stages}))
    assert soup_seconds(runs) == 3 * len(SOUPS)
    assert soup_seconds(runs[1:]) is None
