"""Guards of the form of answers."""

import pyarrow as pa

from primum.evaluation.guards.result import GuardResult
from primum.recipe.schema import Guards


def form_guards(
    answers: pa.Table,
    settings: Guards,
    *,
    before: str = "before",
    after: str = "after",
    confidence: float,
    resamples: int,
    seed: int,
) -> tuple[GuardResult, ...]:
    """Whether the form of answers was lost.

    Args:
        answers: See `store.schemas.ANSWERS`.
        settings: Which guards, and their margins.
        before: The answerer that is compared with.
        after: The other one.
        confidence: Two-sided.
        resamples: Bootstrap resamples.
        seed: Makes the resamples.
    """
    return ()
