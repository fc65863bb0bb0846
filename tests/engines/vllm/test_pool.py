"""What the vllm engine does apart from vLLM itself; runs where vLLM is not installed."""

import pytest

from primum.engines.base import RepresentRequest
from primum.engines.build import build_engine
from primum.engines.models.chat import ChatFormat
from primum.engines.recorded import RecordedEngine
from primum.engines.scripted import ScriptedEngine
from primum.engines.vllm import pool as vllm_pool
from primum.engines.vllm import setup as vllm_setup
from primum.engines.vllm.engine import VllmEngine
from primum.engines.vllm.host import Adapter, Base
from primum.engines.vllm.requests import next_tokens
from primum.errors import UserError
from primum.messages import Message
from primum.progress import Silent
from primum.recipe import Recipe
from primum.recipe.schema import EngineSettings
from primum.run.models import LoadedModels
from primum.store.calls import CallStore
from tests.judging.goals import constitution
from tests.tiny import tiny_tokenizer


def base(weights: str, memory: float = 0.9) -> Base:
    return Base(weights, "float32", 2048, memory, 1, False)


@pytest.fixture
def started(monkeypatch):
    """A pool whose hosts only write down that they started and ended."""
    events = []

    class Paper:
        def __init__(self, base, rank):
            self.base, self.rank = base, rank
            events.append(("start", base.weights, rank))

        def shut_down(self):
            events.append(("end", self.base.weights, self.rank))

    monkeypatch.setattr(vllm_pool, "start", Paper)
    monkeypatch.setattr(vllm_pool, "_running", {})
    monkeypatch.setattr(vllm_pool, "_ranks", {})
    return events


def test_models_with_one_base_share_one_vllm(started):
    vllm_pool.register(base("a"), None)
    vllm_pool.register(base("a"), Adapter("x", "folder", 16))
    assert vllm_pool.running_host(base("a")) is vllm_pool.running_host(base("a"))
    assert started == [("start", "a", 16)]


def test_an_adapter_that_comes_later_needs_one_restart(started):
    vllm_pool.register(base("a"), None)
    vllm_pool.running_host(base("a"))
    vllm_pool.register(base("a"), Adapter("x", "folder", 16))
    vllm_pool.register(base("a"), Adapter("y", "other", 8))
    vllm_pool.running_host(base("a"))
    vllm_pool.running_host(base("a"))
    assert started == [("start", "a", 0), ("end", "a", 0), ("start", "a", 16)]


@pytest.mark.parametrize(
    ("memory", "ended"),
    [(0.9, ["a", "b"]), (0.5, ["b"]), (0.3, [])],
)
def test_as_many_stay_as_fit_into_memory(started, memory, ended):
    for weights in ("a", "b", "a", "c"):
        vllm_pool.register(base(weights, memory), None)
        vllm_pool.running_host(base(weights, memory))
    # With room for two, b is the one used longest ago when c comes.
    expected = ["a", "b", "a"] if memory == 0.9 else ended
    assert [weights for event, weights, _ in started if event == "end"] == expected


def test_shutting_down_what_does_not_run_is_nothing(started):
    vllm_pool.shut_down(base("a"))
    assert started == []


def test_every_position_at_which_a_choice_goes_on_is_asked_once():
    assert dict(next_tokens(((1,), (1, 5), (2,), (1, 5, 6)))) == {
        (): (1, 2),
        (1,): (5,),
        (1, 5): (6,),
    }


def test_more_choices_than_one_request_may_ask_for_are_split():
    parts = list(next_tokens(tuple((token,) for token in range(300))))
    assert [len(tokens) for _, tokens in parts] == [128, 128, 44]
    assert sorted(token for _, tokens in parts for token in tokens) == list(range(300))


def test_nothing_to_do_starts_nothing(started):
    engine = VllmEngine(base("a"), None, ChatFormat(tiny_tokenizer()), "vllm")
    assert [*engine.generate([]), *engine.choose([])] == []
    assert started == []


def test_hidden_states_are_refused_with_what_to_do():
    engine = VllmEngine(base("a"), None, ChatFormat(tiny_tokenizer()), "vllm")
    request = RepresentRequest((Message("user", "x"), Message("assistant", "y")), (1,), "test")
    with pytest.raises(UserError, match=r"engine\.kind=transformers"):
        engine.represent([request])


def test_a_missing_vllm_is_told_with_how_to_install_it(tiny_folder, monkeypatch):
    monkeypatch.setattr(vllm_setup, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install '\.\[vllm\]'"):
        build_engine(EngineSettings(kind="vllm"), str(tiny_folder))


def test_release_closes_engines_that_hold_more_than_their_object(tmp_path):
    closed = []

    class Holding(ScriptedEngine):
        def close(self):
            closed.append(self.fingerprint)

    def load(model):
        kind = Holding if model == "held" else ScriptedEngine
        return kind(answer=lambda request: "", fingerprint=model)

    with CallStore(tmp_path / "calls.sqlite") as calls:
        models = LoadedModels(Recipe(), constitution(), calls, Silent(), load)
        assert isinstance(models.engine("held"), RecordedEngine)
        models.engine("plain")
        models.release()
    assert closed == ["held"]
