"""What to look at where thresholds do not do what they are for."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from primum.synthesis.categories import CategoryPairs, ObjectivePairs, together

MOSTLY = 0.5
"""Share of pairs, and of candidates, beyond which an objective decides most, or is mostly met."""
FEW_PAIRS = 5
"""Pairs of a category below which nothing is said of them: a choice."""
NEARLY = 0.02
"""Share of candidates, from either end, at which a threshold tells next to none apart: a choice."""
_NAMED = 3
"""Categories that are named for one objective; the report's table has the others. A choice."""


def threshold_warnings(by_category: Sequence[CategoryPairs]) -> tuple[str, ...]:
    """Where thresholds do not do what they are for, a sentence each.

    The last objective is left out: nothing comes after it that its threshold could give way to.
    The names of categories in them are untrusted text.

    Args:
        by_category: See `synthesis.categories.pairs_by_category`.
    """
    if not by_category:
        return ()
    whole = together(by_category).objectives
    found: list[str] = []
    for place, (one, after) in enumerate(pairwise(whole)):
        name, then = one.objective, after.objective
        if one.threshold is None:
            found.append(
                f"Without a threshold {name} decides wherever answers differ on it, and {then} "
                "only where they do not. Set one in the constitution (threshold), or "
                f"pairing.thresholds.{name}."
            )
        elif one.share_met is not None:
            found += _telling_none_apart(one, one.share_met, then)
            found += _deciding_where_met(by_category, place, then)
    return tuple(found)


def _telling_none_apart(one: ObjectivePairs, met: float, then: str) -> Iterator[str]:
    """Of a threshold that nearly all candidates meet, or nearly none."""
    name = one.objective
    setting = f"pairing.thresholds.{name}, {one.threshold:g} now"
    counted = f"{one.met} of {one.candidates} candidates meet the threshold"
    if met > 1 - NEARLY:
        yield (
            f"{counted} of {name}, so that it decides next to nothing. Raise the threshold "
            f"({setting}), unless these answers are what you call enough."
        )
    elif met < NEARLY:
        yield (
            f"{counted} of {name}, so that {name} decides as though there were none, and {then} "
            f"hardly counts. Audit the judge (primum audit), or lower the threshold ({setting})."
        )


def _deciding_where_met(
    by_category: Sequence[CategoryPairs], place: int, then: str
) -> Iterator[str]:
    """Of categories in which an objective decides most pairs, though most candidates meet it.

    Args:
        by_category: All categories.
        place: Of the objective.
        then: What the next objective is called.
    """
    eager = [
        row
        for row in by_category
        if row.pairs >= FEW_PAIRS
        and row.objectives[place].decided > MOSTLY * row.pairs
        and (row.objectives[place].share_met or 0) > MOSTLY
    ]
    eager.sort(key=lambda row: -row.objectives[place].decided)
    for row in eager[:_NAMED]:
        one = row.objectives[place]
        name = one.objective
        yield (
            f"{name} decided {one.decided} of {row.pairs} pairs{_on(row, by_category)}, although "
            f"{one.share_met:.0%} of the answers met its threshold already: the order may ask for "
            f"more of it where there is enough, and {then} hardly counts. Look at these pairs; "
            "where both sides are fine, audit the judge (primum audit), or lower the threshold "
            f"(pairing.thresholds.{name}, {one.threshold:g} now)."
        )
    if len(eager) > _NAMED:
        others = len(eager) - _NAMED
        noun = "category" if others == 1 else "categories"
        yield f"The same holds of {others} more {noun}."


def _on(row: CategoryPairs, by_category: Sequence[CategoryPairs]) -> str:
    if len(by_category) == 1 and row.category is None:
        return ""
    if row.category is None:
        return " on prompts without a category"
    return f" on {row.category} prompts"
