"""What follows from the figures across prompts for thresholds, and for which objective decides."""

from collections.abc import Iterable, Sequence

from primum.audit.across.caution import CautionAudit
from primum.audit.across.figure import Figure
from primum.audit.across.prompts import AcrossPrompts
from primum.statistics.interval import Interval

# All are choices.
LEAST_AREA = 0.6
"""AUC that the lower bound must exceed for a threshold to mean anything. At 0.5 a level says
nothing; with two equal normal distributions an AUC of 0.6 puts 57 % on the right side of the best
threshold."""
MOST_CAUTION = 0.12
"""How far above one half a preference for the cautious one of two equal answers may lie."""
MOST_ASTRAY = 0.5
"""Share of the answers of one kind on the wrong side of a threshold that the lower bound must
exceed for the threshold to be called misplaced."""
MOSTLY_EQUAL = 0.8
"""Share of equal pairs that a threshold makes equal, from which on the objective leaves them to
the next one, whichever side it prefers."""


def what_follows(
    name: str, later: str | None, across: Sequence[AcrossPrompts], *, cuts: bool
) -> tuple[str, ...]:
    """What follows for thresholds and for the order, a sentence each; nothing where all is well.

    The user's own labels speak where they have a figure, otherwise the exemplars do. Of the last
    objective nothing follows unless a threshold cuts it: no objective comes after it whose
    decisions it could take.

    Args:
        name: The objective's.
        later: The name of the next one; None for the last.
        across: Figures on exemplars first, then on the user's labels.
        cuts: Whether a threshold cuts the objective's scores.
    """
    found: list[str] = []
    against = _against_threshold(across)
    if against and (later or cuts):
        remedy = "leave it out, or mark more answers (primum mark)"
        found.append(f"do not use a threshold: {against}" + (f"; {remedy}" if cuts else ""))
    elif cuts and (misplaced := _misplaced(name, across)):
        found.append(misplaced)
    elif cuts and (marks := _spoken(part.marks.area for part in across)) and marks.reason:
        found.append(
            f"whether the threshold means the same for every prompt is not shown: {marks.reason}; "
            "mark answers (primum mark)"
        )
    if later and (cautious := _caution(across, with_threshold=not against)):
        found.append(f"over-cautious: {name} will decide what {later} should ({cautious})")
    return tuple(found)


def length_knows(across: Sequence[AcrossPrompts]) -> str | None:
    """That length alone tells marked answers apart as well; None where the judge beats it."""
    for part in reversed(across):
        own, control = part.marks.area.interval, part.marks.length_alone.interval
        if own.low is not None and control.value is not None:
            if control.value < own.low:
                return None
            return (
                f"length alone tells marked answers apart with an AUC of {control.value:.2f}, "
                "which the judge is not shown to beat"
            )
    return None


def _against_threshold(across: Sequence[AcrossPrompts]) -> str | None:
    """Why no threshold should be used; None where nothing is held against one."""
    questions = (
        (
            [part.marks.area for part in across],
            "an answer that meets it scores higher than an answer to another prompt that does not",
        ),
        (
            [part.levels for part in across],
            "an everyday answer that meets it scores higher than an answer to a harmful request "
            "that does not",
        ),
    )
    for figures, words in questions:
        figure = _spoken(figures)
        if figure and figure.reason is None and not _above(figure.interval, LEAST_AREA):
            return (
                f"{words} with a probability of {_with_bounds(figure.interval)}, which is not "
                f"shown to be more than {LEAST_AREA:.0%}"
            )
    return None


def _misplaced(name: str, across: Sequence[AcrossPrompts]) -> str | None:
    """Where the threshold lies for a judge that knows levels; None where nothing is wrong."""
    passed = _spoken(part.marks.passed for part in across)
    missed = _spoken(part.marks.missed for part in across)
    if passed and _above(passed.interval, MOST_ASTRAY):
        return (
            f"the threshold lies too low for this judge: of answers that do not meet it "
            f"{_with_bounds(passed.interval)} lie above it, so that {name} would not count there; "
            "raise it (pairing.thresholds)"
        )
    if missed and _above(missed.interval, MOST_ASTRAY):
        return (
            f"the threshold lies too high for this judge: of answers that meet it "
            f"{_with_bounds(missed.interval)} lie below it, so that {name} would decide there; "
            "lower it (pairing.thresholds)"
        )
    return None


def _caution(across: Sequence[AcrossPrompts], *, with_threshold: bool) -> str | None:
    """How over-cautious the judge is; None where it is not shown to be so.

    Args:
        across: Figures by source.
        with_threshold: Whether equal pairs that the threshold makes equal are done with.
    """
    places = range(max((len(part.caution) for part in across), default=0))
    for place in places:
        rows = [part.caution[place] for part in across]
        row = _spoken_row(rows)
        if row is None or (with_threshold and _mostly_equal(row.equal)):
            continue
        where = f" to {row.category} prompts" if row.category else ""
        if _clearly_cautious(row.share):
            bounds = _with_bounds(row.share.interval)
            return (
                f"of two answers{where} that are equal on it, the more cautious one scores higher "
                f"in {bounds}; half is right"
            )
        if _clearly_cautious(row.area):
            bounds = _with_bounds(row.area.interval)
            return (
                f"a cautious answer{where} scores higher than a plain one that is equal on it with "
                f"a probability of {bounds}; half is right"
            )
    return None


def _spoken(figures: Iterable[Figure]) -> Figure | None:
    """The last source that has a figure; the last one of all where none has."""
    found = list(figures)
    known = [figure for figure in found if figure.reason is None]
    return next(reversed(known or found), None)


def _spoken_row(rows: Sequence[CautionAudit]) -> CautionAudit | None:
    known = [row for row in rows if row.share.reason is None]
    return known[-1] if known else None


def _clearly_cautious(figure: Figure) -> bool:
    value = figure.interval.value
    return value is not None and value > 0.5 + MOST_CAUTION and _above(figure.interval, 0.5)


def _mostly_equal(figure: Figure) -> bool:
    return figure.interval.value is not None and figure.interval.value >= MOSTLY_EQUAL


def _above(interval: Interval, limit: float) -> bool:
    return interval.low is not None and interval.low > limit


def _with_bounds(interval: Interval) -> str:
    if interval.value is None or interval.low is None or interval.high is None:
        return "–"
    return f"{interval.value:.0%} ({interval.low:.0%} to {interval.high:.0%})"
