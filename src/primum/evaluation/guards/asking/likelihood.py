"""How likely the models before and after find each other's answers."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from primum.engines.base import Engine, ScoreRequest, Thinking
from primum.evaluation.answerers import BEFORE
from primum.evaluation.guards.asking.rows import GuardRow
from primum.messages import Message, Messages, from_dicts, with_system
from primum.progress import Progress

PURPOSE = "likelihood"
NEW = "likelihood/new"
"""How likely the starting model finds the new answers, against its own."""
FORMER = "likelihood/former"
"""How likely the new model finds the former answers, against the starting model."""

_ENDING = 8
"""Tokens left for what ends a turn where an answer fills the model's context. A choice."""

Likelihoods = Mapping[str, float | None]
"""Mean log-probability per token by prompt, in nats; None where nothing can be scored."""


def likelihood_rows(
    engines: Mapping[str, Engine],
    answers: pa.Table,
    *,
    system_prompt: str,
    progress: Progress,
    thinking: Thinking = "auto",
) -> list[GuardRow]:
    """Mean log-probabilities per token of the held-out answers, a row per guard and answer.

    Where x is a prompt, y the starting model's answer to it and y′ the new one's, each guard
    compares two means of log p per token, paired by x. NEW: log p_before(y′|x) against
    log p_before(y|x), for what a model would hardly write itself has become strange. FORMER:
    log p_after(y|x) against log p_before(y|x), whose mean difference is the Kullback-Leibler
    divergence of the starting model from the new one where answers are drawn at temperature 1.

    Args:
        engines: The models by what they are called as answerers, the starting one among them.
        answers: Their answers; see `store.schemas.ANSWERS`.
        system_prompt: Under which they answered.
        progress: Is told of every answer scored.
        thinking: Whether the models were to think first.
    """
    by: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in engines}
    for row in answers.to_pylist():
        if row["answerer"] in by:
            by[row["answerer"]][row["prompt_id"]] = row

    def scored(scorer: str, answerer: str) -> Likelihoods:
        return _scored(
            engines[scorer],
            by[answerer],
            system_prompt,
            thinking,
            f"{PURPOSE} of {answerer} by {scorer}",
            progress,
        )

    own = scored(BEFORE, BEFORE)
    rows = [row for guard in (NEW, FORMER) for row in _rows(guard, BEFORE, own, by[BEFORE])]
    for name in engines:
        if name != BEFORE:
            rows += _rows(NEW, name, scored(BEFORE, name), by[name])
            rows += _rows(FORMER, name, scored(name, BEFORE), by[BEFORE])
    return rows


def _rows(
    guard: str, answerer: str, found: Likelihoods, scored: Mapping[str, dict[str, Any]]
) -> Iterable[GuardRow]:
    """A row per prompt.

    Args:
        guard: What it is measured for.
        answerer: Whose column it stands in.
        found: What was measured.
        scored: The answers that were scored.
    """
    for name, value in found.items():
        yield {
            "guard": guard,
            "item_id": name,
            "item": scored[name]["messages"][-1]["content"],
            "answerer": answerer,
            "text": scored[name]["text"],
            "value": value,
        }


def _scored(
    engine: Engine,
    answers: Mapping[str, dict[str, Any]],
    system_prompt: str,
    thinking: Thinking,
    line: str,
    progress: Progress,
) -> Likelihoods:
    """Means per token of one model's answers by another one.

    Args:
        engine: Runs the model that scores.
        answers: By prompt.
        system_prompt: Under which they were given.
        thinking: Whether the model was to think.
        line: What the progress line is called.
        progress: Is told of every answer.
    """
    found: dict[str, float | None] = dict.fromkeys(answers)
    wanted = {
        name: ScoreRequest(whole, PURPOSE, row["finish"] == "length", thinking)
        for name, row in answers.items()
        if row["missing"] is None and _fits(engine, whole := _whole(row, system_prompt))
    }
    names = list(wanted)
    scores = engine.score(list(wanted.values()))
    for at, values in progress.track(scores, line, len(names)):
        found[names[at]] = float(np.mean(values, dtype=np.float64)) if len(values) else None
    return found


def _whole(row: Mapping[str, Any], system_prompt: str) -> Messages:
    """The conversation with its answer."""
    asked = with_system(from_dicts(row["messages"]), system_prompt)
    return (*asked, Message("assistant", row["text"], row["thought"]))


def _fits(engine: Engine, conversation: Messages) -> bool:
    """Whether it can be read: an answer's text may need more tokens than it was written with."""
    return engine.count(conversation) + _ENDING <= engine.context
