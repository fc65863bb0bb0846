"""Which model judges, in which round."""

import shutil
import sys

import pytest

from primum.engines.scripted import ScriptedEngine
from primum.progress import Silent
from primum.recipe import Recipe
from primum.recipe.schema import EngineSettings, Judging, RewardModel
from primum.recipe.server import OpenAIServer
from primum.run.models import LoadedModels
from primum.store.calls import CallStore
from tests.engines.local.test_classifier import save_llama
from tests.judging.goals import constitution, item
from tests.tiny import save_tiny


@pytest.mark.parametrize(
    ("named", "judging"),
    [
        ("policy", {"first": "first", "second": "second"}),
        ("base", {"first": "first", "second": "first"}),
        ("other", {"first": "other", "second": "other"}),
    ],
)
def test_the_model_that_judges(tmp_path, named, judging):
    loaded = []

    def load(model):
        loaded.append(model)
        return ScriptedEngine(answer=lambda request: "", fingerprint=model)

    with CallStore(tmp_path / "calls.sqlite") as calls:
        models = LoadedModels(
            Recipe(judging=Judging(model=named)),
            constitution(),
            calls,
            Silent(),
            load,
            base="first",
        )
        for policy, judge in judging.items():
            assert models.judge(policy).engine.fingerprint == judge
    assert sorted(loaded) == sorted(set(judging.values()))


def test_another_judge_is_part_of_what_scores_depend_on(tiny_folder, tmp_path, monkeypatch):
    from primum.judging import judge_identity

    assert judge_identity(Judging()) == {}
    assert judge_identity(Judging(model="base")) == {}
    copied = shutil.copytree(tiny_folder, tmp_path / "judge")
    named = judge_identity(Judging(model=str(copied)))
    assert list(named) == [f"model {copied}"]
    save_tiny(copied, seed=1)
    assert judge_identity(Judging(model=str(copied))) != named
    reward = RewardModel(model=str(tiny_folder))
    placed = judge_identity(Judging(reward_models={"kind": reward}))
    assert list(placed) == [f"model {tiny_folder}"]


def test_another_judging_function_is_too(tmp_path, monkeypatch):
    from primum.judging import judge_identity

    monkeypatch.chdir(tmp_path)
    identities = []
    for points in (3, 3, 4):
        monkeypatch.delitem(sys.modules, "judge_by_length", raising=False)
        text = f"def score(messages, response):\n    return {points}\n"
        (tmp_path / "judge_by_length.py").write_text(text)
        identities.append(judge_identity(Judging(function="judge_by_length:score")))
    assert list(identities[0]) == ["function judge_by_length:score"]
    assert identities[0] == identities[1] != identities[2]


def test_a_server_has_the_starting_model_alone(tmp_path, monkeypatch):
    made = []

    def build(settings, model):
        made.append((settings.kind, model))
        return ScriptedEngine(answer=lambda request: "", fingerprint=model)

    monkeypatch.setattr("primum.run.models.build_engine", build)
    engine = EngineSettings(kind="openai", openai=OpenAIServer(base_url="http://h/v1"))
    with CallStore(tmp_path / "calls.sqlite") as calls:
        models = LoadedModels(Recipe(engine=engine), constitution(), calls, Silent(), base="first")
        models.judge("first")
        for model in ("first", "openai:judge", "trained"):
            models.engine(model)
        for model in ("first", "trained"):
            models.local_engine(model)
    assert made == [
        ("openai", "first"),
        ("openai", "openai:judge"),
        ("transformers", "trained"),
        ("transformers", "first"),
    ]


def test_a_judge_on_a_server_is_not_looked_for_here():
    from primum.judging import judge_identity

    assert judge_identity(Judging(model="openai:owner/judge")) == {}


def test_what_a_reward_model_says_is_kept_like_any_other_call(tmp_path):
    # These random weights prefer the worse sides.
    named = RewardModel(model=str(save_llama(tmp_path / "reward")), lower_is_better=True)
    settings = Judging(
        kind="python",
        function="tests.run.test_models:indifferent",
        kinds={"kind": "reward-model"},
        reward_models={"kind": named},
    )
    with CallStore(tmp_path / "calls.sqlite") as calls:
        found = []
        for _ in range(2):
            models = LoadedModels(
                Recipe(judging=settings, engine=EngineSettings(device="cpu", dtype="float32")),
                constitution(),
                calls,
                Silent(),
                lambda model: ScriptedEngine(answer=lambda request: ""),
            )
            found.append(dict(models.judge("model").judge([item("good"), item("a bad one")])))
        work = {entry.purpose: entry for entry in calls.work()}
    assert found[0] == found[1]
    assert (work["judge"].calls, work["judge"].hits) == (2, 2)
    assert (work["place reward model"].calls, work["place reward model"].hits) == (24, 24)
    assert work["judge"].prompt_tokens > 0


def indifferent(messages, response):
    return {"brief": 5.0}
