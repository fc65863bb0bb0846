"""Builds the preference pairs (docs/method.md, step 6)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from primum.errors import UserError
from primum.judging.base import EMPTY_RESPONSE
from primum.run.layout import DECISIONS, PAIRS, RESPONSES, SCORES
from primum.run.stage import Given, Stage, StageFacts
from primum.store import schemas
from primum.store.files import TableParts
from primum.synthesis.categories import CANDIDATE_COLUMNS, DECIDED_COLUMNS, pairs_by_category
from primum.synthesis.order import stated_thresholds
from primum.synthesis.pairs import (
    CUT_WINS,
    NO_MARGIN,
    NO_PARETO,
    NO_REFINEMENT,
    ONE_CUT,
    ONE_THOUGHT,
    SAME_TEXT,
    build_pairs,
)
from primum.synthesis.responses import Syntheses
from primum.synthesis.rules import BOTH_MISS, SAME_BINS, SAME_SCORES
from primum.synthesis.scored import SCORE_COLUMNS

_REMEDIES = {
    "inconsistent": "more refinements (refinement.n), or denoising.consistency=lexicographic",
    "uninformative (det Σ = 0)": "more candidates (sampling.n) or a higher sampling.temperature",
    "unstable (det Σ > τ)": "a higher denoising.tau",
    # Settings without refinements are refused beforehand: the request did not fit.
    "no refinement": "a smaller sampling.max_tokens or refinement.max_tokens, so that a candidate "
    "and its refinement fit into the model's context",
    "candidate scores missing": "another judging.kind",
    "refinement score missing": "another judging.kind",
    "too few scored candidates": "more candidates (sampling.n)",
    SAME_BINS: "a smaller pairing.bin, higher pairing.thresholds, or another judging.kind",
    SAME_SCORES: "a smaller pairing.bin, or another judging.kind",
    BOTH_MISS: "a lower threshold of the first objective (pairing.thresholds), or another "
    "pairing.rule",
    SAME_TEXT: "a higher sampling.temperature",
    NO_MARGIN: "a lower pairing.delta",
    NO_PARETO: "pairing.pareto_only=false",
    NO_REFINEMENT: "pairing.preferred=any, or more refinements (refinement.n)",
    ONE_THOUGHT: "a model, or a chat template, that always thinks or never does",
    CUT_WINS: "a larger sampling.max_tokens and refinement.max_tokens, so that answers end, or "
    "pairing.cut=any",
    ONE_CUT: "a larger sampling.max_tokens and refinement.max_tokens, so that answers end, or "
    "pairing.cut=loses",
}
_LONGER = "a larger sampling.max_tokens and refinement.max_tokens"
_SPEAKS = "a model that answers, or other sampling.system_prompts"


def make_pairs(given: Given) -> StageFacts:
    """The pairs of the prompts that were kept.

    Raises:
        UserError: If there is no pair; the message names the most frequent reason.
    """
    parts = build_pairs(
        Syntheses(given.parts(RESPONSES), given.parts(SCORES, SCORE_COLUMNS)),
        given.parts(DECISIONS),
        given.prompts,
        given.inputs.constitution,
        given.settings.pairing,
    )
    pairs = 0
    dropped: Counter[str] = Counter()
    with given.writer(PAIRS, schemas.PAIRS) as put:
        for part in parts:
            put(part.table)
            pairs += part.table.num_rows
            dropped += part.dropped
        if pairs == 0:
            raise UserError(_why_none(given, dropped))
    return {
        "pairs": pairs,
        "dropped": dict(dropped.most_common()),
        "by_category": _by_category(given),
    }


def _by_category(given: Given) -> list[dict[str, Any]]:
    """What each objective decided on every category of prompts, as plain data."""
    found = pairs_by_category(
        {prompt.prompt_id: prompt.category for prompt in given.prompts},
        Syntheses(given.parts(RESPONSES, CANDIDATE_COLUMNS), given.parts(SCORES, SCORE_COLUMNS)),
        TableParts(given.path(PAIRS), DECIDED_COLUMNS),
        stated_thresholds(given.inputs.constitution, given.settings.pairing),
    )
    return [asdict(row) for row in found]


def _why_none(given: Given, dropped: Counter[str]) -> str:
    """Why there is no pair, and what to change: of several reasons the most frequent one."""
    reasons = _counted(given.parts(DECISIONS), "reason")
    kept = sum(part.num_rows for part in given.parts(DECISIONS)) - reasons.total()
    if not kept:
        return (
            f"all {reasons.total()} prompts were filtered out ({_listed(reasons)}); "
            f"{_remedy(given, reasons)}"
        )
    if not dropped:
        return (
            f"{kept} prompts were kept, but none has two scored responses; try a larger sampling.n"
        )
    return (
        f"{kept} prompts were kept but gave no pair; couples of responses that are none: "
        f"{_listed(dropped)}; {_remedy(given, dropped)}"
    )


def _remedy(given: Given, reasons: Counter[str]) -> str:
    [(most, _)] = reasons.most_common(1)
    if not most.endswith("missing"):
        return f"try {_REMEDIES[most]}"
    # Where there was no answer, or an empty one, no judge is to blame.
    unanswered = _counted(given.parts(RESPONSES, ["missing"]), "missing")
    lost = _counted(given.parts(SCORES, ["missing"]), "missing")
    # A judge's reasons may quote its replies and be many, so that none of them is frequent.
    without_answer = Counter({why: lost[why] for why in lost if why in unanswered})
    is_answer = 2 * without_answer.total() >= lost.total()
    [(why, _)] = (without_answer if is_answer else lost - without_answer).most_common(1)
    remedy = _LONGER if is_answer else _SPEAKS if why == EMPTY_RESPONSE else _REMEDIES[most]
    return f"scores are missing mostly because {why}; try {remedy}"


def _counted(parts: Iterable[pa.Table], column: str) -> Counter[str]:
    """How often each text stands in a column; null is not counted."""
    return Counter(value for part in parts for value in part.column(column).to_pylist() if value)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in counts.most_common())


STAGE = Stage(
    name="pairs",
    body=make_pairs,
    settings=("pairing",),
    inputs=("constitution", "prompts"),
    reads=(RESPONSES, SCORES, DECISIONS),
    writes=(PAIRS,),
)
