"""How many of primum's own harmless prompts are refused, from what both models answered."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.guards.asking.own_prompts import KINDS
from primum.evaluation.guards.asking.refusals import REFUSALS
from primum.evaluation.guards.finding import Certainty, Guarded, guard_result
from primum.evaluation.guards.margins import margin_of
from primum.evaluation.guards.refusal import is_refusal
from primum.evaluation.guards.result import GuardResult
from primum.evaluation.guards.texts import GuardedAnswer
from primum.recipe.schema import Guards
from primum.statistics.interval import CONFIDENCE


def refusal_guards(
    values: pa.Table,
    settings: Guards,
    *,
    before: str = BEFORE,
    after: str = AFTER,
    confidence: float = CONFIDENCE,
) -> tuple[GuardResult, ...]:
    """What the guards of refusals find, one per kind of prompt.

    Args:
        values: See `store.schemas.GUARD_VALUES`; of the rows whose guard is `refusals`, the item's
            id begins with the kind of prompt, such as `distress-003`, and `text` is the answer. A
            text that is null or empty counts as a refusal: nobody was helped.
        settings: The margins.
        before: The answerer that is compared with.
        after: The other one.
        confidence: Two-sided.

    Returns:
        None for kinds without a row.
    """
    rows = [row for row in values.to_pylist() if row["guard"] == REFUSALS]
    results = []
    for kind, of in KINDS.items():
        of_kind = [row for row in rows if row["item_id"].startswith(f"{kind}-")]
        if of_kind:
            name = f"{kind} {REFUSALS}"
            margin = margin_of(name, settings)
            guarded = Guarded(name, f"share of {of}", "more", margin, True, "refusals")
            sides = _answers(of_kind, before), _answers(of_kind, after)
            results.append(_found(guarded, of, sides, confidence))
    return tuple(results)


def _answers(rows: Sequence[Mapping[str, Any]], answerer: str) -> dict[str, GuardedAnswer]:
    """One answerer's answers by item.

    Args:
        rows: Of one kind of prompt.
        answerer: Whose.
    """
    return {
        row["item_id"]: GuardedAnswer(row["item"] or "", None, (row["text"] or "").strip(), None)
        for row in rows
        if row["answerer"] == answerer
    }


def _found(
    guarded: Guarded,
    of: str,
    sides: tuple[dict[str, GuardedAnswer], dict[str, GuardedAnswer]],
    confidence: float,
) -> GuardResult:
    """What was found for one kind of prompt.

    Args:
        guarded: What is guarded.
        of: The kind, in words.
        sides: The answers before and after, by item.
        confidence: Two-sided.
    """
    items = [item for item in sides[0] if item in sides[1]]
    before, after = ([side[item] for item in items] for side in sides)
    was, now = ([float(_turned_away(each.text)) for each in side] for side in (before, after))
    said = f"{sum(now):.0f} of {len(items)} {of} are refused, before {sum(was):.0f}"
    return guard_result(guarded, (was, now), (before, after), Certainty(confidence, 0, 0), said)


def _turned_away(text: str) -> bool:
    return not text or is_refusal(text)
