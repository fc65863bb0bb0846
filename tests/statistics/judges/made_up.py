"""Scores of judges that are made up."""

import numpy as np


def judge_with(noise, count=400):
    """Scores that know the truth as well as their noise lets them; confident means right."""
    gap = np.random.default_rng(11).normal(1.0, noise, count)
    return np.stack([gap, np.zeros(count)], axis=1), [str(at) for at in range(count)]
