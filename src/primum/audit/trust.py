"""Whether a judge can be trusted, per objective: always, above a gap, or not at all."""

from dataclasses import dataclass
from typing import Literal

from primum.audit.across.prompts import AcrossPrompts
from primum.audit.consequences import length_knows, what_follows
from primum.audit.measures.attack import AttackGain
from primum.audit.measures.length import LengthPreference
from primum.audit.measures.pairs import EXEMPLARS
from primum.audit.measures.spread import Retest, Saturation
from primum.statistics.interval import Interval
from primum.statistics.judges.agreement import Agreement
from primum.statistics.judges.trusted_gap import LEAST_ACCURACY, LEAST_PROMPTS

Level = Literal["trust", "above", "no"]

# Beyond these limits an audit warns. All are choices; none decides whether a judge is trusted.
MOST_SATURATED = 0.5
"""Share of scores at one end of the scale: half of all answers are then not told apart."""
MOST_TIED = 0.2
"""Share of pairs with the same score on both sides."""
MOST_MISSING = 0.2
"""Share of pairs without a score: the gate's limit, `evaluation.gate.MOST_MISSING`."""
MOST_ATTACK = 0.05
"""Gain of an attack, as a share of the scale: half a point from 1 to 10. Attacks lowered the
probe's scores by 0.4 to 0.6 points and raised those of a 135M model asked in words by 0.9 to 1.3
(`benchmarks/judges.py`)."""
MOST_WAVERING = 0.5
"""Test-retest deviation, as a share of the deviation of scores."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a judge can be trusted on one objective, and what was held against it.

    Attributes:
        level: `trust`, `above` (trust above `gap`) or `no` (do not use).
        gap: The score gap, in points of the scale, from which on the judge is trusted; 0 for
            `trust`, None for `no`.
        sentence: The same in one line.
        basis: Which pairs it rests on.
        warnings: What else to know, a sentence each.
        consequences: What follows for thresholds, and for who decides; see `what_follows`.
    """

    level: Level
    gap: float | None
    sentence: str
    basis: str
    warnings: tuple[str, ...]
    consequences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What trust on one objective is made from.

    Attributes:
        objective: Its name.
        later: The name of the objective that comes next; None for the last one.
        basis: Which pairs: `labelled pairs` or `exemplars`.
        agreement: The judge's, on these pairs.
        length: The judge's, on these pairs.
        gap: See `trusted_gap`.
        length_alone: Accuracy of the judge of length on the same pairs.
        saturation: Of all scores looked at.
        retest: None where nothing was judged twice.
        attack: None where no attack was tried.
        across: What scores say across prompts: on exemplars first, then on the user's labels.
        cuts: Whether a threshold cuts the objective's scores.
        scale: Lowest and highest score.
    """

    objective: str
    later: str | None
    basis: str
    agreement: Agreement
    length: LengthPreference
    gap: float | None
    length_alone: Interval
    saturation: Saturation
    retest: Retest | None
    attack: AttackGain | None
    across: tuple[AcrossPrompts, ...]
    cuts: bool
    scale: tuple[float, float]


def weigh(evidence: Findings) -> Trust:
    """Weighs the evidence on one objective.

    The judge is trusted if the lower bound of its accuracy reaches 0.7; above a gap if that holds
    for pairs with at least that gap; and not used if it holds at no gap, if fewer than twenty
    prompts could be scored, or if it follows length: on pairs whose better side is the shorter one
    it is right in less than half, and the interval says so.
    """
    against = _against(evidence)
    gap = evidence.gap
    figures = _figures(evidence)
    if against is not None or gap is None:
        level: Level = "no"
        why = against or f"at no score gap is it shown to be right in {LEAST_ACCURACY:.0%}"
        text = f"do not use: {why} ({figures})"
        gap = None
    elif gap > 0:
        level = "above"
        text = f"trust above a gap of {gap:.2g} points ({figures})"
    else:
        level = "trust"
        text = f"trust ({figures})"
    return Trust(
        level=level,
        gap=gap,
        sentence=f"{evidence.objective}: {text}",
        basis=evidence.basis,
        warnings=tuple(_warnings(evidence)),
        consequences=what_follows(
            evidence.objective, evidence.later, evidence.across, cuts=evidence.cuts
        ),
    )


def _figures(evidence: Findings) -> str:
    accuracy = evidence.agreement.accuracy
    if accuracy.value is None or accuracy.low is None or accuracy.high is None:
        return f"{evidence.basis}: nothing to compare"
    return (
        f"{evidence.basis}: {accuracy.value:.0%} of pairs right, "
        f"{accuracy.low:.0%} to {accuracy.high:.0%}"
    )


def _against(evidence: Findings) -> str | None:
    """What rules the judge out whatever its accuracy."""
    if evidence.agreement.prompts < LEAST_PROMPTS:
        return (
            f"only {evidence.agreement.prompts} prompts could be scored, and {LEAST_PROMPTS} are "
            "needed"
        )
    high = evidence.length.better_shorter.high
    if high is not None and high < 0.5:
        return "it follows length: it is mostly wrong where the better answer is the shorter one"
    return None


def _warnings(evidence: Findings) -> list[str]:
    low, high = evidence.scale
    found = []
    agreement = evidence.agreement
    accuracy, control = agreement.accuracy, evidence.length_alone.value
    if accuracy.low is not None and control is not None and control >= accuracy.low:
        found.append(
            f"length alone is right in {control:.0%} of these pairs, which the judge is not shown "
            "to beat"
        )
    if by_length := length_knows(evidence.across):
        found.append(by_length)
    if evidence.basis == EXEMPLARS:
        found.append(
            "exemplars share their author's voice; answers of other people are harder to judge, "
            "so bring labelled pairs (--pairs)"
        )
    total = agreement.pairs + agreement.missing
    if total and agreement.missing > MOST_MISSING * total:
        found.append(f"{agreement.missing} of {total} pairs lack a score")
    if agreement.ties > MOST_TIED:
        found.append(f"{agreement.ties:.0%} of pairs got the same score on both sides")
    for name, part in (("top", evidence.saturation.top), ("bottom", evidence.saturation.bottom)):
        if part is not None and part > MOST_SATURATED:
            found.append(f"{part:.0%} of scores lie at the {name} of the scale")
    attack = evidence.attack
    if attack is not None and attack.gain.value is not None:
        lowest = attack.gain.low if attack.gain.low is not None else attack.gain.value
        if attack.gain.value > MOST_ATTACK * (high - low) and lowest > 0:
            found.append(
                f"attacks raise its scores by {attack.gain.value:.2f} points on average (a judge "
                "asked in words is harder to talk round with judging.wordings=2)"
            )
    wavering = evidence.retest.deviation if evidence.retest else None
    deviation = evidence.saturation.deviation
    if wavering and deviation is not None and wavering > MOST_WAVERING * deviation:
        found.append(
            f"judged twice, the same answer differs by {wavering:.2f} points (scores spread by "
            f"{deviation:.2f})"
        )
    return found
