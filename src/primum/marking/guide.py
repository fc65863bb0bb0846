"""What to mark, on the page of a sheet: the objective, and what meets its threshold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from primum.constitution import Constitution, Objective
from primum.report.drawing.rendering import fill
from primum.report.drawing.text import plain

_TEMPLATE = Path(__file__).parent / "templates" / "guide.html.j2"


@dataclass(frozen=True)
class Guide:
    """What an answer must reach to meet an objective, in the constitution's words.

    Attributes:
        language: Of these words.
        definition: What the objective asks of an answer.
        threshold: The score from which on an answer meets it; None where the constitution names
            none, and the middle of the scale counts.
        low: The lowest score of the scale.
        high: The highest.
        meets: What answers at the threshold or above are like, by score, the lowest first.
        below: What answers below it are like, likewise.
    """

    language: str
    definition: str
    threshold: float | None
    low: float
    high: float
    meets: Mapping[float, str]
    below: Mapping[float, str]


def guide_of(constitution: Constitution, objective: Objective) -> Guide:
    """What the page says of an objective."""
    low, high = constitution.scale
    least = (low + high) / 2 if objective.threshold is None else objective.threshold
    rubric = [(score, plain(text)) for score, text in sorted(objective.rubric.items())]
    return Guide(
        language=constitution.language,
        definition=plain(objective.definition),
        threshold=objective.threshold,
        low=low,
        high=high,
        meets={score: text for score, text in rubric if score >= least},
        below={score: text for score, text in rubric if score < least},
    )


def guide_section(guide: Guide) -> Markup:
    """The guide as a part of the page."""
    return fill(_TEMPLATE, guide)
