"""What several lists have: the category of a prompt, two sides, and how a text ended."""

from collections.abc import Iterable, Mapping, Sequence

from primum.report.browsing.columns import ListColumn, ListSide, words
from primum.report.drawing.text import one_line
from primum.report.pairing import NO_CATEGORY

CUT = "cut at the longest length allowed"


def ending(finish: str | None, missing: str | None = None) -> str | None:
    """What to say of a text that did not end by itself, or is not there; None of all others.

    Args:
        finish: `stop` or `length`.
        missing: Why there is no text.
    """
    if missing:
        return f"missing: {missing}"
    return CUT if finish == "length" else None


def category_column(categories: Iterable[str | None]) -> ListColumn:
    """The category of every row's prompt."""
    return words("category", "Category", categories, none=NO_CATEGORY, shown="wide")


def both_sides(
    titles: Mapping[str, str], objectives: Sequence[str], *, lit: str, gained: bool = False
) -> tuple[ListSide, ...]:
    """Two texts side by side, each with its scores.

    Args:
        titles: Whose text it is, by the name that the side's columns begin with.
        objectives: In their order; the columns of scores end with the place of each.
        lit: The side that stands out.
        gained: Whether gains stand beside that side's scores.
    """
    return tuple(
        ListSide(
            title,
            side,
            f"{side}_thought",
            f"{side}_ending",
            tuple(
                (
                    one_line(name),
                    f"{side}_{place}",
                    f"gain_{place}" if gained and side == lit else "",
                )
                for place, name in enumerate(objectives)
            ),
            lit=side == lit,
        )
        for side, title in titles.items()
    )
