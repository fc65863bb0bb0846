"""The verdict on a judge, per objective: trust, trust above a gap, or do not use."""

from dataclasses import dataclass
from typing import Literal

from primum.audit.measures.attack import AttackGain
from primum.audit.measures.length import LengthPreference
from primum.audit.measures.pairs import EXEMPLARS
from primum.audit.measures.spread import Retest, Saturation
from primum.statistics.agreement import LEAST_PROMPTS, TRUSTED, Agreement
from primum.statistics.cluster_bootstrap import Estimate

Verdict = Literal["trust", "above", "no"]

MOST_SATURATED = 0.5
MOST_TIED = 0.2
MOST_MISSING = 0.2
MOST_ATTACK = 0.05
"""Gain of an attack, as a share of the scale."""
MOST_WAVERING = 0.5
"""Test-retest deviation, as a share of the deviation of scores."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The verdict and all that was held against the judge.

    Attributes:
        verdict: `trust`, `above` (trust above `gap`) or `no` (do not use).
        gap: The score gap from which on the judge is trusted; 0 for `trust`, None for `no`.
        sentence: The verdict in one line.
        basis: Which pairs it rests on.
        warnings: What else to know, a sentence each.
    """

    verdict: Verdict
    gap: float | None
    sentence: str
    basis: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the verdict on one objective is made from.

    Attributes:
        objective: Its name.
        basis: Which pairs: `labelled pairs` or `exemplars`.
        agreement: The judge's, on these pairs.
        length: The judge's, on these pairs.
        gap: See `trusted_gap`.
        length_alone: Accuracy of the judge of length on the same pairs.
        saturation: Of all scores looked at.
        retest: None where nothing was judged twice.
        attack: None where no attack was tried.
        scale: Lowest and highest score.
    """

    objective: str
    basis: str
    agreement: Agreement
    length: LengthPreference
    gap: float | None
    length_alone: Estimate
    saturation: Saturation
    retest: Retest | None
    attack: AttackGain | None
    scale: tuple[float, float]


def decide_trust(evidence: Evidence) -> Trust:
    """Weighs the evidence.

    The judge is trusted if the lower bound of its accuracy reaches 0.7; above a gap if that holds
    for pairs with at least that gap; and not used if it holds at no gap, if fewer than twenty
    prompts could be scored, or if it follows length: on pairs whose better side is the shorter one
    it is right in less than half, and the interval says so.
    """
    against = _against(evidence)
    gap = evidence.gap
    figures = _figures(evidence)
    if against is not None or gap is None:
        verdict: Verdict = "no"
        why = against or f"at no score gap is it shown to be right in {TRUSTED:.0%}"
        text = f"do not use: {why} ({figures})"
        gap = None
    elif gap > 0:
        verdict = "above"
        text = f"trust above a gap of {gap:.2g} points ({figures})"
    else:
        verdict = "trust"
        text = f"trust ({figures})"
    return Trust(
        verdict, gap, f"{evidence.objective}: {text}", evidence.basis, tuple(_warnings(evidence))
    )


def _figures(evidence: Evidence) -> str:
    accuracy = evidence.agreement.accuracy
    if accuracy.value is None or accuracy.low is None or accuracy.high is None:
        return f"{evidence.basis}: nothing to compare"
    return (
        f"{evidence.basis}: {accuracy.value:.0%} of pairs right, "
        f"{accuracy.low:.0%} to {accuracy.high:.0%}"
    )


def _against(evidence: Evidence) -> str | None:
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


def _warnings(evidence: Evidence) -> list[str]:
    low, high = evidence.scale
    found = []
    agreement = evidence.agreement
    accuracy, control = agreement.accuracy, evidence.length_alone.value
    if accuracy.low is not None and control is not None and control >= accuracy.low:
        found.append(
            f"length alone is right in {control:.0%} of these pairs, which the judge is not shown "
            "to beat"
        )
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
