"""Which prompts are labelled, and on which side each answer stands: both from one secret seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.people import answer_digest
from primum.evaluation.side_by_side import side_by_side
from primum.seeds import derive_seed
from primum.sheets.items import SheetItem, sheet_text

EMPTY = "(nothing was written)"
"""Stands on a sheet for an answer without a text."""


@dataclass(frozen=True, slots=True)
class DrawnPrompt:
    """A prompt that was drawn.

    Attributes:
        prompt_id: Which.
        item: Its row of the sheet; None where both answers are the same text, so that there is
            nothing to ask.
        first: Whose answer stands first: "before" or "after".
        before: Fingerprint of the answer before.
        after: Fingerprint of the answer after.
    """

    prompt_id: str
    item: SheetItem | None
    first: str
    before: str
    after: str


def draw_prompts(
    answers: pa.Table, objectives: Sequence[str], *, count: int, seed: int
) -> tuple[DrawnPrompt, ...]:
    """A random sample of the prompts that both models answered, in a random order.

    The same seed draws the same prompts, sides and order; without it nothing on a sheet tells the
    sides apart. Where several models were trained, the first one's answers are taken: it is the
    one that the run hands out.

    Args:
        answers: See `store.schemas.ANSWERS`.
        objectives: Names, in order.
        count: How many prompts; all where there are fewer.
        seed: Makes all draws.
    """
    empty = pa.table({name: [] for name in ("prompt_id", "judge", "answerer", "objective")})
    table = side_by_side(answers, empty, (), judge="", before=BEFORE, after=AFTER)
    found = [row for row in table.to_pylist() if _is_whole(row)]
    found.sort(key=lambda row: derive_seed(seed, "sample", row["prompt_id"]))
    drawn = [_drawn(row, objectives, seed) for row in found[:count]]
    return tuple(sorted(drawn, key=lambda one: derive_seed(seed, "order", one.prompt_id)))


def _is_whole(row: dict[str, str | None]) -> bool:
    return all(row[side] is not None and row[f"{side}_missing"] is None for side in (BEFORE, AFTER))


def _drawn(row: dict[str, str], objectives: Sequence[str], seed: int) -> DrawnPrompt:
    """A prompt with its sides.

    Args:
        row: Of the answers side by side.
        objectives: Names, in order.
        seed: Makes the sides.
    """
    texts = {side: sheet_text(row[side]) or EMPTY for side in (BEFORE, AFTER)}
    turned = derive_seed(seed, "sides", row["prompt_id"]) % 2
    first, second = (AFTER, BEFORE) if turned else (BEFORE, AFTER)
    sides = (texts[first], texts[second])
    item = SheetItem(", ".join(objectives), sheet_text(row["prompt"]), sides)
    return DrawnPrompt(
        prompt_id=row["prompt_id"],
        item=item if sides[0] != sides[1] else None,
        first=first,
        before=answer_digest(row[BEFORE]),
        after=answer_digest(row[AFTER]),
    )
