"""What was measured on the models of a run, and what it makes of their requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from primum.engines.base import (
    ChooseRequest,
    ClassifyRequest,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
)
from primum.forecast.calibrate import (
    AnswerLength,
    Speed,
    answer_length,
    reading_speed,
    writing_speed,
)
from primum.forecast.rehearsal import RealModels
from primum.forecast.standin import JUDGE, Asked
from primum.progress import Progress

CallGroup = tuple[str, str, str]
"""Requests that cost alike per token: model, kind of request, and purpose where it matters."""


@dataclass(frozen=True)
class Measured:
    """Speeds and lengths of answers by group."""

    speeds: dict[CallGroup, Speed]
    lengths: dict[CallGroup, AnswerLength]

    def seconds(self, asked: Asked) -> float:
        """How long a call takes."""
        return self.speeds[group_of(asked)].seconds(asked.prompt_tokens, asked.answer_tokens)

    def length(self, model: str, request: GenerateRequest) -> int:
        """Expected tokens of an answer."""
        most = request.sampling.max_tokens
        known = self.lengths.get(_writing(model, request))
        return max(1, round(known.expected(most))) if known else most


def group_of(asked: Asked) -> CallGroup:
    """The group that a request belongs to."""
    if isinstance(asked.request, GenerateRequest):
        return _writing(asked.model, asked.request)
    return asked.model, type(asked.request).__name__, asked.request.purpose


def _writing(model: str, request: GenerateRequest) -> CallGroup:
    """Candidates, refinements and answers are of one kind; a judge's replies are of another."""
    return model, GenerateRequest.__name__, JUDGE if request.purpose == JUDGE else ""


def measure(
    models: RealModels, asked: Sequence[Asked], at_once: int, progress: Progress
) -> Measured:
    """Measures every group on some of its own requests.

    Args:
        models: The models.
        asked: The requests of a run.
        at_once: Requests that the run answers side by side.
        progress: Is told of every group.
    """
    groups: dict[CallGroup, list[Asked]] = {}
    for one in asked:
        groups.setdefault(group_of(one), []).append(one)
    measured = Measured({}, {})
    for group, members in progress.track(groups.items(), "calibrate", len(groups)):
        writing = [m.request for m in members if isinstance(m.request, GenerateRequest)]
        if writing:
            engine = models.engine(group[0])
            speed = writing_speed(engine, writing, models.count(group[0]), at_once)
            measured.lengths[group] = answer_length(engine, writing, speed)
        else:
            speed = _reading(models, members)
        measured.speeds[group] = speed
    return measured


def _reading(models: RealModels, members: Sequence[Asked]) -> Speed:
    name = members[0].model
    choices = [m.request for m in members if isinstance(m.request, ChooseRequest)]
    if choices:
        count = models.count(name)
        return reading_speed(models.engine(name).choose, choices, lambda r: count(r.messages))
    states = [m.request for m in members if isinstance(m.request, RepresentRequest)]
    if states:
        count = models.count(name)
        return reading_speed(models.engine(name).represent, states, lambda r: count(r.messages))
    answers = [m.request for m in members if isinstance(m.request, ScoreRequest)]
    if answers:
        count = models.count(name)
        return reading_speed(models.engine(name).score, answers, lambda r: count(r.messages))
    scored = [m.request for m in members if isinstance(m.request, ClassifyRequest)]
    return reading_speed(models.classifier(name).logits, scored, lambda r: len(r.ids))
