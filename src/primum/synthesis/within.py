"""How much scores vary among the candidates of one prompt."""

from collections.abc import Sequence

import numpy as np

from primum.synthesis.filters import Scored


def within_prompt_sd(scored: Sequence[Scored]) -> tuple[float, ...]:
    """Pooled standard deviation of candidate scores around their prompt's mean, per objective.

    Returns:
        One value per objective, in points of the scale; empty where no prompt has two candidates.
    """
    deviations, freedom = [], 0
    for prompt in scored:
        if len(prompt.candidates) >= 2:
            values = np.asarray(list(prompt.candidates.values()), dtype=np.float64)
            deviations.append(((values - values.mean(axis=0)) ** 2).sum(axis=0))
            freedom += len(values) - 1
    if not deviations:
        return ()
    return tuple(float(v) for v in np.sqrt(np.sum(deviations, axis=0) / freedom))
