"""Halves share no topic, hold everything, and are alike."""

from collections import Counter

import pytest

from primum.constitution import Contrast, MarkedAnswer, Objective, load_constitution
from primum.constitution.halves import split_by_topic

LEAST = 10


@pytest.mark.parametrize("name", ["harmless-helpful", "harmlos-hilfreich", "medical"])
def test_halves_share_no_topic_and_no_prompt_and_hold_everything(name):
    for objective in load_constitution(name).objectives:
        first, second = split_by_topic(objective, LEAST)
        for key in ("topic", "prompt"):
            both = [{getattr(one, key) for one in half.exemplars} for half in (first, second)]
            assert not both[0] & both[1]
        together = Counter([*first.exemplars, *second.exemplars])
        assert together == Counter(objective.exemplars)


def test_halves_are_alike_in_shapes_marks_and_categories():
    objective = load_constitution("medical").objectives[0]
    halves = split_by_topic(objective, LEAST)
    for counts in (
        [len(half.contrasts) for half in halves],
        [len(half.equal_pairs) for half in halves],
        [sum(one.meets for one in half.marked_alone) for half in halves],
        [sum(not one.meets for one in half.marked_alone) for half in halves],
    ):
        assert abs(counts[0] - counts[1]) <= 2, counts
    first, second = (Counter(one.category for one in half.exemplars) for half in halves)
    assert all(abs(first[name] - second[name]) <= 6 for name in first | second)


def of_topics(*topics):
    exemplars = tuple(
        Contrast(prompt=f"q{at}", topic=topic, better=f"good {at}", worse=f"bad {at}")
        for at, topic in enumerate(topics)
    )
    return Objective(name="kind", definition="Be kind.", exemplars=exemplars)


def test_the_split_hangs_on_the_content_alone():
    objective = of_topics(*(f"t{at % 14}" for at in range(40)))
    turned = objective.model_copy(update={"exemplars": objective.exemplars[::-1]})
    first, second = (
        {one.prompt for one in split_by_topic(of, LEAST)[0].exemplars} for of in (objective, turned)
    )
    assert first == second


def test_with_few_topics_prompts_are_split():
    halves = split_by_topic(of_topics(*["all"] * 40), LEAST)
    assert [len(half.exemplars) for half in halves] == [20, 20]


def test_answers_to_one_prompt_stay_together():
    exemplars = [
        MarkedAnswer(prompt=f"q{at // 4}", answer=f"a{at}", meets=at % 2 == 0) for at in range(40)
    ]
    objective = Objective(name="kind", definition="Be kind.", exemplars=tuple(exemplars))
    first, second = split_by_topic(objective, LEAST)
    assert not {one.prompt for one in first.exemplars} & {one.prompt for one in second.exemplars}
    assert len(first.exemplars) == 20
