"""Labels of all three shapes: from exemplars, from files, held out together, scored out of fold."""

import json

import numpy as np
import pytest

from primum.audit.measures.folds import assign_folds
from primum.audit.measures.label_files import read_labels
from primum.audit.measures.labels import exemplar_labels
from primum.audit.measures.scoring import fitted_objectives, score_out_of_fold
from primum.constitution import Constitution
from primum.errors import UserError
from primum.judging import Score
from primum.progress import Silent
from primum.recipe.schema import Judging


def contrasts(count, of_topic=1):
    return [
        {"prompt": f"q{at}", "better": f"good {at}", "worse": f"bad {at}"}
        | ({"topic": f"t{at // of_topic}"} if of_topic > 1 else {})
        for at in range(count)
    ]


def goals(first=(), second=()):
    return Constitution.model_validate(
        {
            "name": "two",
            "language": "de",
            "objectives": [
                {"name": "kind", "definition": "d", "exemplars": list(first)},
                {"name": "brief", "definition": "d", "exemplars": list(second)},
            ],
        }
    )


EQUAL = {"prompt": "e", "equal": ["plain", "hedged"], "differ": "caution", "meets": True}
MARKED = {"prompt": "m", "answer": "a", "meets": False, "category": "everyday"}


def test_exemplars_of_every_shape_become_labels_in_their_order():
    first = [EQUAL, {**contrasts(1)[0], "worse_meets": False}, MARKED]
    labels = exemplar_labels(goals(first, contrasts(1)))
    assert [label.shape for label in labels] == [
        "equal pair",
        "contrast",
        "marked answer",
        "contrast",
    ]
    assert [label.objective for label in labels] == [0, 0, 0, 1]
    assert [label.marks for label in labels[:3]] == [(True, True), (None, False), (False,)]
    assert labels[0].differ == "caution"
    assert labels[2].category == "everyday"
    assert labels[1].pair.better == "good 0"
    assert [len(label.items) for label in labels] == [2, 2, 1, 2]


def test_what_shares_a_topic_or_a_prompt_is_one_cluster_also_by_way_of_others():
    rows = [
        {**EQUAL, "prompt": "a", "topic": "one"},
        {**MARKED, "prompt": "b", "topic": "one"},
        {**MARKED, "prompt": "b", "topic": "two"},
        {**MARKED, "prompt": "c", "topic": "two"},
        {**MARKED, "prompt": "d"},
        {**MARKED, "prompt": "one"},
    ]
    rows += [{**MARKED, "prompt": f"f{at}", "topic": f"three{at}"} for at in range(8)]
    labels = exemplar_labels(goals(rows, rows[:1]))
    together = {label.cluster for label in labels[:4]}
    assert len(together) == 1
    # Neither a prompt called like a topic nor another objective belongs to it.
    assert len({label.cluster for label in labels}) == 4 + 8


def test_topics_that_are_few_are_not_held_out_as_wholes():
    constitution = goals(contrasts(36, of_topic=12))
    labels = exemplar_labels(constitution)
    assert len({label.cluster for label in labels}) == 36
    assert set(assign_folds(constitution, labels)) == set(range(10))


def test_folds_keep_prompts_together_and_leave_the_fit_enough():
    constitution = goals(contrasts(12), contrasts(10))
    folds = assign_folds(constitution, exemplar_labels(constitution))
    assert set(folds[:12]) == set(range(10))
    assert set(folds[12:]) == {-1}


@pytest.mark.parametrize(("marks", "held_out"), [(11, False), (12, True)])
def test_a_threshold_keeps_marks_enough_to_be_placed_by(marks, held_out):
    rows = contrasts(20)
    rows += [{**MARKED, "prompt": f"m{at}", "meets": at < marks} for at in range(marks + 30)]
    constitution = goals(rows)
    first = constitution.objectives[0].model_copy(update={"threshold": 7.0})
    placed = constitution.model_copy(update={"objectives": (first, constitution.objectives[1])})
    folds = assign_folds(placed, exemplar_labels(placed))
    assert (min(folds) >= 0) is held_out
    assert min(assign_folds(constitution, exemplar_labels(constitution))) == 0


def test_marks_on_the_sides_of_pairs_do_not_place_a_threshold():
    rows = [{**one, "better_meets": True, "worse_meets": False} for one in contrasts(30)]
    constitution = goals(rows)
    first = constitution.objectives[0].model_copy(update={"threshold": 7.0})
    placed = constitution.model_copy(update={"objectives": (first, constitution.objectives[1])})
    assert set(assign_folds(placed, exemplar_labels(placed))) == {-1}


def test_contrasts_of_two_prompts_leave_one_that_none_can_be_held_out_of():
    rows = [{**one, "prompt": f"q{at % 2}"} for at, one in enumerate(contrasts(40))]
    constitution = goals(rows)
    assert set(assign_folds(constitution, exemplar_labels(constitution))) == {-1}


def test_all_exemplars_of_a_topic_share_a_fold_and_folds_are_alike_in_size():
    marked = [
        {"prompt": f"m{at}", "answer": "a", "meets": True, "topic": f"t{at % 12}"}
        for at in range(60)
    ]
    constitution = goals(contrasts(48, of_topic=4) + marked, contrasts(40))
    labels = exemplar_labels(constitution)
    folds = assign_folds(constitution, labels)
    of_topic = {}
    for label, fold in zip(labels, folds, strict=True):
        if label.topic:
            of_topic.setdefault(label.topic, set()).add(fold)
    assert all(len(found) == 1 for found in of_topic.values())
    assert np.bincount(folds[:108]).max() <= 2 * 9
    assert set(np.bincount(folds[108:])) == {4}


class Remembers:
    """Knows only the exemplars that it was made with: 10 for those, 1 for others."""

    def __init__(self, constitution):
        self.known = [
            {text for one in part.contrasts for text in (one.better, one.worse)}
            | {text for one in part.equal_pairs for text in one.equal}
            | {one.answer for one in part.marked}
            for part in constitution.objectives
        ]

    def judge(self, items):
        for at, item in enumerate(items):
            yield at, tuple(Score(10.0 if item.response in known else 1.0) for known in self.known)


def test_no_fit_has_seen_what_it_scores_whatever_was_looked_at_before():
    rows = contrasts(24, of_topic=2)
    rows += [{**EQUAL, "prompt": f"e{at}", "equal": [f"p{at}", f"h{at}"]} for at in range(12)]
    rows += [{**MARKED, "prompt": f"m{at}", "answer": f"a{at}"} for at in range(12)]
    whole = goals(contrasts(3), rows)
    # The pictures that an objective has of its exemplars must not outlive those.
    assert len(whole.objectives[1].contrasts) == 24
    assert len(whole.objectives[1].marked) == 12 + 24
    labels = [label for label in exemplar_labels(whole) if label.objective == 1]
    made = []

    def make(constitution):
        made.append(constitution)
        return Remembers(constitution)

    scores = score_out_of_fold(make, whole, (1,), labels, Silent())
    assert [len(found) for found in scores] == [2] * 36 + [1] * 12
    assert set(np.concatenate(scores)) == {1.0}
    assert {one.language for one in made} == {"de"}
    assert {len(one.objectives) for one in made} == {1}
    assert len({one.fingerprint for one in made}) == 10


def test_an_objective_with_too_few_contrasts_has_no_scores():
    labels = exemplar_labels(goals([*contrasts(10), EQUAL]))
    scores = score_out_of_fold(Remembers, goals([*contrasts(10), EQUAL]), (0,), labels, Silent())
    assert np.isnan(np.concatenate(scores)).all()


def test_what_exemplars_fit_or_place_on_the_scale_counts_as_fitted():
    kinds = {"kind": "reward-model", "brief": "rating-text"}
    named = {"kind": {"model": "rm"}}
    both = goals(contrasts(1), contrasts(1))
    assert fitted_objectives(Judging(kinds=kinds, reward_models=named), both) == (0,)
    assert fitted_objectives(Judging(kind="probe"), both) == (0, 1)
    assert fitted_objectives(Judging(kind="python", function="probe:probe"), both) == ()


def write(tmp_path, text, name="labels.jsonl"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_labelled_pairs_are_read_with_their_objective(tmp_path):
    text = (
        '{"prompt": "q", "better": "b", "worse": "w", "objective": "brief"}\n'
        '{"prompt": [{"role": "user", "content": "q"}], "better": "b2", "worse": "w", '
        '"objective": "kind", "better_meets": true, "topic": "t", "category": "everyday"}\n'
    )
    one, other = read_labels(write(tmp_path, text), goals())
    assert (one.objective, other.objective) == (1, 0)
    assert one.prompt == other.prompt
    assert (one.marks, other.marks) == ((None, None), (True, None))
    assert (other.topic, other.category) == ("t", "everyday")


def test_equal_pairs_and_marked_answers_are_read_in_the_shape_of_exemplars(tmp_path):
    rows = [{**EQUAL, "objective": "kind"}, {**MARKED, "objective": "brief"}]
    file = write(tmp_path, "\n".join(map(json.dumps, rows)))
    assert [
        (found.shape, found.answers, found.marks, found.differ)
        for found in read_labels(file, goals())
    ] == [
        ("equal pair", ("plain", "hedged"), (True, True), "caution"),
        ("marked answer", ("a",), (False,), None),
    ]


def test_a_table_of_text_holds_all_three_shapes(tmp_path):
    text = (
        "prompt,objective,better,worse,equal,answer,meets,differ,topic\n"
        "q,kind,b,w,,,,,\n"
        'q,kind,,,"[""x"", ""y""]",,True,help,t\n'
        "q,brief,,,,a,false,,\n"
    )
    found = read_labels(write(tmp_path, text, "labels.csv"), goals())
    assert [one.shape for one in found] == ["contrast", "equal pair", "marked answer"]
    assert [one.marks for one in found] == [(None, None), (True, True), (False,)]
    assert (found[1].answers, found[1].differ, found[1].topic) == (("x", "y"), "help", "t")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{"prompt": "q", "better": "b", "objective": "kind"}', "worse should be text"),
        ('{"prompt": "q", "better": "b", "worse": " ", "objective": "kind"}', "worse should be"),
        ('{"prompt": "q", "better": "b", "worse": "b ", "objective": "kind"}', "are the same"),
        ('{"prompt": "q", "better": "b", "worse": "w"}', "the objective is None"),
        ('{"prompt": "q", "better": "b", "worse": "w", "objective": "x"}', "one of kind, brief"),
        ('{"better": "b", "worse": "w", "objective": "kind"}', "no prompt"),
        ('{"prompt": "q", "objective": "kind"}', "labels nothing"),
        ('{"prompt": "q", "answer": "a", "objective": "kind"}', "meets should be true or false"),
        (
            '{"prompt": "q", "answer": "a", "meets": "well", "objective": "kind"}',
            "meets should be true or false, and is 'well'",
        ),
        ('{"prompt": "q", "equal": ["a"], "objective": "kind"}', "list of two texts"),
        ('{"prompt": "q", "equal": "a, b", "objective": "kind"}', "list of two texts"),
        ('{"prompt": "q", "equal": ["a", "a"], "objective": "kind"}', "are the same"),
        (
            '{"prompt": "q", "equal": ["a", "b"], "differ": "colour", "objective": "kind"}',
            "one of caution, help, length, tone",
        ),
        (
            '{"prompt": "q", "better": "a", "worse": "b", "better_meets": false, "worse_meets": '
            'true, "objective": "kind"}',
            "the worse side meets",
        ),
    ],
)
def test_a_wrong_row_is_named(tmp_path, row, words):
    with pytest.raises(UserError, match=words) as caught:
        read_labels(write(tmp_path, row), goals())
    assert "line 1" in str(caught.value)
