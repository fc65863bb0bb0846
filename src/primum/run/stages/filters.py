"""Decides which prompts are kept (docs/method.md, steps 4 and 5)."""

import pyarrow.compute as pc

from primum.run.layout import DECISIONS, RESPONSES, SCORES
from primum.run.stage import Given, Stage, StageFacts
from primum.synthesis.filters import apply_filters
from primum.synthesis.responses import Synthesis


def decide_prompts(given: Given) -> StageFacts:
    """Both filters, as the table of their decisions."""
    decisions = apply_filters(
        Synthesis(given.table(RESPONSES), given.table(SCORES)),
        [prompt.prompt_id for prompt in given.inputs.train],
        given.inputs.constitution,
        given.settings.denoising,
        given.settings.pairing,
    )
    given.put_table(DECISIONS, decisions)
    kept = pc.sum(decisions.column("kept")).as_py() or 0
    return {"prompts": decisions.num_rows, "kept": kept}


STAGE = Stage(
    name="filters",
    body=decide_prompts,
    settings=("denoising", "pairing.thresholds", "pairing.bin"),
    inputs=("constitution", "train"),
    reads=(RESPONSES, SCORES),
    writes=(DECISIONS,),
)
