"""The settings that follow from an audit: τ, δ, and another kind of judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from primum.audit.trust import Trust
from primum.statistics.arrays import Floats
from primum.statistics.judges.agreement import correctness
from primum.statistics.judges.rv import CurvePoint, before_the_fall, curve


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Settings for the recipe, each with its rule; None where the audit cannot say.

    Attributes:
        tau: For `denoising.tau`.
        tau_share: The share of prompts with a positive det Σ up to it.
        tau_rule: How it was found, or why it was not.
        delta: For `pairing.delta`.
        delta_rule: How it was found, or why it was not.
        measure: What the curve shows: `RV` or `accuracy`; empty without a curve.
        curve: The measure over ever more prompts, sorted by det Σ.
        kind: Which other kind of judge to try, in a sentence.
    """

    tau: float | None
    tau_share: float | None
    tau_rule: str
    delta: float | None
    delta_rule: str
    measure: str
    curve: tuple[CurvePoint, ...]
    kind: str | None = None


def accuracy_curve(
    determinants: Mapping[str, float],
    scores: Floats,
    prompt_ids: Sequence[str],
    *,
    seed: int,
) -> tuple[CurvePoint, ...]:
    """Accuracy on labelled pairs over ever more of their prompts, smallest positive det Σ first.

    Args:
        determinants: det Σ by prompt id, over candidates drawn for these prompts.
        scores: Of the pairs, shape [pairs, 2], the better side first; NaN for missing.
        prompt_ids: The prompt of every pair.
        seed: Makes the bootstrap resamples.
    """
    right: dict[str, list[float]] = {}
    for name, found, known in zip(
        prompt_ids, correctness(scores), np.asarray(np.isfinite(scores).all(axis=1)), strict=True
    ):
        if known and determinants.get(name, 0.0) > 0:
            right.setdefault(name, []).append(float(found))
    ordered = sorted(right, key=lambda name: determinants[name])

    def accuracy(places: Sequence[int]) -> float:
        return float(np.mean([value for at in places for value in right[ordered[at]]]))

    return curve([determinants[name] for name in ordered], accuracy, seed=seed)


def suggest(
    trusts: Sequence[Trust],
    points: Sequence[CurvePoint],
    measure: str,
    kind: str | None = None,
) -> Suggestion:
    """Settings that follow.

    τ is the det Σ up to which the curve has not fallen. δ is the largest gap that any usable
    objective needs: δ bounds Σ|ΔG| over all objectives, so that below it no objective can have
    its gap.

    Args:
        trusts: How far the judge can be trusted, per objective in order of priority.
        points: RV against a second judge, or accuracy on labelled pairs, by det Σ.
        measure: Which of them.
        kind: Which other kind of judge to try; None for none.
    """
    turning = before_the_fall(points)
    gaps = [trust.gap for trust in trusts if trust.gap is not None]
    if trusts and trusts[0].gap is None:
        gaps = []
    return Suggestion(
        tau=turning.tau if turning else None,
        tau_share=turning.share if turning else None,
        tau_rule=_tau_rule(turning, measure),
        delta=max(gaps) if gaps else None,
        delta_rule=(
            "the largest score gap that a usable objective needs for 70 % accuracy"
            if gaps
            else "none: the first objective cannot be trusted at any gap"
        ),
        measure=measure if points else "",
        curve=tuple(points),
        kind=kind,
    )


def _tau_rule(turning: CurvePoint | None, measure: str) -> str:
    if turning is None:
        return (
            "none: that takes prompts to sample, eight of them or more with a positive det Σ, and "
            "a second judge or labelled pairs"
        )
    return (
        f"the largest share of prompts, sorted by det Σ, at which {measure} lies within one "
        "standard error of its peak"
    )
