"""How a model is asked which of two answers is better on an objective."""

from primum.constitution import Constitution
from primum.judging.asking.question import said
from primum.judging.asking.quoting import quoted
from primum.languages import LANGUAGES
from primum.messages import Message, Messages

SIDES = ("A", "B")
"""What the two answers are called."""


def duel_messages(
    messages: Messages, answers: tuple[str, str], constitution: Constitution, objective: int
) -> Messages:
    """The question: objective first, the conversation next, the answers last.

    Args:
        messages: The conversation; quoted line by line, as the answers are.
        answers: Those called A and B.
        constitution: Says what the objective means.
        objective: Which objective, counted from 0.
    """
    target = constitution.objectives[objective]
    language = LANGUAGES[constitution.language]
    put, roles = language.duel, language.roles
    standard = [put.opening.format(name=target.name), target.definition]
    standard += [f"- {principle}" for principle in target.principles]
    conversation = "\n".join(f"{roles[turn.role]}:\n{quoted(said(turn))}" for turn in messages)
    parts = (
        "\n".join(standard),
        put.quoting,
        f"{put.conversation}\n{conversation}",
        *(f"{head}\n{quoted(text)}" for head, text in zip(put.answers, answers, strict=True)),
        put.closing.format(name=target.name),
    )
    return (Message("user", "\n\n".join(parts)),)
