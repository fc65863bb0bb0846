"""What is forecast is what a run then does."""

import json
import sqlite3
import sys
import types

import pytest

import primum
from primum import UserError
from primum.forecast import forecast
from primum.forecast.resources import model_shape
from primum.run.inputs import prepare_inputs
from primum.run.layout import CALLS
from primum.run.usage import read_usage
from primum.store.calls import CallStore, FinishedCall, call_key
from tests.engines.local.test_classifier import save_llama
from tests.run.small_job import FAST, PROMPTS, share_of_distinct_answers, write_constitution
from tests.tiny import tiny_model


@pytest.fixture
def constitution(tmp_path):
    return write_constitution(tmp_path / "kind-useful.yaml")


@pytest.fixture
def job(tiny_folder, constitution, tmp_path, monkeypatch):
    """The arguments of a run, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def arguments(*settings):
        return {
            "prompts": PROMPTS,
            "model": str(tiny_folder),
            "constitution": constitution,
            "out": tmp_path / "run",
            "overrides": (*FAST, *settings),
        }

    return arguments


def made(run):
    """Calls of a run by stage and purpose."""
    return {
        (stage.stage, purpose): calls
        for stage in read_usage(run).stages
        for purpose, calls in stage.purposes.items()
    }


def everything(folder):
    """Names, contents and times of all files."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize(
    ("settings", "tried"),
    [
        # Teacher and examiner are tried on both sides of twelve contrasts; a probe is not, where
        # these are too few for two halves.
        pytest.param(
            ("judging.kind=rating-expected", "judging.wordings=2"),
            2 * 24 * 2 * 2,
            marks=pytest.mark.slow,
        ),
        (("judging={kind: probe, kinds: {useful: rating-expected}}", "iterations=2"), 2 * 24),
    ],
)
def test_the_calls_of_a_run_are_foretold_to_the_last_one(job, settings, tried):
    arguments = job(*settings)
    expected = forecast(**arguments)
    primum.align(**arguments)
    found = made(arguments["out"])
    foretold = {(line.stage, line.purpose): line.calls for line in expected.calls}
    # An answer that training did not change is judged once.
    changed = share_of_distinct_answers(arguments["out"])
    judged = foretold["evaluate", "judge"] - tried
    foretold["evaluate", "judge"] = round(changed * judged) + tried
    assert foretold == {place: calls.calls for place, calls in found.items()}
    for line in expected.calls:
        calls = found[line.stage, line.purpose]
        assert calls.answer_tokens <= line.answer_tokens_most
        assert line.answer_tokens <= line.answer_tokens_most
        assert line.prompt_tokens <= line.prompt_tokens_most
        assert calls.calls <= line.calls_most == line.calls
        if line.purpose in ("sample", "evaluate", "fit probe"):
            assert calls.prompt_tokens == line.prompt_tokens == line.prompt_tokens_most
    training = json.loads((arguments["out"] / "training.json").read_text())
    rounds = len({line.stage for line in expected.calls}) - 1
    assert training["steps"] * rounds <= expected.training.steps
    assert expected.training.steps == rounds * 2


def test_rounds_with_prompts_of_their_own_are_counted_by_these(job):
    new = ("iterations=2", "round_prompts=new", "max_prompts=3")
    expected = forecast(**job("judging.kind=rating-expected", "sampling.n=4", *new))
    sampled = {line.stage: line.calls for line in expected.calls if line.purpose == "sample"}
    assert sampled == {"iteration-1/synthesis": 3 * 4, "synthesis": 3 * 4}
    # Three prompts, four to a step: one step for each round, not two.
    assert expected.training.steps == 2


@pytest.mark.slow
def test_ratings_that_are_written_may_be_asked_for_again(job):
    expected = forecast(**job("judging={kind: rating-text, retries: 2, max_tokens: 6}"))
    judging = [line for line in expected.calls if line.purpose == "judge"]
    assert {line.stage for line in judging} == {"synthesis", "evaluate"}
    # A rating that is not read is asked for again, and leaves its prompt without a refinement.
    calls = {(line.stage, line.purpose): line.calls for line in expected.calls}
    answered = calls["synthesis", "sample"] + calls["synthesis", "refine"]
    assert calls["synthesis", "refine"] > 0
    assert calls["synthesis", "judge"] == 2 * answered
    for line in judging:
        assert line.calls_most == 3 * line.calls > 0
        assert line.answer_tokens_most == 6 * line.calls_most


@pytest.mark.slow
def test_finished_calls_are_not_counted_again_and_nothing_is_written(job):
    arguments = job("judging.kind=rating-expected")
    out = arguments["out"]
    primum.align(**arguments)
    # As after a kill: the log is there, and a third of the candidates are not.
    with CallStore(out / CALLS) as store:
        store.add([FinishedCall(call_key(own=1), "own", b"x", 1, 1)])
        keeper = sqlite3.connect(out / CALLS)
        keeper.execute("SELECT count(*) FROM calls").fetchall()
        keys = keeper.execute("SELECT key FROM calls WHERE purpose = 'sample' ORDER BY finished")
        keeper.executemany("DELETE FROM calls WHERE key = ?", keys.fetchall()[-10:])
        keeper.commit()
        before = everything(out)
        expected = forecast(**arguments)
        assert everything(out) == before
        keeper.close()
    lines = {(line.stage, line.purpose): line for line in expected.calls}
    sample = lines["synthesis", "sample"]
    assert (sample.calls, sample.finished) == (10, 22)
    # Judged and refined are the answers that are there; those that are not yet have to be.
    assert lines["synthesis", "judge"].finished >= 22 * 2
    # The starting model answered once to compare with, and twice again.
    assert lines["evaluate", "evaluate"].finished == 3 * 10


def test_a_run_that_does_not_exist_is_not_made(job, tmp_path):
    forecast(**job("judging.kind=probe"))
    assert not (tmp_path / "run").exists()
    assert not list((tmp_path / "cache").rglob("*.npz"))


@pytest.mark.slow
def test_a_fitted_probe_needs_no_exemplars(job):
    arguments = job("judging.kind=probe")
    assert "fit probe" in {line.purpose for line in forecast(**arguments).calls}
    primum.align(**arguments)
    arguments["out"] = arguments["out"].with_name("other")
    assert "fit probe" not in {line.purpose for line in forecast(**arguments).calls}


def test_reward_models_and_functions(job, tmp_path, monkeypatch):
    asked = []
    module = types.ModuleType("own_judge")
    module.score = lambda messages, response: asked.append(response)
    monkeypatch.setitem(sys.modules, "own_judge", module)
    folder = save_llama(tmp_path / "reward")
    expected = forecast(
        **job(
            "judging.kinds={kind: reward-model, useful: python}",
            f"judging.reward_models={{kind: {{model: {folder}}}}}",
            "judging.function=own_judge:score",
        )
    )
    calls = {(line.stage, line.purpose): line.calls for line in expected.calls}
    assert calls["synthesis", "place reward model"] == 24
    assert calls["synthesis", "judge"] == 8 * (4 + 1)
    # A probe examines, and reads an answer once for both objectives. The reward model is tried on
    # what it was placed on the scale by. Answers: before, after, the starting model twice again.
    assert calls["evaluate", "judge"] == 2 * (4 * 10)
    assert asked == []


def test_another_run_s_directory_is_refused(job, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").touch()
    with pytest.raises(UserError, match="holds no run"):
        forecast(**job())


@pytest.mark.slow
def test_what_is_needed_follows_the_shape_of_the_model(job, tiny_folder, constitution):
    def shaped(*settings):
        given = prepare_inputs(PROMPTS, str(tiny_folder), constitution, None, (*FAST, *settings))
        return model_shape(given)

    full = shaped("training.lora=null", "training.learning_rate=1e-6")
    assert full.parameters == full.trained == tiny_model().num_parameters()
    assert (full.layers, full.width, full.vocabulary) == (4, 32, 400)
    assert full.cached == 2 * 4 * 2 * 8
    adapter = shaped("training.lora={rank: 2}")
    # Every block has q, k, v, o and three projections; each gets two factors of rank 2.
    sizes = [(32, 32), (32, 16), (32, 16), (32, 32), (32, 64), (32, 64), (64, 32)]
    assert adapter.trained == 4 * 2 * sum(one + other for one, other in sizes)
    small = forecast(**job("training.lora={rank: 2}"))
    large = forecast(**job("training.lora=null", "training.learning_rate=1e-6"))
    assert large.disk.needed > small.disk.needed > 0
    wider = forecast(**job("engine.batch_size=512"))
    assert wider.generation_memory.needed > small.generation_memory.needed
    text = json.dumps(wider.to_json(), allow_nan=False)
    assert json.loads(text)["total"]["calls"] == sum(line.calls for line in wider.calls)
