"""Builds the lexicographic preference pairs (docs/method.md, step 6)."""

import pyarrow as pa

from primum.errors import UserError
from primum.run.layout import DECISIONS, PAIRS, RESPONSES, SCORES
from primum.run.stage import Given, Stage, StageFacts
from primum.synthesis.pairs import build_pairs
from primum.synthesis.responses import Synthesis

_REMEDIES = {
    "inconsistent": "more refinements (refinement.n), or denoising.consistency=lexicographic",
    "uninformative (det Σ = 0)": "more candidates (sampling.n) or a higher sampling.temperature",
    "unstable (det Σ > τ)": "a higher denoising.tau",
    "no refinement": "refinement.n of at least 1",
    "candidate scores missing": "another judging.kind",
    "refinement score missing": "another judging.kind",
    "too few scored candidates": "more candidates (sampling.n)",
}


def make_pairs(given: Given) -> StageFacts:
    """The pairs of the prompts that were kept.

    Raises:
        UserError: If there is no pair; the message says which filter took the most.
    """
    decisions = given.table(DECISIONS)
    pairs = build_pairs(
        Synthesis(given.table(RESPONSES), given.table(SCORES)),
        decisions,
        given.inputs.train,
        given.inputs.constitution,
        given.settings.pairing,
    )
    if pairs.num_rows == 0:
        raise UserError(_why_no_pairs(decisions, given.settings.pairing.delta))
    given.put_table(PAIRS, pairs)
    return {"pairs": pairs.num_rows}


def _why_no_pairs(decisions: pa.Table, delta: float) -> str:
    """Which filter took the most, and what to change."""
    reasons = [reason for reason in decisions.column("reason").to_pylist() if reason]
    kept = decisions.num_rows - len(reasons)
    if kept:
        return (
            f"{kept} prompts were kept but gave no pair with a margin of {delta:g}; lower "
            "pairing.delta or pairing.bin"
        )
    counts = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
    most = max(counts, key=lambda reason: counts[reason])
    listed = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return f"all {len(reasons)} prompts were filtered out ({listed}); try {_REMEDIES[most]}"


STAGE = Stage(
    name="pairs",
    body=make_pairs,
    settings=("pairing",),
    inputs=("constitution", "train"),
    reads=(RESPONSES, SCORES, DECISIONS),
    writes=(PAIRS,),
)
