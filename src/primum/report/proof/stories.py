"""What became of each objective on held-out prompts: in words, as distributions, as gains."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.evaluation.gate_result import GateResult, ObjectiveResult
from primum.report.data import RunData
from primum.report.drawing.marks import Panel, Tone, finite
from primum.report.drawing.mirrored import ScoredSide, mirrored
from primum.report.drawing.text import count, one_line
from primum.report.proof.categories import gains
from primum.report.proof.figures import objective_outcome
from primum.report.proof.panels import gain_charts

_SAME = 1e-9
"""Points of the scale: what is less is no change but a rounding."""


@dataclass(frozen=True, slots=True)
class Story:
    """One objective before and after.

    Attributes:
        rank: Its place in the order, from 1.
        objective: Its name.
        outcome: What the gate found, in words.
        tone: The same as a colour.
        sentence: What every examiner saw.
        prompts: How many prompts rose, fell and stayed; empty where none has both scores.
        panels: The distributions, then the gains by every judge.
    """

    rank: int
    objective: str
    outcome: str
    tone: Tone
    sentence: str
    prompts: str
    panels: tuple[Panel, ...]


def stories(data: RunData) -> tuple[Story, ...]:
    """One per objective, the first one first."""
    results = {result.objective: result for result in data.gate.objectives}
    return tuple(
        _story(data, rank, name, results.get(name))
        for rank, name in enumerate(data.objectives, start=1)
    )


def _story(data: RunData, rank: int, name: str, result: ObjectiveResult | None) -> Story:
    """One objective.

    Args:
        data: The finished run.
        rank: Its place in the order, from 1.
        name: Its name.
        result: What the gate found; None where it did not judge the objective.
    """
    outcome, tone = objective_outcome(result) if result else ("not judged", "axis")
    charts = gain_charts(result, data.gate) if result else []
    distribution = score_panel(data, name)
    return Story(
        rank=rank,
        objective=one_line(name),
        outcome=outcome,
        tone=tone,
        sentence=_sentence(result, data.gate) if result else "No judge scored it.",
        prompts=_counted(finite(gains(data.tables["evaluation"], name))),
        panels=(*([distribution] if distribution else []), *charts),
    )


def _sentence(result: ObjectiveResult, gate: GateResult) -> str:
    """The gate's sentence, without the name that stands above it."""
    said = one_line(result.sentence).removeprefix(f"{one_line(result.objective)}: ")
    judges = [judge for judge in gate.judges if judge.role == "examiner"]
    by = f"By {one_line(judges[0].name)}: " if len(judges) == 1 and not result.people else ""
    return f"{by}{said}." if by else f"{said[:1].upper()}{said[1:]}."


def _counted(gained: Sequence[float]) -> str:
    """How many prompts rose, fell and stayed."""
    if not gained:
        return ""
    rose = sum(gain > _SAME for gain in gained)
    fell = sum(gain < -_SAME for gain in gained)
    stayed = len(gained) - rose - fell
    return (
        f"Of {count(len(gained))} prompts {count(rose)} rose, {count(fell)} fell and "
        f"{count(stayed)} stayed."
    )


def score_panel(data: RunData, objective: str) -> Panel | None:
    """How an objective's scores were distributed before and after; None without any score."""
    evaluation = data.tables["evaluation"]
    confidence = data.gate.confidence
    before, after = (
        finite(evaluation.column(f"{side}_{objective}").to_pylist()) for side in ("before", "after")
    )
    if not before and not after:
        return None
    low, high = data.scale
    sides = (
        _side("before", "before", before, confidence),
        _side("after", "after", after, confidence),
    )
    return mirrored(
        f"{one_line(objective)}: scores before and after",
        f"score, from {low:g} to {high:g}",
        "prompt",
        sides,
        scale=data.scale,
    )


def _side(name: str, tone: Tone, values: Sequence[float], confidence: float) -> ScoredSide:
    """A side with Student's interval of its mean.

    Args:
        name: What it is called.
        tone: Its colour.
        values: A score per prompt.
        confidence: Of the interval.
    """
    mean = float(np.mean(values)) if values else None
    error = float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    if mean is None or not error:
        return ScoredSide(name, tone, values, mean, None, None)
    # Only here: SciPy takes longer to import than a report takes to read.
    from scipy.stats import t as student

    reach = float(student.ppf((1 + confidence) / 2, len(values) - 1)) * error
    return ScoredSide(name, tone, values, mean, mean - reach, mean + reach)
