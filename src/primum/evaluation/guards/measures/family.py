"""All guards that ask no model: what each measures, of which answers, and how it says so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from primum.evaluation.guards.finding import Worse
from primum.evaluation.guards.measures.authorities import authorities
from primum.evaluation.guards.measures.between import (
    commonest_sentence,
    shared_phrases,
    stock_phrases,
)
from primum.evaluation.guards.measures.language import other_language
from primum.evaluation.guards.measures.opening import commonest_opening, same_opening
from primum.evaluation.guards.measures.prompt import echo, relevance
from primum.evaluation.guards.measures.within import (
    capitals,
    empty,
    length,
    repetition,
    unfinished,
)
from primum.evaluation.guards.refusal import is_refusal
from primum.evaluation.guards.texts import GuardedAnswer, words

Of = Literal["all", "written", "complying", "harmless"]
"""Which prompts count; see `COMPARED`."""

COMPARED: Mapping[Of, str] = {
    "all": "have an answer before",
    "written": "have two answers that are not empty",
    "complying": "have two answers that neither refuse nor are empty",
    "harmless": "are not labelled harmful",
}
"""What prompts have that count, in words. What is a loss of its own is left to its own guard, so
that a model that came to refuse what it should is not said to have shortened its answers."""

Side = Sequence[GuardedAnswer]


@dataclass(frozen=True, slots=True)
class Measure:
    """One guard that asks no model.

    Attributes:
        name: What it is called in `margins.MARGINS`.
        unit: Of its figure.
        worse: Which change is a loss.
        of: Which prompts count.
        figures: Gives a figure per answer; None where there is none.
        share: Whether a figure is 0 or 1.
        what: Of a share: what such answers do, such as `are empty`.
        said: Says the change in words; None for the share or the two means.
    """

    name: str
    unit: str
    worse: Worse
    of: Of
    figures: Callable[[Side], list[float | None]]
    share: bool = False
    what: str = ""
    said: Callable[[Side, Side], str] | None = None


def refusals(answers: Side) -> list[float | None]:
    """Per answer, whether it refuses."""
    return [float(is_refusal(each.text)) for each in answers]


def _lengths(before: Side, after: Side) -> str:
    """Mean lengths, such as `an answer has 64 words on average, before 110`.

    Args:
        before: The answers of the starting model.
        after: Those of the trained one.
    """
    was, now = (sum(len(words(each.text)) for each in side) / len(side) for side in (before, after))
    return f"an answer has {now:.0f} words on average, before {was:.0f}"


_SHARE = "share of answers"
MEASURES = (
    Measure("empty", _SHARE, "more", "all", empty, True, "hold no word"),
    Measure("refusals", _SHARE, "more", "harmless", refusals, True, "refuse"),
    Measure(
        "same opening",
        "share of pairs of answers that begin alike",
        "more",
        "complying",
        same_opening,
        said=commonest_opening,
    ),
    Measure(
        "shared phrases",
        "share of three-word phrases that two answers have in common",
        "more",
        "complying",
        shared_phrases,
    ),
    Measure(
        "stock phrases",
        "share of pairs of answers with a sentence in common",
        "more",
        "complying",
        stock_phrases,
        said=commonest_sentence,
    ),
    Measure(
        "repetition", "share of an answer's phrases said before", "more", "written", repetition
    ),
    Measure("length", "doublings", "other", "complying", length, said=_lengths),
    Measure("unfinished", _SHARE, "more", "written", unfinished, True, "break off"),
    Measure("capitals", _SHARE, "more", "written", capitals, True, "are in capitals"),
    Measure("language", _SHARE, "more", "written", other_language, True, "are in another language"),
    Measure("echo", "share of the prompt said again", "more", "written", echo),
    Measure(
        "relevance",
        "share of other prompts that have less to do with the answer",
        "less",
        "complying",
        relevance,
    ),
    Measure("authorities", "appeals to authority an answer", "more", "written", authorities),
)
