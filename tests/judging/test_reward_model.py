from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pytest

from primum.constitution import Constitution, EqualPair, Objective
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.judging import build_judge
from primum.judging.composite import restricted_to
from primum.judging.reward_model import fit_reward_model, raw_score
from primum.progress import Silent
from primum.recipe.schema import Judging, RewardModel
from tests.engines.local.test_classifier import save_llama
from tests.judging.goals import constitution, item


@dataclass
class Stub:
    """A classifier whose outputs depend on the answer's text."""

    output: object
    labels: tuple[str, ...] = ("LABEL_0",)
    independent: bool = True
    context: int = 100
    fingerprint: str = "stub"

    def encode(self, messages, *, cut=False):
        return tuple(messages[-1].content + ("…" if cut else ""))

    def logits(self, requests):
        for at, request in reversed(list(enumerate(requests))):
            yield at, np.atleast_1d(self.output("".join(request.ids)))


def goodness(text):
    return (5.0 if "good" in text else 1.0) + 0.01 * len(text)


def fitted(classifier, exemplars=12, **settings):
    return fit_reward_model(
        classifier,
        RewardModel(model="stub", **settings),
        restricted_to(constitution(exemplars), (0,)),
        Silent(),
    )


def value(judge, text):
    [(_, [score])] = list(judge.judge([item(text)]))
    return score.value


def test_the_middle_of_the_exemplars_is_the_middle_of_the_scale():
    judge = fitted(Stub(goodness))
    assert value(judge, "kind good 3") > 7 > 4 > value(judge, "bad 3")
    middle = Stub(lambda text: 3.0 if text == "middle" else 5.0 if "good" in text else 1.0)
    assert value(fitted(middle), "middle") == pytest.approx(5.5)


@pytest.mark.parametrize(("factor", "offset"), [(1, 0), (50, -300), (0.001, 7)])
def test_the_unit_and_the_zero_of_a_model_do_not_count(factor, offset):
    one, other = fitted(Stub(goodness)), fitted(Stub(lambda t: factor * goodness(t) + offset))
    for text in ("good", "bad", "good and very long"):
        assert value(one, text) == pytest.approx(value(other, text))


def test_a_cost_is_turned_round_when_told_and_refused_when_not():
    cost = Stub(lambda text: -goodness(text))
    judge = fitted(cost, lower_is_better=True)
    assert value(judge, "good") == pytest.approx(value(fitted(Stub(goodness)), "good"))
    with pytest.raises(UserError, match=r"worse side in 100%.*lower_is_better=true"):
        fitted(cost)
    with pytest.raises(UserError, match="lower_is_better=false"):
        fitted(Stub(goodness), lower_is_better=True)


def test_sides_of_equal_pairs_place_nothing_and_are_not_read():
    whole = constitution()
    pair = EqualPair(prompt="q", equal=("good", "x" * 200))
    exemplars = (*whole.objectives[0].exemplars, pair)
    first = Objective(**{**dict(whole.objectives[0]), "exemplars": exemplars})
    with_pair = Constitution(name="one", objectives=(first, whole.objectives[1]))
    settings, part = RewardModel(model="stub"), restricted_to(with_pair, (0,))
    judge = fit_reward_model(Stub(goodness), settings, part, Silent())
    assert judge.placement == fitted(Stub(goodness)).placement


def test_a_model_that_knows_nothing_is_not_refused():
    fitted(Stub(lambda text: float(sum(map(ord, text)) % 7)))


def test_classes_count_by_their_odds():
    classifier = Stub(lambda text: [goodness(text), 0.0, 1.0], ("a", "kind", "c"), False)
    assert raw_score(classifier, [2.0, 0.0, 1.0], 0) == pytest.approx(2 - np.log(1 + np.e))
    assert raw_score(Stub(goodness), [2.0], 0) == 2.0


def test_the_label_is_the_one_named_or_that_of_the_objective():
    def output(text):
        return [0.0, goodness(text)]

    assert value(fitted(Stub(output, ("other", "Kind"))), "good") > 6
    assert value(fitted(Stub(output, ("x", "y")), label="y"), "good") > 6
    with pytest.raises(UserError, match=r"labels x, y, and none is called 'kind'.*kind\.label"):
        fitted(Stub(output, ("x", "y")))
    with pytest.raises(UserError, match="none is called 'z'"):
        fitted(Stub(goodness), label="z")


def test_a_cut_answer_is_scored_without_an_end():
    judge = fitted(Stub(lambda text: goodness(text) + 3 * (not text.endswith("…"))))
    cut, finished = (replace(item("good"), cut=cut) for cut in (True, False))
    judged = dict(judge.judge([cut, finished]))
    assert judged[0][0].value < judged[1][0].value


def test_what_cannot_be_scored_is_missing():
    judge = fitted(Stub(lambda text: np.nan if text == "overflow" else goodness(text)))
    judged = dict(judge.judge([item(" "), item("x" * 101), item("overflow"), item("good")]))
    reasons = [judged[at][0].missing for at in range(4)]
    assert reasons[0] == "the response is empty"
    assert "context" in reasons[1]
    assert "not finite" in reasons[2]
    assert reasons[3] is None


@pytest.mark.parametrize(
    ("classifier", "exemplars", "message"),
    [
        (Stub(goodness), 4, "'kind' has 4 contrasts"),
        (Stub(lambda text: 1.0), 12, "the same output"),
        (Stub(lambda text: np.inf), 12, "not finite"),
        (Stub(goodness, context=3), 12, "the reward model's context is 3"),
    ],
)
def test_what_cannot_be_put_on_the_scale_is_one_sentence(classifier, exemplars, message):
    with pytest.raises(UserError, match=message):
        fitted(classifier, exemplars)


def test_a_real_model_through_the_recipe(tmp_path):
    folder = save_llama(tmp_path / "reward")
    engine = ScriptedEngine(answer=lambda request: "Rating: 4")
    judges = []
    for lower in (False, True):
        named = RewardModel(model=str(folder), lower_is_better=lower)
        settings = Judging(
            kind="rating-text", kinds={"kind": "reward-model"}, reward_models={"kind": named}
        )
        # Random weights may clearly prefer the worse sides; then only the other direction is taken.
        with suppress(UserError):
            judges.append(
                build_judge(settings, engine, constitution(), cache=tmp_path, progress=Silent())
            )
    assert judges
    judged = dict(judges[0].judge([item("yes"), item("no, and why"), item("")]))
    assert all(1 < judged[at][0].value < 10 for at in (0, 1))
    assert [judged[at][1].value for at in range(3)] == [4.0, 4.0, None]
    assert judged[2][0].value is None
    assert len({judge.fingerprint for judge in judges}) == len(judges)
