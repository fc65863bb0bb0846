"""How often the gate passes what it must not, and passes what it should, on made-up scores.

python benchmarks/gate.py [--share 1.0]

`gate_false_pass_KIND_PROMPTS`: the first objective truly falls by just the margin, the second one
rises for everybody to see, so that the gate passes as soon as it overlooks the fall. The aim is
0.025 and the Monte Carlo error (1.96 standard errors). `gate_power_KIND_200`: the first objective
truly rises by 0.3 points, the second one does not change. `gate_seeds_false_pass_PROMPTS`: as the
first, with three trained models that differ truly. Minutes on one core.
"""

import argparse
from collections.abc import Callable

import numpy as np

from figures import figure
from gate_kinds import KINDS, Array, Kind, normal
from primum.evaluation.gate import in_order, levels_of, objective_result, verdict_of
from primum.evaluation.showing import Levels, Scored, show
from primum.recipe.schema import Evaluation, Gate

DRAWS = {64: 2000, 200: 1000, 1000: 200}
"""Runs per kind, by prompts."""
POWER_PROMPTS, POWER_DRAWS, RISE = 200, 200, 0.3
SEEDS, SEEDS_SPREAD = 3, 0.2
"""Trained models, and the standard deviation of their true changes, in points."""

MARGIN = Gate().margin
LEVELS = levels_of(Evaluation(bootstrap=500), objectives=2, examiners=1, seed=0)
HELD_ALONE = Levels(LEVELS.confidence, LEVELS.confidence, LEVELS.resamples, LEVELS.seed)
"""Of what falls, no rise need be tested."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--share", type=float, default=1.0, help="Of the runs; for a quick look."
    )
    share = arguments.parse_args().share
    for name, kind in KINDS.items():
        for prompts, draws in DRAWS.items():
            passes = passing(false_pass(kind, prompts), round(share * draws))
            told(f"gate_false_pass_{name}_{prompts}", passes, aim=0.025)
    for prompts in (64, 200):
        passes = passing(false_pass_of_seeds(prompts), round(share * DRAWS[prompts]))
        told(f"gate_seeds_false_pass_{prompts}", passes, aim=0.025)
    for name, kind in KINDS.items():
        passes = passing(power(kind), round(share * POWER_DRAWS))
        told(f"gate_power_{name}_{POWER_PROMPTS}", passes)


def false_pass(kind: Kind, prompts: int) -> Callable[[np.random.Generator], bool]:
    """A run whose first objective falls by the margin."""
    return lambda rng: passed(scored(kind(rng, prompts, -MARGIN)), RISEN, HELD_ALONE)


def false_pass_of_seeds(prompts: int) -> Callable[[np.random.Generator], bool]:
    """The same of several trained models, whose true changes have the fall as their mean."""

    def run(rng: np.random.Generator) -> bool:
        own = rng.normal(-MARGIN, SEEDS_SPREAD, SEEDS)
        common = normal(rng, prompts, 0.0)
        gains = [common + normal(rng, prompts, change) for change in own]
        return passed(scored(*gains), RISEN, HELD_ALONE)

    return run


def power(kind: Kind) -> Callable[[np.random.Generator], bool]:
    """A run whose first objective rises."""
    return lambda rng: passed(
        scored(kind(rng, POWER_PROMPTS, RISE)), scored(normal(rng, POWER_PROMPTS, 0.0)), LEVELS
    )


def passed(first: Scored, second: Scored, levels: Levels) -> bool:
    """What the gate says of two objectives."""
    shown = [show("examiner", "first", first, MARGIN, levels)]
    shown.append(show("examiner", "second", second, MARGIN, levels))
    results = in_order([objective_result(each.objective, (each,)) for each in shown])
    return verdict_of(results) == "pass"


def scored(*gains: Array) -> Scored:
    """Scores with these gains, of one trained model or several."""
    return Scored([0.0] * len(gains[0]), tuple(list(map(float, each)) for each in gains))


RISEN = scored(np.ones(20))
"""Scores that all rose by a point."""


def passing(run: Callable[[np.random.Generator], bool], draws: int) -> list[bool]:
    """Which of some runs passed."""
    rng = np.random.default_rng(2026)
    return [run(rng) for _ in range(max(1, draws))]


def told(name: str, passes: list[bool], **more: float) -> None:
    """A share of passes with its Monte Carlo error."""
    share = float(np.mean(passes))
    # Of the aim where none passed, which has no error of its own.
    error = 1.96 * np.sqrt(max(share * (1 - share), 0.025 * 0.975) / len(passes))
    figure(name, round(share, 4), "share", error=round(float(error), 4), runs=len(passes), **more)


if __name__ == "__main__":
    main()
