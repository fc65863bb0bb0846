"""What a loss demands of preference data beside two responses to a prompt."""

from collections.abc import Collection

from primum.errors import UserError
from primum.recipe.losses import MARKED, SCORED, LossName

SCORE_COLUMNS = (("chosen_scores", "rejected_scores"), ("score_chosen", "score_rejected"))
"""A list of scores per response (one per objective), or TRL's single score."""

MET_COLUMNS = ("chosen_met", "rejected_met")
"""Whether each response meets the first objective's threshold."""

_USES = {
    "spa": ("weighs pairs by their scores", "simpo"),
    "modpo": ("takes the scores on the other objectives for a margin", "dpo"),
}
"""What a loss does with scores, and which one does without."""


def score_columns(columns: Collection[str], loss: LossName) -> tuple[str, ...]:
    """The two columns of scores that the loss demands; empty where it demands none.

    Args:
        columns: The names of the data set's columns.
        loss: Which loss is trained.

    Raises:
        UserError: If they are not there.
    """
    if loss not in SCORED:
        return ()
    for pair in SCORE_COLUMNS:
        if set(pair) <= set(columns):
            return pair
    use, other = _USES[loss]
    raise UserError(
        f"the loss {loss} {use}, but the preference data set has neither chosen_scores and "
        f"rejected_scores nor score_chosen and score_rejected; add them, or use the loss {other}"
    )


def met_columns(columns: Collection[str], loss: LossName) -> tuple[str, ...]:
    """The two columns of marks that the loss demands; empty where it demands none.

    Args:
        columns: The names of the data set's columns.
        loss: Which loss is trained.

    Raises:
        UserError: If they are not there.
    """
    if loss not in MARKED or set(MET_COLUMNS) <= set(columns):
        return MET_COLUMNS if loss in MARKED else ()
    raise UserError(
        f"the loss {loss} asks whether each response meets the first objective's threshold, but "
        "the preference data set has no chosen_met and rejected_met; add them (true or false), or "
        "use the loss dpo"
    )


def check_preferred(
    loss: LossName,
    place: str,
    chosen_scores: tuple[float, ...] | None,
    rejected_scores: tuple[float, ...] | None,
    met: tuple[bool, bool] | None,
) -> None:
    """Makes sure that a pair is preferred by what the loss takes it to be preferred by.

    Args:
        loss: Which loss is trained.
        place: What to call the pair's row.
        chosen_scores: Points per objective, in order; None where the loss demands none.
        rejected_scores: Likewise.
        met: Whether the two meet the first objective's threshold; None where it does not ask.

    Raises:
        UserError: If it is not.
    """
    if loss == "safedpo" and met == (False, True):
        raise UserError(
            f"{place}: the chosen response misses the first objective's threshold and the rejected "
            "one meets it, but the loss safedpo takes pairs that were turned round by it; make "
            "the pairs with pairing.rule=safe, or exchange the two"
        )
    if loss != "modpo" or chosen_scores is None or rejected_scores is None:
        return
    if len(chosen_scores) < 2:
        raise UserError(
            f"{place} has one score per response, but the loss modpo needs one on the last "
            "objective and one on each that it is weighed against; use the loss dpo"
        )
    if chosen_scores[-1] < rejected_scores[-1]:
        raise UserError(
            f"{place}: the chosen response has the lower score on the last objective "
            f"({chosen_scores[-1]:g} against {rejected_scores[-1]:g}), but the loss modpo takes "
            "pairs that are preferred by it; make the pairs with pairing.rule=weighted and "
            "pairing.weights that are 0 but for the last"
        )
