"""The sections of the recipe about preference pairs: which prompts are kept, which pairs made."""

from typing import Annotated, Literal

from pydantic import Field

from primum.recipe.section import Section


class Quantile(Section):
    """A cut that is a quantile of the run's own values rather than a fixed number."""

    quantile: float = Field(gt=0, le=1, description="The share of values below the cut.")


class WithinPromptSD(Section):
    """A width in units of the standard deviation of scores within one prompt."""

    within_prompt_sd: float = Field(gt=0, description="How many such deviations.")


class Denoising(Section):
    """The two filters on prompts (docs/method.md, steps 4 and 5)."""

    consistency: Literal["strict", "pareto", "lexicographic", "off"] = Field(
        "strict",
        description="What the refinement must do to every candidate: beat it on every objective "
        "(strict), dominate it in binned scores (pareto), precede it in the order "
        "(lexicographic), or nothing (off).",
    )
    informativeness: bool = Field(True, description="Require 0 < det Σ ≤ τ.")
    tau: Annotated[float, Field(gt=0)] | Quantile = Field(
        Quantile(quantile=0.9),
        description="Upper bound on det Σ: a number, or a quantile of the positive determinants.",
    )


class Pairing(Section):
    """How preference pairs are formed (docs/method.md, step 6)."""

    rule: Literal["lexicographic", "weighted", "apart", "safe"] = Field(
        "lexicographic",
        description="Which response is preferred: the one that precedes in the order; the one with "
        "the higher weighted sum of scores; apart: the better one on each objective alone, a pair "
        "for each that tells them apart; safe: the better one on the last objective, turned round "
        "where it misses the first one's threshold and the other meets it, dropped where both miss "
        "it (SafeDPO, arXiv 2505.20065).",
    )
    weights: tuple[Annotated[float, Field(ge=0)], ...] = Field(
        (),
        description="weighted: how much each objective counts, in order of priority; those left "
        "out count nothing.",
    )
    preferred: Literal["any", "refinement"] = Field(
        "any", description="refinement: only pairs that the refinement wins."
    )
    use_thresholds: bool = Field(
        True, description="Whether the constitution's own thresholds count in the order."
    )
    delta: float = Field(0.0, ge=0, description="Least margin Σ|ΔG|, in points of the scale.")
    bin: Annotated[float, Field(ge=0)] | WithinPromptSD = Field(
        0.0,
        description="Scores are compared in bins of this width (points of the scale, 0 for exact; "
        "or in within-prompt standard deviations): within a bin the next objective decides.",
    )
    thresholds: dict[str, float | None] = Field(
        default_factory=dict,
        description="Per objective: scores above it count as equal to it. Goes before the "
        "constitution's own; null for none.",
    )
    pareto_only: bool = Field(
        False, description="Drop pairs whose preferred side is worse on a later objective."
    )
    cut: Literal["loses", "any", "none"] = Field(
        "loses",
        description="Which pairs are kept of a response that was cut at its longest length with "
        "one that ended: those that the cut one loses, any, or none, so that pairs teach nothing "
        "of length by which of them were left out.",
    )
