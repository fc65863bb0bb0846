"""How often the gate's interval errs: its lower bound against the plain percentile bootstrap's.

python benchmarks/intervals.py [--draws 1000]
"""

import argparse

import numpy as np
import numpy.typing as npt

from figures import figure
from primum.statistics.paired_bootstrap import paired_gain

RESAMPLES = 2000
Array = npt.NDArray[np.float64]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--draws", type=int, default=1000)
    draws = arguments.parse_args().draws
    for shape in ("normal", "left_skewed"):
        for prompts in (20, 100):
            rng = np.random.default_rng(prompts)
            samples = [gains(shape, prompts, rng) for _ in range(draws)]
            for kind, lower in (("gate", gate_bound), ("percentile", percentile_bound)):
                errors = np.mean([lower(sample) > 0 for sample in samples])
                spread = 1.96 * np.sqrt(errors * (1 - errors) / draws)
                figure(
                    f"lower_bound_errs_{kind}_{shape}_{prompts}",
                    round(float(errors), 4),
                    "share",
                    low=round(float(errors - spread), 4),
                    high=round(float(errors + spread), 4),
                    nominal=0.025,
                )


def gains(shape: str, prompts: int, rng: np.random.Generator) -> Array:
    """Gains whose true mean is 0; the skewed ones hardly move, but for a few that fall far."""
    if shape == "normal":
        return rng.normal(size=prompts)
    return 1.0 - rng.exponential(size=prompts)


def gate_bound(sample: Array) -> float:
    interval = paired_gain(
        [0.0] * len(sample), list(sample), resamples=RESAMPLES, confidence=0.95, seed=0
    )
    assert interval.low is not None
    return interval.low


def percentile_bound(sample: Array) -> float:
    rng = np.random.default_rng(0)
    means = rng.choice(sample, size=(RESAMPLES, len(sample))).mean(axis=1)
    return float(np.quantile(means, 0.025))


if __name__ == "__main__":
    main()
