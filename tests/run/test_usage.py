import json

import pytest

from primum.errors import UserError
from primum.run.directory import open_run
from primum.run.layout import CALLS
from primum.run.usage import Calls, read_usage
from primum.store.calls import CallStore, FinishedCall, call_key
from primum.store.manifest import StageRecord

IDENTITY = {"model": "m", "constitution": "c", "recipe": "r"}
FINISHED = StageRecord("inputs", {}, 1.5, {})


def add(store, purpose, prompt, answer, seconds):
    key = call_key(prompt=prompt, answer=answer, purpose=purpose)
    store.add([FinishedCall(key, purpose, b"x", prompt, answer, seconds)])


def test_stages_of_all_rounds_with_their_calls(tmp_path):
    with open_run(tmp_path / "r", IDENTITY) as run, CallStore(run.path / CALLS) as store:
        for number in (1, 2, 10):
            run.record(f"iteration-{number}/synthesis", FINISHED)
        with store.during("iteration-2/synthesis"):
            add(store, "sample", 10, 20, 2.0)
            add(store, "sample", 10, 30, 3.0)
            store.note_hits({"sample": 2})
        with store.during("synthesis"):
            add(store, "judge", 100, 0, 4.0)
        # While the run goes on: this stage is not finished.
        usage = read_usage(run.path)
        run.record("synthesis", FINISHED)
        run.record("report", FINISHED)
    assert [stage.stage for stage in usage.stages] == [
        "iteration-1/synthesis",
        "iteration-2/synthesis",
        "iteration-10/synthesis",
        "synthesis",
    ]
    sample = usage.stages[1].purposes["sample"]
    assert sample == Calls(2, 2, 20, 50, 5.0)
    assert (sample.hit_rate, sample.tokens_per_second) == (0.5, 10.0)
    assert usage.stages[3].seconds is None
    assert usage.stages[3].purposes["judge"].tokens_per_second == 25.0
    assert not usage.finished
    assert usage.total == Calls(3, 2, 120, 50, 9.0)
    after = read_usage(tmp_path / "r")
    assert after.finished
    assert after.stages[3].seconds == 1.5
    assert after.stored_bytes > 0
    json.dumps(after.to_json(), allow_nan=False)


def test_a_run_that_has_made_no_call(tmp_path):
    with open_run(tmp_path / "r", IDENTITY):
        pass
    usage = read_usage(tmp_path / "r")
    assert usage.stages == ()
    assert usage.total.hit_rate is None
    assert usage.total.tokens_per_second is None


def test_what_is_no_run_is_one_sentence(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UserError, match="holds no run"):
            read_usage(path)
