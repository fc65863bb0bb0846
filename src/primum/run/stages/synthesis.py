"""Samples, judges, refines, judges again (docs/method.md, steps 1 to 3)."""

from collections import Counter

import pyarrow.compute as pc

from primum.run.layout import RESPONSES, SCORES
from primum.run.stage import Given, Stage, StageFacts
from primum.seeds import derive_seed
from primum.store import schemas
from primum.synthesis.responses import Synthesis
from primum.synthesis.synthesise import synthesise


def make_responses(given: Given) -> StageFacts:
    """All model calls of a round, as the tables of responses and scores."""
    parts = synthesise(
        given.models.engine(given.policy),
        given.models.judge(given.policy),
        given.prompts,
        given.inputs.constitution,
        given.settings.sampling,
        given.settings.refinement,
        seed=round_seed(given.settings.seed, given.round),
        progress=given.progress,
    )
    facts: Counter[str] = Counter()
    with (
        given.writer(RESPONSES, schemas.RESPONSES) as put_responses,
        given.writer(SCORES, schemas.SCORES) as put_scores,
    ):
        for part in parts:
            put_responses(part.responses)
            put_scores(part.scores)
            facts.update(_facts(part))
    return dict(facts)


def _facts(part: Synthesis) -> dict[str, int]:
    """Counts of responses: all, those that were cut, and those without an answer or a score."""
    responses = part.responses
    return {
        "responses": responses.num_rows,
        "tokens": pc.sum(responses.column("tokens")).as_py() or 0,
        "cut": pc.sum(pc.equal(responses.column("finish"), "length")).as_py() or 0,
        "without_answer": responses.num_rows - responses.column("missing").null_count,
        "missing_scores": part.scores.column("value").null_count,
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
    inputs=("policy", "round", "judge", "constitution", "prompts"),
    writes=(RESPONSES, SCORES),
    asks=True,
)
