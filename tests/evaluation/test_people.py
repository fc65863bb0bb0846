"""People's labels as evidence: what they show, with whose help, and what is said of them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from primum.evaluation.gate import Evidence, decide
from primum.evaluation.people import PEOPLE, answer_digest, labels_of, with_people
from primum.recipe.schema import Evaluation, Gate
from primum.store.schemas import LABELS
from tests.evaluation.tables import EXAMINER, TEACHER, answers_of, judgements_of

NAMES = ("kind", "useful")
QUICK = Evaluation(bootstrap=300)
COUNT = 120


def evidence(*, skill=1.0, fall=0.0, judges=(EXAMINER,), count=COUNT):
    """An examiner that sees a rise of 2 throughout, whatever people say, and partly why."""
    rng = np.random.default_rng(0)
    truth = rng.choice([-1.0, 0, 1], count, p=[0.35 + fall, 0.3, 0.35 - fall])
    gains = list(2 + skill * truth + rng.normal(0, 0.5, count))
    scores = {"before": {n: [4.0] * count for n in NAMES}}
    scores["after"] = {n: [4 + gain for gain in gains] for n in NAMES}
    texts = {side: [f"{side} {at}" for at in range(count)] for side in ("before", "after")}
    judged = pa.concat_tables([judgements_of(scores, judge=each.name) for each in judges])
    return Evidence(NAMES, answers_of(texts), judged, tuple(judges)), truth


def labels(values, people=1, objectives=("kind",)):
    """A row per prompt, labeller and objective."""
    rows = [
        {
            "prompt_id": f"p{at}",
            "objective": name,
            "labeller": f"labeller {person + 1}",
            "value": value[person] if isinstance(value, tuple) else value,
            "before": answer_digest(f"before {at}"),
            "after": answer_digest(f"after {at}"),
        }
        for person in range(people)
        for at, value in enumerate(values)
        for name in objectives
    ]
    return pa.Table.from_pylist(rows, schema=LABELS)


def asked(found, table, **settings):
    return with_people(found, table, Gate(**settings), QUICK, 0)


def test_without_labels_the_evidence_is_as_it_was():
    found, _ = evidence()
    assert asked(found, LABELS.empty_table()) is found


def test_people_alone_decide_what_they_marked():
    found, truth = evidence(fall=0.3)
    assert decide(found, Gate(), QUICK, 0).verdict == "pass"
    powered = asked(found, labels(truth[:60]))
    result = decide(powered, Gate(), QUICK, 0)
    kind, useful = result.objectives
    assert kind.people.judge == PEOPLE
    assert useful.people is None
    # The examiner is still shown beside them, and decides nothing there.
    assert [(each.judge, each.held) for each in kind.by] == [("examiner", True)]
    assert [each.judge for each in useful.by] == ["examiner"]
    assert kind.people.unit == "net preference"
    assert kind.people.gain.high < 0
    assert (kind.held, useful.held) == (False, True)
    assert (result.verdict, result.failed) == ("fail", "kind")


def test_labels_alone_where_nobody_judged():
    found, truth = evidence(fall=-0.3, count=60)
    alone = replace(found, judges=(), judgements=found.judgements.slice(0, 0))
    result = decide(asked(alone, labels(truth, objectives=NAMES)), Gate(), QUICK, 0)
    assert result.verdict == "pass"
    assert result.superiority_confidence == pytest.approx(0.975)
    assert result.judges[0].description == "people (1 labeller, 60 of 60 prompts)"


def test_labels_with_the_examiners_scores_show_a_rise():
    found, truth = evidence(fall=-0.3)
    shown = asked(found, labels(truth[:60])).people["kind"]
    assert (shown.held, shown.rose, shown.reason) == (True, True, None)
    assert shown.low_superiority < shown.gain.low
    assert shown.gain.n == 60


def test_the_margin_is_that_of_preferences():
    found, truth = evidence(fall=0.0, skill=3.0)
    values = labels(truth[:100])
    assert not asked(found, values, preference_margin=0.0).people["kind"].held
    assert asked(found, values, preference_margin=0.4).people["kind"].held


def test_a_good_judge_shortens_the_interval_and_a_useless_one_does_not_lengthen_it():
    ratios = {}
    for skill in (0.0, 3.0):
        found, truth = evidence(skill=skill, count=400)
        words = asked(found, labels(truth[:60])).judges[-1].trust["kind"]
        ratios[skill] = words
    assert "times as wide as by the labels alone" in ratios[3.0]
    assert float(ratios[3.0].split("is ")[-1].split(" times")[0]) < 0.7


def test_few_labels_show_nothing_and_say_so():
    found, _ = evidence()
    shown = asked(found, labels([1.0] * 9)).people["kind"]
    assert (shown.held, shown.rose) == (False, False)
    assert shown.sentence == (
        "not shown to hold, since 9 prompts have a label by people and 10 are needed"
    )


def test_skipped_prompts_are_counted_and_said():
    found, truth = evidence()
    values = [None if at % 2 else float(truth[at]) for at in range(60)]
    powered = asked(found, labels(values))
    assert (powered.people["kind"].gain.n, powered.people["kind"].gain.missing) == (30, 30)
    assert (
        "30 of 60 drawn prompts have no label; the rest may not stand for the whole"
        in (powered.judges[-1].trust["kind"])
    )
    few = [None if at < 6 else float(truth[at]) for at in range(60)]
    words = asked(found, labels(few)).judges[-1].trust["kind"]
    assert "6 of 60 drawn prompts have no label" in words
    assert "whole" not in words


def test_several_people_are_averaged_and_their_agreement_is_said():
    found, truth = evidence()
    values = [(float(truth[at]), float(truth[at]) if at % 5 else None) for at in range(60)]
    powered = asked(found, labels(values, people=2))
    facts = powered.judges[-1]
    assert (
        facts.description == "people (2 labellers, 60 of 120 prompts), with the examiner's scores"
    )
    assert facts.role == "people"
    assert "Krippendorff's α 1.00 [1.00, 1.00] over 48 prompts" in facts.trust["kind"]
    alone = asked(found, labels([first for first, _ in values]))
    assert alone.people["kind"].gain == powered.people["kind"].gain
    assert "one labeller" in alone.judges[-1].trust["kind"]


def test_answers_that_nobody_was_shown_say_nothing_of_agreement():
    found, _ = evidence()
    table = labels([(1.0, -1.0)] * 40, people=2)
    alike = table.set_column(5, "after", table.column("before"))
    assert "not defined" in asked(found, alike).judges[-1].trust["kind"]


@pytest.mark.parametrize(
    ("judges", "whose"),
    [
        ((TEACHER,), "the teacher's"),
        ((TEACHER, EXAMINER), "the examiner's"),
        ((EXAMINER, replace(EXAMINER, name="second")), "the examiners'"),
    ],
)
def test_whose_scores_help_is_said(judges, whose):
    found, truth = evidence(judges=judges)
    powered = asked(found, labels(truth[:60]))
    assert powered.judges[-1].description.endswith(f"with {whose} scores")
    assert powered.people["kind"].gain.low is not None


def test_prompts_that_lack_an_answer_are_not_stood_for():
    found, truth = evidence()
    rows = found.answers.to_pylist()
    for row in rows:
        if row["answerer"] == "after" and int(row["prompt_id"][1:]) >= 90:
            row["missing"] = "too long"
    lacking = replace(found, answers=pa.Table.from_pylist(rows, schema=found.answers.schema))
    shown = asked(lacking, labels(truth[:60])).people["kind"]
    assert not shown.held
    assert "30 of 120 prompts lack an answer" in shown.reason


def test_labels_are_kept_for_the_very_answers_or_not_at_all():
    found, truth = evidence()
    table = labels(truth[:60])
    assert labels_of(table, found.answers) == table
    rows = found.answers.to_pylist()
    rows[0]["text"] = "another"
    changed = pa.Table.from_pylist(rows, schema=found.answers.schema)
    assert labels_of(table, changed).num_rows == 0
