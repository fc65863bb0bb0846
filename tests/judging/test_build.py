import sys
import types

import numpy as np
import pytest

from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.judging import CompositeJudge, ExpectedRating, ProbeJudge, TextRating, build_judge
from primum.judging.composite import restricted_to
from primum.judging.kinds import judging_model, kinds_of
from primum.progress import Silent
from primum.recipe.schema import Judging, RewardModel
from tests.judging.goals import constitution, item
from tests.judging.test_judges import states


@pytest.fixture
def engine():
    return ScriptedEngine(
        answer=lambda request: "Rating: 4",
        choice=lambda request: np.log(np.full(10, 0.1)),
        representation=states,
        layers=5,
    )


@pytest.fixture
def build(engine, tmp_path):
    def make(**settings):
        return build_judge(
            Judging(**settings), engine, constitution(), cache=tmp_path, progress=Silent()
        )

    return make


@pytest.mark.parametrize(
    ("kind", "judge"),
    [("rating-expected", ExpectedRating), ("rating-text", TextRating), ("probe", ProbeJudge)],
)
def test_every_kind_is_built(build, kind, judge):
    assert isinstance(build(kind=kind), judge)


def test_settings_reach_the_judge(build):
    judge = build(kind="rating-text", wordings=3, retries=5, max_tokens=9)
    assert (judge.wordings, judge.retries, judge.max_tokens) == (3, 5, 9)
    assert build(wordings=2).wordings == 2


def test_objectives_may_have_judges_of_different_kinds(build, monkeypatch):
    function = types.ModuleType("kind_of_judge")
    function.score = lambda messages, response: {"kind": 7.5}
    monkeypatch.setitem(sys.modules, "kind_of_judge", function)
    judge = build(kind="rating-text", kinds={"kind": "python"}, function="kind_of_judge:score")
    assert isinstance(judge, CompositeJudge)
    judged = dict(judge.judge([item("yes"), item("no")]))
    assert [[score.value for score in judged[at]] for at in (0, 1)] == [[7.5, 4.0]] * 2


def test_a_merged_judge_asks_each_part_about_its_own_objectives(build, engine):
    judge = build(kind="rating-expected", kinds={"kind": "probe"})
    [(_, scores)] = list(judge.judge([item("a good one")]))
    assert engine.calls == {"fit probe": 36, "judge": 2}
    assert scores[0].value > 6
    assert scores[1].value == pytest.approx(5.5)


def test_the_part_of_a_constitution_speaks_its_language():
    german = constitution().model_copy(update={"language": "de"})
    assert restricted_to(german, [1]).language == "de"


def test_missing_scores_stay_where_they_are(build):
    judge = build(kind="rating-expected", kinds={"brief": "probe"})
    judged = dict(judge.judge([item(""), item("good")]))
    assert [score.value for score in judged[0]] == [None, None]
    assert all(score.value is not None for score in judged[1])


def test_the_order_of_objectives_is_kept_whichever_judge_comes_first(build):
    one = build(kind="rating-text", kinds={"kind": "rating-expected"})
    other = build(kind="rating-expected", kinds={"brief": "rating-text"})
    for judge in (one, other):
        [(_, scores)] = list(judge.judge([item("yes")]))
        assert [score.value for score in scores] == pytest.approx([5.5, 4.0])
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != build(kind="rating-text").fingerprint


def test_naming_the_same_kind_again_is_no_merging(build):
    assert isinstance(build(kind="probe", kinds={"kind": "probe"}), ProbeJudge)


def test_a_part_of_a_constitution_is_not_taken_for_the_whole():
    whole = constitution()
    part = restricted_to(whole, (1,))
    assert [objective.name for objective in part.objectives] == ["brief"]
    assert whole.fingerprint != part.fingerprint
    assert restricted_to(whole, (0, 1)).fingerprint == whole.fingerprint


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kinds": {"kindd": "probe"}}, r"judging\.kinds names .*'kindd'.*did you mean kind\?"),
        ({"kinds": {"zzz": "probe"}}, "it has kind, brief"),
        (
            {"reward_models": {"breif": RewardModel(model="x")}},
            r"judging\.reward_models names .*did you mean brief\?",
        ),
        ({"kinds": {"brief": "reward-model"}}, "'brief' is judged by a reward model, but none"),
        ({"kind": "python"}, "set judging.function=module:function"),
    ],
)
def test_settings_that_do_not_fit_are_one_sentence(settings, message):
    with pytest.raises(UserError, match=message):
        kinds_of(Judging(**settings), constitution())


def test_who_judges():
    assert judging_model(Judging(), "second", "first") == "second"
    assert judging_model(Judging(model="base"), "second", "first") == "first"
    assert judging_model(Judging(model="owner/name"), "second", "first") == "owner/name"
