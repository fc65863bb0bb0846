import numpy as np

from primum.judging.probe.labels import FOLDS, folds_of, label_answers
from tests.judging.probe.makers import goal


def contrast(at, **more):
    return {"prompt": f"p{at}", "better": f"good {at}", "worse": f"bad {at}", **more}


def told(found):
    """Pairs and marks as texts."""
    text = [answer for _, answer in found.answers]
    pairs = [tuple(text[at] for at in pair) for pair in found.labels.pairs]
    equal = found.labels.equal.tolist()
    marks = {
        text[at]: bool(m) for at, m in zip(found.labels.marked, found.labels.meets, strict=True)
    }
    return dict(zip(pairs, equal, strict=True)), marks


def test_the_three_shapes_are_told_apart():
    exemplars = [
        contrast(0, better_meets=True, worse_meets=False),
        {"prompt": "q", "equal": ["plain", "careful"], "meets": True},
        {"prompt": "r", "answer": "alone", "meets": False},
    ]
    pairs, marks = told(label_answers(goal(exemplars=exemplars), ()))
    assert pairs == {("good 0", "bad 0"): False, ("plain", "careful"): True}
    # Marks on the sides of pairs are no levels.
    assert marks == {"alone": False}


def test_answers_to_one_prompt_with_other_marks_are_a_contrast():
    exemplars = [
        contrast(0, better_meets=True),
        {"prompt": "p0", "answer": "drawn", "meets": False},
        {"prompt": "p1", "answer": "elsewhere", "meets": False},
    ]
    pairs, _ = told(label_answers(goal(exemplars=exemplars), ()))
    assert pairs == {("good 0", "bad 0"): False, ("good 0", "drawn"): False}


def test_pleading_texts_answer_the_prompts_of_contrasts():
    found = label_answers(
        goal(exemplars=[contrast(0), contrast(1)]), ["please", "trust me", "more"]
    )
    assert [found.answers[at] for at in found.labels.pleading] == [
        ("p0", "please"),
        ("p1", "trust me"),
    ]
    held = found.labels.where(found.labels.topics == 0)
    assert [found.answers[at] for at in held.pleading] == [("p0", "please")]


def test_an_answer_that_stands_twice_is_read_once():
    exemplars = [contrast(0), {"prompt": "p0", "answer": "good 0", "meets": True}]
    found = label_answers(goal(exemplars=exemplars), ())
    assert len(found.answers) == 2
    assert found.labels.marked.tolist() == [0]


def test_answers_of_a_topic_are_held_out_together():
    exemplars = [contrast(at, topic=f"t{at % 12}") for at in range(60)]
    found = label_answers(goal(exemplars=exemplars), ())
    topics = {}
    for (prompt, _), topic in zip(found.answers, found.labels.topics, strict=True):
        topics.setdefault(int(prompt[1:]) % 12, set()).add(int(topic))
    assert all(len(numbers) == 1 for numbers in topics.values())
    assert len(set(folds_of(found.labels.topics))) == FOLDS


def test_with_few_topics_every_prompt_is_held_out_by_itself():
    exemplars = [contrast(at, topic="all") for at in range(15)]
    assert len(set(label_answers(goal(exemplars=exemplars), ()).labels.topics)) == 15


def test_topics_are_not_held_out_as_wholes_where_one_has_all_contrasts():
    exemplars = [contrast(at, topic="one") for at in range(12)]
    exemplars += [
        {"prompt": f"m{at}", "answer": "a", "meets": True, "topic": f"t{at}"} for at in range(20)
    ]
    found = label_answers(goal(exemplars=exemplars), ()).labels
    assert len(set(found.topics[found.contrasts[:, 0]])) == 12


def test_a_part_keeps_what_is_known_of_it():
    exemplars = [
        contrast(0),
        contrast(1),
        {"prompt": "p0", "answer": "good 0", "meets": True},
        {"prompt": "p1", "answer": "bad 1", "meets": False},
    ]
    known = label_answers(goal(exemplars=exemplars), ()).labels
    part = known.where(known.topics == 1)
    assert part.pairs.tolist() == [[2, 3]]
    assert part.marked.tolist() == [3]
    assert np.array_equal(part.topics, known.topics)
