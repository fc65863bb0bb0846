"""How far a run is, from its files."""

import json
from dataclasses import asdict

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from primum.errors import UserError
from primum.run.layout import CALLS, MANIFEST, PAIRS
from primum.store.calls import CallStore, FinishedCall, call_key
from primum.view.folders import find
from primum.view.live import live_run
from primum.view.losses import loss_view
from primum.view.pairs import first_pairs
from tests.view.made import (
    HOSTILE,
    make_comparison,
    make_finished,
    make_run,
    write_pairs,
    write_progress,
)


def live(root, place="run"):
    [found] = [each for each in find(root).found if each.place == place]
    return live_run(found, root)


def test_a_run_that_goes_on(tmp_path):
    run = make_run(tmp_path / "run", "prompts")
    counted = {"done": 30, "total": 70, "stored": 10, "unpaced": 10, "tokens": 400}
    write_progress(run, task="sample", seconds=10.0, notes=["one prompt was left out"], **counted)
    found = live(tmp_path)
    assert (found.title, found.subtitle) == ("run", "org/model · kind-useful · recipe quickstart")
    assert (found.state, found.now) == ("running", "Step 2 of 6, synthesis.")
    assert found.counted == "sample: 30 of 70"
    assert found.part == pytest.approx(30 / 70)
    assert (found.rate, found.left) == ("10 stored, 2/s, 40 tokens/s", "0:20 left")
    assert [(step.name, step.state, step.said) for step in found.steps[:3]] == [
        ("prompts", "done", "1 min 00 s"),
        ("synthesis", "now", "goes on"),
        ("pairs", "waiting", ""),
    ]
    assert found.notes == ("one prompt was left out",)
    assert found.pairs.said == ""
    assert found.loss is None
    assert not found.over


def test_a_run_that_was_stopped_has_no_rate(tmp_path):
    run = make_run(tmp_path / "run", "prompts")
    write_progress(run, task="sample", done=30, total=70, seconds=10.0, ended="stopped")
    found = live(tmp_path)
    assert (found.counted, found.rate, found.left) == ("sample: 30 of 70", "", "")
    assert found.steps[1].said == "stopped here"
    assert found.over


def test_calls_so_far(tmp_path):
    run = make_run(tmp_path / "run", "prompts")
    write_progress(run)
    with CallStore(run / CALLS) as store:
        store.add([FinishedCall(call_key(name=1), "sample", b"x", 1200, 70)])
        store.note_hits({"sample": 3})
        spent = dict(live(tmp_path).spent)
    assert spent["Calls"] == "1 made, 3 answered from the store"
    assert spent["Tokens"] == "1\u202f200 read, 70 written"
    assert spent["Finished steps"] == "1 in 1 min 00 s"


def test_calls_of_a_comparison_are_those_of_all_its_runs(tmp_path):
    out = make_comparison(tmp_path / "out")
    with CallStore(out / CALLS) as store:
        store.add([FinishedCall(call_key(name=1), "sample", b"x", 12, 7)])
    spent = dict(live(tmp_path, "out/runs/dpo/0").spent)
    assert spent["Calls of the whole comparison"].startswith("1 made")
    # The comparison lies above the folder that is viewed, where nothing is read.
    assert "Calls" not in " ".join(dict(live(out / "runs" / "dpo", "0").spent))


def test_a_damaged_store_is_told(tmp_path):
    run = make_run(tmp_path / "run", "prompts")
    (run / CALLS).write_bytes(b"no store" * 999)
    assert "is damaged" in dict(live(tmp_path).spent)["Calls"]


def test_a_run_that_is_gone(tmp_path):
    run = make_run(tmp_path / "run", "prompts")
    [found] = find(tmp_path).found
    (run / MANIFEST).unlink()
    with pytest.raises(UserError, match="no run any more"):
        live_run(found, tmp_path)


def test_the_first_pair_of_each_of_the_first_prompts(tmp_path):
    write_pairs(tmp_path, *map(str, range(20)))
    found = first_pairs(tmp_path, ("safe", "kind"))
    assert found.said == "20 pairs. The first 8 of as many prompts:"
    assert [pair.prompt for pair in found.pairs] == list("01234567")
    pair = found.pairs[0]
    assert (pair.chosen_scores, pair.rejected_scores) == (
        "safe 7.25 · kind 5.00",
        "safe 3.00 · kind 5.50",
    )
    assert pair.why == "decided by safe, a gap of 4.25"
    assert first_pairs(tmp_path, ()).pairs[0].chosen_scores == "7.25 · 5.00"


def test_pairs_of_the_latest_round(tmp_path):
    for number in range(1, 11):
        folder = tmp_path / f"iteration-{number}"
        folder.mkdir()
        write_pairs(folder, f"of {number}")
    (tmp_path / "iteration-11").mkdir()  # Has begun, and has no pairs yet.
    assert first_pairs(tmp_path, ()).said == "1 pair in round 10."
    write_pairs(tmp_path, "last")
    assert first_pairs(tmp_path, ()).pairs[0].prompt == "last"


def test_pairs_that_cannot_be_read(tmp_path):
    (tmp_path / PAIRS).write_bytes(b"PAR1 no table")
    assert first_pairs(tmp_path, ()).said.startswith("The pairs cannot be read")
    pq.write_table(pa.table({"prompt": ["x"]}), tmp_path / PAIRS)
    assert first_pairs(tmp_path, ()).said.startswith("The pairs cannot be read")


def test_long_and_hostile_texts(tmp_path):
    write_pairs(tmp_path, HOSTILE, chosen="w" * 5000)
    pair = first_pairs(tmp_path, ()).pairs[0]
    assert "\u202e" not in pair.prompt
    assert "<img" in pair.prompt
    assert pair.chosen.endswith("w … (1\u202f000 characters more)")


def test_the_loss_so_far():
    assert loss_view(()) is None
    found = loss_view([(1, 1.1), (2, 0.9), (12, 0.75)])
    assert found.said == "Loss 1.100 at step 1, 0.750 at step 12."
    assert found.path.startswith("M8.0 ")
    assert found.path.count("L") == 2
    nan = float("nan")
    assert loss_view([(1, 1.0), (2, nan)]).said.endswith("; some steps have no number.")
    assert loss_view([(3, nan)]).said == "The loss is no number at step 3."


def test_everything_is_plain_data(tmp_path):
    run = make_finished(tmp_path / "run")
    write_pairs(run, "x")
    json.dumps(asdict(live(tmp_path)), allow_nan=False)
