"""How the duels of two answerers ended, counted."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from primum.statistics.interval import Interval
from primum.statistics.win_rate import controlled_win_rate, win_rate


@dataclass(frozen=True, slots=True)
class DuelTally:
    """How duels ended.

    Attributes:
        decided_by: `words`, where the judge was asked in both orders, or `scores`.
        wins: Duels won.
        ties: Duels without a winner, flips included.
        losses: Duels lost.
        flips: Ties in which the judge named the same place in both orders.
        missing: Duels that could not be decided.
        rate: Wins and half the ties, in [0, 1].
        controlled: The same for answers of equal length.
    """

    decided_by: str
    wins: int
    ties: int
    losses: int
    flips: int
    missing: int
    rate: Interval
    controlled: Interval


def tally(
    duels: pa.Table,
    answers: pa.Table,
    who: tuple[str, str],
    judge: str,
    objective: str,
    *,
    seed: int,
) -> DuelTally | None:
    """Counts the duels of two answerers.

    Args:
        duels: See `store.schemas.DUELS`.
        answers: See `store.schemas.ANSWERS`; their lengths are controlled for.
        who: The answerer that may win, and the one that it is compared with.
        judge: Who judged.
        objective: On what.
        seed: Makes the resamples.

    Returns:
        None where there was no duel.
    """
    key = (*who, judge, objective)
    columns = ("answerer", "against", "judge", "objective")
    rows = [row for row in duels.to_pylist() if tuple(row[name] for name in columns) == key]
    if not rows:
        return None
    lengths = {
        (row["prompt_id"], row["answerer"]): len(row["text"] or "") for row in answers.to_pylist()
    }
    ended = [row for row in rows if row["outcome"] is not None]
    prompts = [row["prompt_id"] for row in ended]
    outcomes = np.array([row["outcome"] for row in ended], dtype=np.float64)
    mine, other = (
        np.array([lengths[prompt, name] for prompt in prompts], dtype=np.float64) for name in who
    )
    return DuelTally(
        decided_by=rows[0]["decided_by"],
        wins=int((outcomes == 1).sum()),
        ties=int((outcomes == 0.5).sum()),
        losses=int((outcomes == 0).sum()),
        flips=sum(bool(row["flipped"]) for row in ended),
        missing=len(rows) - len(ended),
        rate=win_rate(outcomes, prompts, seed=seed),
        controlled=controlled_win_rate(outcomes, mine - other, prompts, seed=seed),
    )
