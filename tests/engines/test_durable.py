import numpy as np
import pytest

from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest, SamplingParams
from primum.engines.durable import DurableEngine
from primum.engines.messages import Message
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
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
        first = dict(DurableEngine(engine, store).generate([generation(s) for s in range(4)]))
    with CallStore(tmp_path / "calls.sqlite") as store:
        again = dict(DurableEngine(engine, store).generate([generation(s) for s in range(6)]))
        assert store.count() == {"test": 6}
    assert engine.calls == {"test": 6}
    assert {k: again[k] for k in first} == first


def test_identical_requests_are_made_once_and_answered_each(tmp_path):
    engine = scripted()
    with CallStore(tmp_path / "calls.sqlite") as store:
        got = dict(DurableEngine(engine, store).generate([generation(1), generation(1)]))
    assert engine.calls == {"test": 1}
    assert got[0] == got[1]


def test_an_interrupted_stream_keeps_what_was_finished(tmp_path):
    engine = scripted()
    with CallStore(tmp_path / "calls.sqlite") as store:
        stream = DurableEngine(engine, store).generate([generation(s) for s in range(5)])
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
        durable = DurableEngine(engine, store)
        for _ in range(2):
            np.testing.assert_array_equal(dict(durable.choose([choose]))[0], [-1.0, -2.5])
            [(_, states)] = list(durable.represent([represent]))
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
            [(_, states)] = list(DurableEngine(engine, store).represent([represent]))
            np.testing.assert_array_equal(states, large)
    assert engine.calls == {"r": 1}


def test_another_model_is_another_call(tmp_path):
    one, other = scripted(), scripted()
    other.fingerprint = "another"
    with CallStore(tmp_path / "calls.sqlite") as store:
        list(DurableEngine(one, store).generate([generation(0)]))
        list(DurableEngine(other, store).generate([generation(0)]))
    assert other.calls == {"test": 1}


def test_a_scripted_engine_without_hidden_states_says_which_engine_has_them():
    engine = ScriptedEngine(answer=lambda request: "x")
    with pytest.raises(UserError, match="transformers engine"):
        list(engine.represent([RepresentRequest((Message("user", "x"),), (1,), "t")]))
