"""Has models choose among four answers by the probability of the letter."""

from collections.abc import Mapping, Sequence

import numpy as np

from primum.engines.base import ChooseRequest, Engine
from primum.evaluation.guards.asking.questions import LETTERS, ChoiceQuestion
from primum.evaluation.guards.asking.rows import GuardRow
from primum.messages import Message, Messages, with_system
from primum.progress import Progress

PURPOSE = "ability"

_ROOM = 16
"""Tokens left for the letter and what stands around it. A choice."""


def choice_rows(
    engines: Mapping[str, Engine],
    questions: Sequence[ChoiceQuestion],
    *,
    guard: str,
    system_prompt: str,
    progress: Progress,
) -> list[GuardRow]:
    """1 for a right answer and 0 for a wrong one, a row per question and answerer.

    A question is asked without examples, as the user's turn, since a chat model is asked so. Of the
    four letters the likeliest one at the beginning of the answer counts.

    Args:
        engines: The models by what they are called as answerers.
        questions: What is asked.
        guard: What the test is called among guards.
        system_prompt: As for the held-out prompts.
        progress: Is told of every answer.

    Returns:
        Rows; `value` is null for a question that is longer than the model's context.
    """
    rows: list[GuardRow] = []
    for name, engine in engines.items():
        asked = [_asked(question, system_prompt) for question in questions]
        fitting = [
            at for at, each in enumerate(asked) if engine.count(each) + _ROOM <= engine.context
        ]
        requests = [ChooseRequest(asked[at], LETTERS, PURPOSE) for at in fitting]
        chosen: dict[int, int] = {}
        line = f"{guard} {name}"
        for at, values in progress.track(engine.choose(requests), line, len(requests)):
            chosen[fitting[at]] = int(np.argmax(values))
        rows += [_row(guard, name, each, chosen.get(at)) for at, each in enumerate(questions)]
    return rows


def question_text(question: ChoiceQuestion) -> str:
    """The question with its four answers, as it is asked (the layout of Hendrycks et al. 2021)."""
    about = f" about {question.subject.replace('_', ' ')}" if question.subject else ""
    options = (
        f"{letter}. {option}" for letter, option in zip(LETTERS, question.options, strict=True)
    )
    return "\n".join(
        (
            f"The following is a multiple choice question{about}. "
            "Answer with the letter of the right answer alone.",
            "",
            question.text,
            *options,
        )
    )


def _asked(question: ChoiceQuestion, system_prompt: str) -> Messages:
    return with_system((Message("user", question_text(question)),), system_prompt)


def _row(guard: str, answerer: str, question: ChoiceQuestion, chosen: int | None) -> GuardRow:
    return {
        "guard": guard,
        "item_id": question.question_id,
        "item": question_text(question),
        "answerer": answerer,
        "text": None if chosen is None else f"{LETTERS[chosen]}. {question.options[chosen]}",
        "value": None if chosen is None else float(chosen == question.right),
    }
