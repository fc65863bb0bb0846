"""Guards judged on several trained models: the one that lost most stands for all."""

from collections.abc import Sequence
from dataclasses import replace

from primum.evaluation.guards.result import GuardResult


def worst_of(by_model: Sequence[Sequence[GuardResult]]) -> tuple[GuardResult, ...]:
    """For every guard, the result on the trained model that lost most.

    A guard holds only if it holds on every model, so that no seed is hidden behind another.

    Args:
        by_model: What the guards found on every trained model, the first seed's first.

    Returns:
        In the first model's order. Where there are several models, the sentence says which.
    """
    names = dict.fromkeys(result.guard for results in by_model for result in results)
    found = []
    for name in names:
        each = [
            (seed, result)
            for seed, results in enumerate(by_model, start=1)
            for result in results
            if result.guard == name
        ]
        seed, result = max(each, key=lambda pair: (not pair[1].held, _loss(pair[1])))
        if len(by_model) > 1:
            said = f"{result.sentence} (trained model {seed} of {len(by_model)}, the worst)"
            result = replace(result, sentence=said)
        found.append(result)
    return tuple(found)


def _loss(result: GuardResult) -> float:
    """How much may have been lost; where nothing bounds it, all."""
    return float("inf") if result.loss.high is None else result.loss.high
