"""Samples, judges, refines, judges again (docs/method.md, steps 1 to 3)."""

import pyarrow.compute as pc

from primum.run.layout import RESPONSES, SCORES
from primum.run.stage import Given, Stage, StageFacts
from primum.seeds import derive_seed
from primum.synthesis.synthesise import synthesise


def make_responses(given: Given) -> StageFacts:
    """All model calls of a round, as the tables of responses and scores."""
    made = synthesise(
        given.models.engine(given.policy),
        given.models.judge(given.policy),
        given.inputs.train,
        given.inputs.constitution,
        given.settings.sampling,
        given.settings.refinement,
        seed=round_seed(given.settings.seed, given.round),
        progress=given.progress,
    )
    given.put_table(RESPONSES, made.responses)
    given.put_table(SCORES, made.scores)
    return {
        "responses": made.responses.num_rows,
        "tokens": pc.sum(made.responses.column("tokens")).as_py() or 0,
        "missing_scores": made.scores.column("value").null_count,
    }


def round_seed(seed: int, number: int) -> int:
    """New draws in every round, or an unchanged policy would repeat itself.

    Args:
        seed: The recipe's.
        number: The round, counted from 1; the first one takes the recipe's seed itself.
    """
    return seed if number == 1 else derive_seed(seed, "round", number)


STAGE = Stage(
    name="synthesis",
    body=make_responses,
    settings=("seed", "engine", "sampling", "refinement", "judging"),
    inputs=("policy", "round", "judge", "constitution", "train"),
    writes=(RESPONSES, SCORES),
    asks=True,
)
