"""The steps of a run: which stages, in which order, on which model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from primum.run.layout import MODEL, of_seed, round_folder
from primum.run.stage import Stage, Step
from primum.run.stages import (
    evaluate,
    filters,
    gate,
    guard,
    label,
    pairs,
    prompts,
    report,
    synthesis,
    thoughts,
    train,
)
from primum.run.untrained.plan import untrained_stages

ROUND: tuple[Stage, ...] = (
    synthesis.STAGE,
    thoughts.STAGE,
    filters.STAGE,
    pairs.STAGE,
    train.STAGE,
)
"""One pass of the method, from the policy's own answers to a better policy."""

PROOF: tuple[Stage, ...] = (evaluate.STAGE, guard.STAGE, label.STAGE, gate.STAGE, report.STAGE)
"""What shows whether the last policy is better than the first."""


def steps(
    model: str, rounds: int, run: Path, seeds: int = 1, method: str = "train"
) -> Iterator[Step]:
    """All steps of a run, in order.

    Args:
        model: The starting model's name.
        rounds: How many passes of the method; each starts from the model of the one before.
        run: The run directory.
        seeds: How many models the last round trains on its pairs.
        method: What makes the better answers; any but `train` has one round and no training.
    """
    if method != "train":
        yield from (Step(stage, 1, "", model) for stage in untrained_stages(method))
        return
    policy = model
    yield Step(prompts.STAGE, 1, "", policy)
    for number in range(1, rounds + 1):
        folder = round_folder(number, rounds)
        for stage in ROUND:
            yield Step(stage, number, folder, policy)
        if number == rounds:
            for seed in range(2, seeds + 1):
                yield Step(train.stage_of_seed(seed), number, folder, policy)
        policy = str(run / folder / MODEL)
    further = tuple(of_seed(MODEL, seed) for seed in range(2, seeds + 1))
    for stage in PROOF:
        if further and (stage.asks or MODEL in stage.reads):
            stage = replace(stage, reads=(*stage.reads, *further))
        yield Step(stage, rounds, "", policy)
