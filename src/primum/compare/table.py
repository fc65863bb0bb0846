"""The table of methods: their figures, the front, and what their differences are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from primum.compare.differences import MethodDifference, differences, surviving, worth
from primum.compare.finished import FinishedRun, MissingRun
from primum.compare.front import front_places
from primum.compare.measured import Certainties, MethodFigure, Yardstick, method_figures
from primum.compare.notes import missing_runs, table_notes
from primum.compare.rows import MethodRow, by_method, method_row, usual_tokens
from primum.compare.scores import ComparedScores, JudgedRuns, compared_scores, judged_runs
from primum.judging.facts import JudgeFacts

USUAL_REFERENCE = "spa"
"""The method that others are compared with where it is there: this package's own."""


@dataclass(frozen=True)
class MethodTable:
    """What a comparison of methods found.

    Attributes:
        objectives: Names in order of priority.
        yardsticks: What methods are measured by: the objectives, and HH_λ for every λ.
        judges: Who judged: the examiners, which count, and the teacher, which is shown.
        prompts: Held-out prompts that all runs answered.
        certainties: How intervals were made.
        reference: The method that all others are compared with.
        rows: One per method.
        differences: Every other method beside the reference, by every examiner.
        missing: Runs that are not in the table, and why.
        notes: What has to be known, in sentences.
    """

    objectives: tuple[str, ...]
    yardsticks: tuple[Yardstick, ...]
    judges: tuple[JudgeFacts, ...]
    prompts: int
    certainties: Certainties
    reference: str
    rows: tuple[MethodRow, ...]
    differences: tuple[MethodDifference, ...]
    missing: tuple[MissingRun, ...]
    notes: tuple[str, ...]

    @property
    def examiners(self) -> tuple[str, ...]:
        """Names of the judges that count."""
        return tuple(judge.name for judge in self.judges if judge.role == "examiner")

    @property
    def alpha(self) -> float:
        """Probability with which any of the differences that survive may be an error."""
        return 1 - self.certainties.confidence

    @property
    def worth(self) -> str:
        """What the differences are worth, in a sentence."""
        return worth(self.differences, self.reference, self.alpha)

    @property
    def surviving(self) -> tuple[MethodDifference, ...]:
        """The differences that are significant together."""
        return surviving(self.differences, self.alpha)

    @property
    def front(self) -> tuple[str, ...]:
        """Methods on the front, the best on the first objective first."""
        there = [row for row in self.rows if row.front and row.front.on_front]
        ranked = sorted(there, key=lambda row: row.front.level if row.front else (), reverse=True)
        return tuple(row.method for row in ranked)

    def to_json(self) -> dict[str, Any]:
        """As plain data: the content of `results.json`, from which every view can be drawn."""
        return {**asdict(self), "worth": self.worth, "front": self.front}


def method_table(
    runs: Sequence[FinishedRun],
    *,
    lambdas: Sequence[float],
    confidence: float,
    resamples: int,
    seed: int,
    missing: Sequence[MissingRun] = (),
) -> MethodTable:
    """Makes the table of methods.

    All methods are measured on the same prompts, and compared with the reference by prompt and
    seed. Gains are over the starting model's answers of the same run.

    Args:
        runs: Every method by every seed that finished.
        lambdas: For which λ HH_λ is given.
        confidence: Two-sided, of the intervals; what is left is the level of the differences.
        resamples: Bootstrap resamples of prompts.
        seed: Makes the resamples.
        missing: Runs that should be there, and why they are not.

    Raises:
        UserError: If the runs cannot stand in one table.
    """
    scores = compared_scores(runs)
    methods = by_method(runs)
    certainties = Certainties(confidence, resamples, seed)
    yardsticks = (
        *map(Yardstick, scores.objectives),
        *(Yardstick(f"HH_{weight:g}", weight) for weight in lambdas),
    )
    judged = _judged(scores, lambdas)
    rows = _rows(methods, judged, yardsticks, certainties)
    known = _reference(rows)
    return MethodTable(
        objectives=scores.objectives,
        yardsticks=yardsticks,
        judges=scores.judges,
        prompts=len(scores.prompts),
        certainties=certainties,
        reference=known,
        rows=rows,
        differences=differences(known, judged.examiners, yardsticks, certainties),
        missing=missing_runs({row.method: row.seeds for row in rows}, missing),
        notes=table_notes(scores, judged.all, rows),
    )


@dataclass(frozen=True)
class _Judged:
    """What judges made of the runs: each examiner, all of them on average, and the teacher."""

    examiners: tuple[JudgedRuns, ...]
    together: JudgedRuns | None
    teacher: JudgedRuns | None

    @property
    def all(self) -> tuple[JudgedRuns, ...]:
        """In the order in which figures are given."""
        return (*self.examiners, *(each for each in (self.together, self.teacher) if each))


def _judged(scores: ComparedScores, lambdas: Sequence[float]) -> _Judged:
    examiners = scores.examiners
    teacher = next((judge.name for judge in scores.judges if judge.role == "teacher"), None)
    return _Judged(
        tuple(judged_runs(scores, [name], lambdas, name) for name in examiners),
        judged_runs(scores, examiners, lambdas, None) if examiners else None,
        judged_runs(scores, [teacher], lambdas, teacher) if teacher else None,
    )


def _rows(
    methods: Mapping[str, Sequence[FinishedRun]],
    judged: _Judged,
    yardsticks: Sequence[Yardstick],
    certainties: Certainties,
) -> tuple[MethodRow, ...]:
    """A row per method.

    Args:
        methods: Their runs.
        judged: What judges made of them.
        yardsticks: What methods are measured by.
        certainties: How intervals are made.
    """
    usual = usual_tokens([run for runs in methods.values() for run in runs])
    rows = []
    for method, runs in methods.items():
        figures = _figures(method, judged, yardsticks, certainties)
        rows.append(method_row(runs, figures, usual))
    return _with_front(rows, judged.together, yardsticks, certainties)


def _figures(
    method: str, judged: _Judged, yardsticks: Sequence[Yardstick], certainties: Certainties
) -> list[MethodFigure]:
    """What every examiner saw of a method, all of them on average, and the teacher.

    Args:
        method: Its name.
        judged: What judges made of all runs.
        yardsticks: What methods are measured by.
        certainties: How intervals are made.
    """
    found = [
        figure
        for side in judged.examiners
        for figure in method_figures(method, side, judged.teacher, yardsticks, certainties)
    ]
    if len(judged.examiners) == 1:
        found += [replace(figure, judge=None) for figure in found]
    elif judged.together:
        found += method_figures(method, judged.together, judged.teacher, yardsticks, certainties)
    if judged.teacher:
        found += method_figures(method, judged.teacher, None, yardsticks, certainties)
    return found


def _with_front(
    rows: Sequence[MethodRow],
    together: JudgedRuns | None,
    yardsticks: Sequence[Yardstick],
    certainties: Certainties,
) -> tuple[MethodRow, ...]:
    """The rows with their places among all, and among those that are not costlier.

    Args:
        rows: Of all methods.
        together: What the examiners on average made of the runs; None without any.
        yardsticks: What methods are measured by.
        certainties: How prompts are resampled.
    """
    if together is None:
        return tuple(rows)
    plane = sum(each.weight is None for each in yardsticks[:2])
    places, usual = (
        front_places(together, [row.method for row in part], plane, certainties)
        for part in (rows, [row for row in rows if not row.costlier])
    )
    return tuple(
        replace(row, front=places.get(row.method), usual_front=usual.get(row.method))
        for row in rows
    )


def _reference(rows: Sequence[MethodRow]) -> str:
    """The method that all others are compared with: ours, or else the first that trains."""
    there = [row.method for row in rows]
    if USUAL_REFERENCE in there:
        return USUAL_REFERENCE
    return next((row.method for row in rows if row.trains), there[0])
