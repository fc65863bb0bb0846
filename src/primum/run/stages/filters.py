"""Decides which prompts are kept (docs/method.md, steps 4 and 5)."""

from collections import Counter

import pyarrow.compute as pc

from primum.run.layout import DECISIONS, RESPONSES, SCORES
from primum.run.stage import Given, Stage, StageFacts
from primum.store.schemas import FILTER_DECISIONS
from primum.synthesis.filters import apply_filters
from primum.synthesis.responses import Syntheses
from primum.synthesis.scored import RESPONSE_COLUMNS, SCORE_COLUMNS


def decide_prompts(given: Given) -> StageFacts:
    """Both filters, as the table of their decisions."""
    parts = apply_filters(
        Syntheses(given.parts(RESPONSES, RESPONSE_COLUMNS), given.parts(SCORES, SCORE_COLUMNS)),
        given.inputs.constitution,
        given.settings.denoising,
        given.settings.pairing,
    )
    facts: Counter[str] = Counter()
    with given.writer(DECISIONS, FILTER_DECISIONS) as put:
        for part in parts:
            put(part)
            facts.update(prompts=part.num_rows, kept=pc.sum(part.column("kept")).as_py() or 0)
    return dict(facts)


STAGE = Stage(
    name="filters",
    body=decide_prompts,
    settings=("denoising", "pairing.thresholds", "pairing.use_thresholds", "pairing.bin"),
    inputs=("constitution",),
    reads=(RESPONSES, SCORES),
    writes=(DECISIONS,),
)
