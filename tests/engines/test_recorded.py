import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

from primum.engines.base import (
    ChooseRequest,
    ClassifyRequest,
    GenerateRequest,
    RepresentRequest,
    SamplingParams,
)
from primum.engines.recorded import RecordedClassifier, RecordedEngine
from primum.engines.replay import request_key
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.messages import Message
from primum.store.calls import CallStore

PARAMS = SamplingParams(1.0, 1.0, 8)


def scripted() -> ScriptedEngine:
    return ScriptedEngine(
        answer=lambda request: f"answer {request.seed} \ud800 é",
        choice=lambda request: [-1.0, -2.5],
        representation=lambda request: np.full((len(request.layers), 3), 0.1, dtype=np.float32),
        layers=4,
    )


def generation(seed: int) -> GenerateRequest:
    return GenerateRequest((Message("user", "hi"),), PARAMS, seed, "test")


def test_a_finished_call_is_never_made_again(tmp_path):
    engine = scripted()
    with CallStore(tmp_path / "calls.sqlite") as store:
        first = dict(RecordedEngine(engine, store).generate([generation(s) for s in range(4)]))
    with CallStore(tmp_path / "calls.sqlite") as store:
        again = dict(RecordedEngine(engine, store).generate([generation(s) for s in range(6)]))
        assert store.count() == {"test": 6}
    assert engine.calls == {"test": 6}
    assert {k: again[k] for k in first} == first


def test_identical_requests_are_made_once_and_answered_each(tmp_path):
    engine = scripted()
    with CallStore(tmp_path / "calls.sqlite") as store:
        got = dict(RecordedEngine(engine, store).generate([generation(1), generation(1)]))
    assert engine.calls == {"test": 1}
    assert got[0] == got[1]


def test_an_interrupted_stream_keeps_what_was_finished(tmp_path):
    engine = scripted()
    with CallStore(tmp_path / "calls.sqlite") as store:
        stream = RecordedEngine(engine, store).generate([generation(s) for s in range(5)])
        next(stream)
        next(stream)
        stream.close()
    with CallStore(tmp_path / "calls.sqlite") as store:
        assert store.count() == {"test": 2}


def test_numbers_read_back_are_the_numbers_handed_out(tmp_path):
    engine = scripted()
    choose = ChooseRequest((Message("user", "hi"),), ("a", "b"), "choose")
    represent = RepresentRequest((Message("user", "hi"), Message("assistant", "x")), (1, 2), "r")
    with CallStore(tmp_path / "calls.sqlite") as store:
        recorded = RecordedEngine(engine, store)
        for _ in range(2):
            np.testing.assert_array_equal(dict(recorded.choose([choose]))[0], [-1.0, -2.5])
            [(_, states)] = list(recorded.represent([represent]))
            assert states.shape == (2, 3)
            assert states.dtype == np.float32
            np.testing.assert_array_equal(states, np.float32(np.float16(0.1)))
    assert engine.calls == {"choose": 1, "r": 1}


def test_hidden_states_beyond_half_precision_are_kept(tmp_path):
    large = np.array([[7e4, -1.0, 0.1]], dtype=np.float32)
    engine = ScriptedEngine(answer=lambda r: "", representation=lambda r: large, layers=4)
    represent = RepresentRequest((Message("user", "hi"), Message("assistant", "x")), (1,), "r")
    with CallStore(tmp_path / "calls.sqlite") as store:
        for _ in range(2):
            [(_, states)] = list(RecordedEngine(engine, store).represent([represent]))
            np.testing.assert_array_equal(states, large)
    assert engine.calls == {"r": 1}


@dataclass
class Outputs:
    """A classification model that counts its calls."""

    labels: tuple[str, ...] = ("a", "b")
    independent: bool = True
    fingerprint: str = "outputs"
    context: int = 99
    calls: int = 0

    def encode(self, messages, *, cut=False):
        return tuple(map(ord, messages[-1].content))

    def logits(self, requests):
        for index, request in enumerate(requests):
            self.calls += 1
            yield index, np.array([sum(request.ids), 0.1], dtype=np.float32)


def test_a_classification_is_a_call_like_any_other(tmp_path):
    model = Outputs()
    for _ in range(2):
        with CallStore(tmp_path / "calls.sqlite") as store:
            recorded = RecordedClassifier(model, store)
            ids = recorded.encode((Message("user", "hi"), Message("assistant", "yes")))
            requests = [ClassifyRequest(part, "judge") for part in (ids, ids[:1], ids)]
            got = dict(recorded.logits(requests))
            for index, request in enumerate(requests):
                np.testing.assert_array_equal(got[index], np.float32([sum(request.ids), 0.1]))
            [work] = store.work()
    assert model.calls == 2
    assert (work.calls, work.hits, work.prompt_tokens, work.answer_tokens) == (2, 4, 4, 0)


def test_tokens_and_waiting_are_booked(tmp_path):
    def slow(request):
        time.sleep(0.02)
        return "three words here"

    requests = [generation(seed) for seed in (1, 2, 2)]
    with CallStore(tmp_path / "calls.sqlite") as store, store.during("synthesis"):
        for _ in range(2):
            for _ in RecordedEngine(ScriptedEngine(answer=slow), store).generate(requests):
                time.sleep(0.05)
        [work] = store.work()
    assert (work.stage, work.purpose, work.calls, work.hits) == ("synthesis", "test", 2, 4)
    assert (work.prompt_tokens, work.answer_tokens) == (2, 6)
    assert 0.04 <= work.seconds < 0.25  # The caller's own 0.3 s are not the model's.


def test_long_answers_are_kept_small(tmp_path):
    text = "A careful answer says what is known, and what is not known. " * 40
    engine = ScriptedEngine(answer=lambda request: f"{text}{request.seed}")
    path = tmp_path / "calls.sqlite"
    with CallStore(path) as store:
        got = dict(RecordedEngine(engine, store).generate([generation(s) for s in range(200)]))
        again = dict(RecordedEngine(engine, store).generate([generation(s) for s in range(200)]))
    assert got == again
    assert got[7].text == f"{text}7"
    assert path.stat().st_size < 200 * len(text) / 5


def test_the_key_covers_everything_but_the_purpose():
    base = generation(1)
    keys = {request_key("model", base)}
    for change in (
        {"messages": (Message("system", "hi"),)},
        {"messages": (Message("user", "ho"),)},
        {"sampling": SamplingParams(0.9, 1.0, 8)},
        {"sampling": SamplingParams(1.0, 0.9, 8)},
        {"sampling": SamplingParams(1.0, 1.0, 9)},
        {"seed": 2},
    ):
        keys.add(request_key("model", replace(base, **change)))
    keys.add(request_key("other", base))
    keys.add(request_key("model", ChooseRequest(base.messages, ("a",), "test")))
    keys.add(request_key("model", RepresentRequest(base.messages, (1,), "test")))
    keys.add(request_key("model", RepresentRequest(base.messages, (1,), "test", before=True)))
    assert len(keys) == 11
    assert request_key("model", replace(base, purpose="other")) == request_key("model", base)


def test_another_model_is_another_call(tmp_path):
    one, other = scripted(), scripted()
    other.fingerprint = "another"
    with CallStore(tmp_path / "calls.sqlite") as store:
        list(RecordedEngine(one, store).generate([generation(0)]))
        list(RecordedEngine(other, store).generate([generation(0)]))
    assert other.calls == {"test": 1}


def test_a_scripted_engine_without_hidden_states_says_which_engine_has_them():
    engine = ScriptedEngine(answer=lambda request: "x")
    with pytest.raises(UserError, match="transformers engine"):
        list(engine.represent([RepresentRequest((Message("user", "x"),), (1,), "t")]))
