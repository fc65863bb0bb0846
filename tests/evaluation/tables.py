"""What a gate decides from, for tests."""

import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.gate import Evidence
from primum.judging.facts import JudgeFacts
from primum.store.schemas import ANSWERS, JUDGEMENTS, evaluation_schema

EXAMINER = JudgeFacts("examiner", "examiner", "scripted")
TEACHER = JudgeFacts("teacher", "teacher", "scripted")


def evaluation_table(columns, objectives):
    """Two answerers side by side: the columns given, and nulls in all others."""
    schema = evaluation_schema(tuple(objectives))
    rows = len(next(iter(columns.values())))
    return pa.table({name: columns.get(name, [None] * rows) for name in schema.names}, schema)


def answers_of(texts, categories=None, prompts=None):
    """Answers by answerer, each a list in the order of the prompts.

    Args:
        texts: By answerer.
        categories: Of every prompt; None for none.
        prompts: Text of every prompt; None for numbered ones.
    """
    rows = [
        {
            "prompt_id": f"p{place}",
            "category": categories[place] if categories else None,
            "messages": [
                {"role": "user", "content": prompts[place] if prompts else f"Question {place}?"}
            ],
            "answerer": answerer,
            "text": text,
            "finish": "stop",
        }
        for answerer, given in texts.items()
        for place, text in enumerate(given)
    ]
    return pa.Table.from_pylist(rows, schema=ANSWERS)


def judgements_of(scores, judge="examiner"):
    """Scores by answerer and objective, each a list in the order of the prompts."""
    rows = [
        {
            "prompt_id": f"p{place}",
            "answerer": answerer,
            "judge": judge,
            "objective": objective,
            "value": value,
        }
        for answerer, by_objective in scores.items()
        for objective, values in by_objective.items()
        for place, value in enumerate(values)
    ]
    return pa.Table.from_pylist(rows, schema=JUDGEMENTS)


def evidence_of(before, after, guards=()):
    """What a gate decides from, where one examiner judged.

    Args:
        before: Scores by objective, in order, a list each.
        after: The same of the new answers.
        guards: What guards found.
    """
    count = len(next(iter(before.values())))
    return Evidence(
        objectives=tuple(before),
        answers=answers_of({BEFORE: ["x"] * count, AFTER: ["x"] * count}),
        judgements=judgements_of({BEFORE: before, AFTER: after}),
        judges=(EXAMINER,),
        guards=guards,
    )
