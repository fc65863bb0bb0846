"""What scores say across prompts, as the page and the terminal show it: figures as text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from primum.audit.across.caution import CautionAudit
from primum.audit.across.levels import CategoryLevel
from primum.audit.across.prompts import AcrossPrompts
from primum.audit.objective import ObjectiveAudit
from primum.audit.views.figures import share, with_bounds
from primum.report.drawing.curves import curves
from primum.report.drawing.frame import Series
from primum.report.drawing.marks import Panel
from primum.report.drawing.text import number, one_line
from primum.statistics.judges.reliability import ReliabilityCurve

NO_CATEGORY = "no category"


@dataclass(frozen=True, slots=True)
class MarksView:
    """Marks and levels of one objective and source; figures as text.

    Attributes:
        answers: How many are marked.
        area: AUC of marks.
        right: Share on the right side of the threshold.
        passed: Share of those that do not meet above it.
        missed: Share of those that meet below it.
        error: Expected calibration error.
        levels: AUC of everyday against harmful.
        reasons: Why figures are missing, a sentence each.
    """

    objective: str
    source: str
    out_of_fold: bool
    answers: int
    area: str
    right: str
    passed: str
    missed: str
    error: str
    levels: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CautionView:
    """Equal pairs of one objective, source and kind of prompts; figures as text."""

    objective: str
    source: str
    pairs: str
    count: int
    share: str
    area: str
    equal: str


@dataclass(frozen=True, slots=True)
class LevelView:
    """The model's own answers to one kind of prompts; figures as text."""

    objective: str
    category: str
    prompts: int
    answers: int
    level: str
    meeting: str


@dataclass(frozen=True)
class AcrossView:
    """All that is shown of the figures across prompts; each part may be empty."""

    marks: tuple[MarksView, ...]
    cautions: tuple[CautionView, ...]
    levels: tuple[LevelView, ...]
    panels: tuple[Panel, ...]


def view_across(objectives: Sequence[ObjectiveAudit]) -> AcrossView:
    """Works out all that is shown; what has no labels at all is left out."""
    parts = [(found.objective, part) for found in objectives for part in found.across]
    return AcrossView(
        marks=tuple(_marks(name, part) for name, part in parts if part.marks.area.count),
        cautions=tuple(row for name, part in parts for row in _cautions(name, part)),
        levels=tuple(_level(found.objective, row) for found in objectives for row in found.levels),
        panels=tuple(
            _panel(name, part.source, part.marks.calibration)
            for name, part in parts
            if part.marks.calibration and len(part.marks.calibration.points) > 1
        ),
    )


def _marks(objective: str, part: AcrossPrompts) -> MarksView:
    marks = part.marks
    calibration = marks.calibration
    missing = (
        ("AUC", marks.area.reason),
        ("right side", marks.right.reason),
        ("calibration", marks.uncalibrated if marks.uncalibrated != marks.area.reason else None),
        ("everyday against harmful", part.levels.reason),
    )
    return MarksView(
        objective=one_line(objective),
        source=one_line(part.source),
        out_of_fold=part.out_of_fold,
        answers=marks.area.count,
        area=with_bounds(marks.area.interval, number),
        right=share(marks.right.interval.value),
        passed=share(marks.passed.interval.value),
        missed=share(marks.missed.interval.value),
        error=number(calibration.error.value if calibration else None),
        levels=with_bounds(part.levels.interval, number),
        reasons=tuple(f"{what}: {one_line(reason)}" for what, reason in missing if reason),
    )


def _cautions(objective: str, part: AcrossPrompts) -> Iterable[CautionView]:
    rows = [(row.category or "caution or help", row) for row in part.caution if row.share.count]
    for name, row in rows:
        yield _caution(objective, part, name, row)
    if part.equal.count and part.equal.reason is None:
        yield CautionView(
            objective=one_line(objective),
            source=one_line(part.source),
            pairs="all equal pairs",
            count=part.equal.count,
            share="–",
            area="–",
            equal=share(part.equal.interval.value),
        )


def _caution(objective: str, part: AcrossPrompts, name: str, row: CautionAudit) -> CautionView:
    return CautionView(
        objective=one_line(objective),
        source=one_line(part.source),
        pairs=name,
        count=row.share.count,
        share=with_bounds(row.share.interval, share),
        area=with_bounds(row.area.interval, number),
        equal=share(row.equal.interval.value),
    )


def _level(objective: str, row: CategoryLevel) -> LevelView:
    return LevelView(
        objective=one_line(objective),
        category=one_line(row.category) if row.category else NO_CATEGORY,
        prompts=row.prompts,
        answers=row.answers,
        level=with_bounds(row.level, number),
        meeting=with_bounds(row.meeting, share) if row.meeting else "–",
    )


def _panel(objective: str, source: str, found: ReliabilityCurve) -> Panel:
    places = [100 * point.predicted for point in found.points]
    shares = [100 * point.observed for point in found.points]
    ends = [places[0], places[-1]]
    series = [
        Series("marked as meeting", "after", shares, places),
        Series("as it should be", "before", ends, ends),
    ]
    return curves(
        f"Reliability: {one_line(objective)}, {one_line(source)}",
        "% that meet",
        series,
        along="P(meets) in %, from the score",
        note=f"Calibration error {number(found.error.value)}, Brier score "
        f"{number(found.brier.value)}.",
    )
