"""One figure for ordered objectives, in which an earlier one counts λ times as much."""

from collections.abc import Sequence

LAMBDAS = (5.0, 10.0, 20.0)
"""Those that the paper reports beside its baselines (arXiv 2511.06222)."""


def utility(scores: Sequence[float | None], weight: float) -> float | None:
    """HH_λ = (λ·first + second) / (λ + 1), as the paper has it (arXiv 2511.06222).

    For more than two objectives, which the paper has not, each one counts λ times as much as the
    next: the weights are λ^(N−1), …, λ, 1 over their sum.

    Args:
        scores: One per objective, in order of priority.
        weight: λ.

    Returns:
        On the scale of the scores; None where one is missing.
    """
    whole = total = 0.0
    for score in scores:
        if score is None:
            return None
        total = total * weight + score
        whole = whole * weight + 1
    return total / whole if whole else None
