"""The steps of a run: which stages, in which order, on which model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from primum.recipe.combination import Combination
from primum.run.inputs import Inputs
from primum.run.layout import MODEL, of_objective, of_seed, round_folder
from primum.run.stage import Stage, Step
from primum.run.stages import (
    apart,
    evaluate,
    filters,
    gate,
    guard,
    label,
    merge,
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


def plan_of(inputs: Inputs, run: Path) -> list[Step]:
    """All steps of a run, in order.

    Args:
        inputs: The inputs of the run.
        run: The run directory.
    """
    recipe = inputs.recipe
    if recipe.method != "train":
        return [Step(stage, 1, "", inputs.model) for stage in untrained_stages(recipe.method)]
    return list(
        steps(
            inputs.model,
            recipe.iterations,
            run,
            recipe.seeds,
            combination=recipe.combination,
            objectives=len(inputs.constitution.objectives),
        )
    )


def steps(
    model: str,
    rounds: int,
    run: Path,
    seeds: int = 1,
    *,
    combination: Combination | None = None,
    objectives: int = 0,
) -> Iterator[Step]:
    """All steps of a run, in order.

    Args:
        model: The starting model's name.
        rounds: How many passes of the method; each starts from the model of the one before.
        run: The run directory.
        seeds: How many models the last round trains on its pairs.
        combination: How objectives come into one model; None for one training on all pairs.
        objectives: How many there are; counts only where they are trained apart.
    """
    policy = model
    yield Step(prompts.STAGE, 1, "", policy)
    for number in range(1, rounds + 1):
        folder = round_folder(number, rounds)
        for stage in ROUND:
            if stage is not train.STAGE or combination is None or combination.kind == "together":
                yield Step(stage, number, folder, policy)
                continue
            for training, start in _apart(combination, objectives):
                begins = str(run / folder / start) if start else policy
                yield Step(training, number, folder, begins)
        if number == rounds:
            for seed in range(2, seeds + 1):
                yield Step(train.stage_of_seed(seed), number, folder, policy)
        policy = str(run / folder / MODEL)
    further = tuple(of_seed(MODEL, seed) for seed in range(2, seeds + 1))
    for stage in PROOF:
        if further and (stage.asks or MODEL in stage.reads):
            stage = replace(stage, reads=(*stage.reads, *further))
        yield Step(stage, rounds, "", policy)


def _apart(combination: Combination, objectives: int) -> Iterator[tuple[Stage, str]]:
    """The trainings of a round, one for each objective, and what makes one model of them.

    A sequence trains each from the model of the one before (SACPO, arXiv 2404.11049), a soup all
    from the round's own start (Reward Soups, arXiv 2306.04488).

    Args:
        combination: How objectives come into one model.
        objectives: How many there are.

    Yields:
        A stage, and the model that it starts from, relative to the round; empty for the policy.
    """
    order = tuple(range(1, objectives + 1))
    yield apart.apart(objectives), ""
    if combination.kind == "soup":
        for number in order:
            yield train.stage_of_objective(number, to_merge=True), ""
        yield merge.merge(objectives), ""
        return
    order = order[::-1] if combination.last_first else order
    start = ""
    for number in order:
        yield train.stage_of_objective(number, last=number == order[-1]), start
        start = of_objective(MODEL, number)
    yield merge.joined(order), ""
