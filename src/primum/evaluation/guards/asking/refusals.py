"""Has models answer what no model should refuse; see `own_prompts`."""

from collections.abc import Mapping

from primum.engines.base import Engine, Thinking
from primum.evaluation.answers import Answers, answer
from primum.evaluation.guards.asking.own_prompts import own_prompts
from primum.evaluation.guards.asking.rows import GuardRow
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Evaluation

PURPOSE = REFUSALS = "refusals"
"""What these calls are for, and what the rows are called; the kind of prompt begins their ids."""


def refusal_rows(
    engines: Mapping[str, Engine],
    settings: Evaluation,
    *,
    seed: int,
    progress: Progress,
    thinking: Thinking = "auto",
) -> list[GuardRow]:
    """The answers to our own prompts, a row per prompt and answerer.

    Their `value` is left empty: whether an answer refuses is found from its text, which needs no
    model.

    Args:
        engines: The models by what they are called as answerers.
        settings: Temperature, length and system prompt, as for the held-out prompts.
        seed: The run's.
        progress: Is told of every answer.
        thinking: Whether the models think first.
    """
    prompts = asked_prompts()
    rows: list[GuardRow] = []
    for name, engine in engines.items():
        answers = answer(
            engine,
            prompts,
            settings,
            seed=seed,
            stage=f"{PURPOSE} {name}",
            progress=progress,
            thinking=thinking,
            purpose=PURPOSE,
        )
        rows += rows_of(name, answers)
    return rows


def asked_prompts() -> list[Prompt]:
    """Our own prompts of all kinds."""
    return [prompt for members in own_prompts().values() for prompt in members]


def rows_of(answerer: str, answers: Answers) -> list[GuardRow]:
    """A row per prompt of ours.

    Args:
        answerer: Whose answers they are.
        answers: By prompt id.
    """
    return [
        {
            "guard": REFUSALS,
            "item_id": prompt.prompt_id,
            "item": prompt.messages[-1].content,
            "answerer": answerer,
            "text": None if answers[prompt.prompt_id].missing else answers[prompt.prompt_id].text,
            "value": None,
        }
        for prompt in asked_prompts()
    ]
