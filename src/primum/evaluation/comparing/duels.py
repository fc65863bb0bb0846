"""Duels: which of two answers to a prompt is better on an objective, asked in both orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from primum.arrays import Float32Array
from primum.constitution import Constitution
from primum.engines.base import ChooseRequest, Engine
from primum.judging.asking.duel import SIDES, duel_messages
from primum.judging.asking.question import TOO_LONG, fits_context
from primum.judging.rating_expected import LEAST_MASS
from primum.messages import Messages
from primum.progress import Progress

PURPOSE = "duel"
"""What the calls of duels are booked under."""

WIN, TIE, LOSS = 1.0, 0.5, 0.0

_REPLY_TOKENS = 4
"""More than one letter takes. A choice."""

NO_ANSWER = "an answer is missing"
NO_SCORE = "a score is missing"
NO_CHOICE = "the model gave next to no probability to A and B"


@dataclass(frozen=True, slots=True)
class Contest:
    """Two answers to a prompt.

    Attributes:
        prompt_id: The prompt's.
        messages: The prompt.
        answer: The answer that may win; None where it is missing.
        against: The answer that it is compared with; None where it is missing.
    """

    prompt_id: str
    messages: Messages
    answer: str | None
    against: str | None


@dataclass(frozen=True, slots=True)
class Duel:
    """How a duel ended.

    Attributes:
        prompt_id: The prompt's.
        outcome: 1 for a win, 0.5 for a tie, 0 for a loss; None where it could not be decided.
        flipped: Whether the judge named the same place in both orders, so that the order decided;
            counted as a tie.
        missing: Why it could not be decided; None where it was.
    """

    prompt_id: str
    outcome: float | None
    flipped: bool = False
    missing: str | None = None


def duels_in_words(
    contests: Sequence[Contest],
    engine: Engine,
    constitution: Constitution,
    objective: int,
    progress: Progress,
) -> tuple[Duel, ...]:
    """Asks a model, in both orders, which answer is better; a judge's order preference is a tie.

    Zheng et al. 2023, "Judging LLM-as-a-judge" (arXiv 2306.05685), section 3.4: a win counts where
    it holds in both orders. Equal answers are a tie, without a question.

    Args:
        contests: The pairs of answers.
        engine: Runs the judging model.
        constitution: Says what the objective means.
        objective: Which objective, counted from 0.
        progress: Is told of every question.
    """
    ended: dict[int, Duel] = {}
    requests: list[ChooseRequest] = []
    asked: list[tuple[int, int]] = []
    for at, contest in enumerate(contests):
        if (early := _undisputed(contest)) is not None:
            ended[at] = early
            continue
        answers = contest.answer or "", contest.against or ""
        both = [
            duel_messages(contest.messages, order, constitution, objective)
            for order in (answers, answers[::-1])
        ]
        if not all(fits_context(engine, messages, _REPLY_TOKENS) for messages in both):
            ended[at] = Duel(contest.prompt_id, None, missing=TOO_LONG)
            continue
        asked += [(at, order) for order in (0, 1)]
        requests += [ChooseRequest(messages, SIDES, PURPOSE) for messages in both]
    # By contest and order: how much likelier the first of the two answers is.
    leads: dict[int, dict[int, float]] = {}
    name = constitution.objectives[objective].name
    for index, found in progress.track(engine.choose(requests), f"duels ({name})", len(requests)):
        at, order = asked[index]
        leads.setdefault(at, {})[order] = _lead(found)
    for at, lead in leads.items():
        ended[at] = _decided(contests[at].prompt_id, lead[0], lead[1])
    return tuple(ended[at] for at in range(len(contests)))


def duels_by_scores(
    contests: Sequence[Contest],
    scores: Mapping[str, float | None],
    against: Mapping[str, float | None],
    width: float,
) -> tuple[Duel, ...]:
    """Decides duels by scores, where the judge can compare answers in no other way.

    Args:
        contests: The pairs of answers.
        scores: Of the answers that may win, by prompt.
        against: Of the others.
        width: Scores that lie no further apart are a tie, in points of the scale.
    """
    ended = []
    for contest in contests:
        mine, other = scores.get(contest.prompt_id), against.get(contest.prompt_id)
        if mine is None or other is None:
            ended.append(Duel(contest.prompt_id, None, missing=NO_SCORE))
            continue
        lead = mine - other
        outcome = TIE if abs(lead) <= width else WIN if lead > 0 else LOSS
        ended.append(Duel(contest.prompt_id, outcome))
    return tuple(ended)


def _undisputed(contest: Contest) -> Duel | None:
    """How a duel ends that needs no judge; None where it needs one."""
    if contest.answer is None or contest.against is None:
        return Duel(contest.prompt_id, None, missing=NO_ANSWER)
    if contest.answer.strip() == contest.against.strip():
        return Duel(contest.prompt_id, TIE)
    return None


def _lead(found: Float32Array) -> float:
    """How much likelier A is than B, in nats; NaN where the model would say neither."""
    logs = found.astype(np.float64)
    if not np.isfinite(logs).all() or np.exp(logs).sum() < LEAST_MASS:
        return float("nan")
    return float(logs[0] - logs[1])


def _decided(prompt_id: str, lead: float, turned: float) -> Duel:
    """How a duel ended.

    Args:
        prompt_id: The prompt's.
        lead: How much likelier A is where A is the answer that may win, in nats.
        turned: The same where A is the other answer.
    """
    if not np.isfinite([lead, turned]).all():
        return Duel(prompt_id, None, missing=NO_CHOICE)
    if lead > 0 > turned:
        return Duel(prompt_id, WIN)
    if lead < 0 < turned:
        return Duel(prompt_id, LOSS)
    return Duel(prompt_id, TIE, flipped=lead * turned > 0)
