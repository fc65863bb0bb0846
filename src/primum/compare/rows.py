"""A method's row: its figures, and what its runs say without judges."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from primum.compare.finished import Cost, FinishedRun
from primum.compare.front import FrontPlace
from primum.compare.measured import MethodFigure, Yardstick
from primum.evaluation.answerers import BEFORE, trained_among
from primum.evaluation.endings import Endings, endings
from primum.evaluation.gate_result import Verdict

COSTLIER = 2.0
"""Times the usual tokens of an answer from which on a method is marked as costlier at use. A
choice: between answers that grew longer and methods that write several of them."""


@dataclass(frozen=True)
class MethodRow:
    """All that the table holds of a method.

    Attributes:
        method: Its name.
        seeds: Those that finished.
        figures: By every examiner, by the mean over all of them, and by the teacher.
        endings: How its answers ended, all seeds together.
        broken: Guards that did not hold, with the number of seeds where they did not.
        verdicts: The gate's, by seed.
        cost: The mean over seeds; of memory the most.
        costlier: How many times the usual tokens it writes for an answer; None where they are not
            `COSTLIER` times as many.
        front: Where it stands in the plane of the first two objectives; None where it could not be
            scored.
        usual_front: The same among the methods that are not costlier; None for those that are.
    """

    method: str
    seeds: tuple[int, ...]
    figures: tuple[MethodFigure, ...]
    endings: Endings
    broken: Mapping[str, int]
    verdicts: Mapping[int, Verdict]
    cost: Cost
    costlier: float | None
    front: FrontPlace | None = None
    usual_front: FrontPlace | None = None

    def figure(self, judge: str | None, by: Yardstick) -> MethodFigure | None:
        """What a judge, or the mean over examiners for None, saw; None where it saw nothing."""
        wanted = judge, by
        return next((each for each in self.figures if (each.judge, each.by) == wanted), None)

    @property
    def trains(self) -> bool:
        """Whether it trains a model."""
        return self.cost.trained_tokens > 0


def by_method(runs: Sequence[FinishedRun]) -> dict[str, list[FinishedRun]]:
    """The runs of every method, its seeds in order."""
    found: dict[str, list[FinishedRun]] = {}
    for run in runs:
        found.setdefault(run.method, []).append(run)
    return {method: sorted(part, key=lambda run: run.seed) for method, part in found.items()}


def method_row(
    runs: Sequence[FinishedRun],
    figures: Sequence[MethodFigure],
    usual: float,
) -> MethodRow:
    """A method's row.

    Args:
        runs: Of the method, one for each seed.
        figures: What judges saw.
        usual: Tokens that an answer usually takes; see `usual_tokens`.

    Returns:
        Without its place on the front, which depends on the other rows.
    """
    cost = mean_cost([run.cost for run in runs])
    times = cost.answer_tokens / usual if usual else 1.0
    return MethodRow(
        method=runs[0].method,
        seeds=tuple(run.seed for run in runs),
        figures=tuple(figures),
        endings=_endings(runs),
        broken=dict(Counter(guard.guard for run in runs for guard in run.gate.broken)),
        verdicts={run.seed: run.gate.verdict for run in runs},
        cost=cost,
        costlier=times if times >= COSTLIER else None,
    )


def mean_cost(costs: Sequence[Cost]) -> Cost:
    """The mean over seeds; of memory the most that any of them held."""
    return Cost(
        prompt_tokens=round(fmean(cost.prompt_tokens for cost in costs)),
        sampled_tokens=round(fmean(cost.sampled_tokens for cost in costs)),
        trained_tokens=round(fmean(cost.trained_tokens for cost in costs)),
        answer_tokens=fmean(cost.answer_tokens for cost in costs),
        seconds=fmean(cost.seconds for cost in costs),
        memory=max((cost.memory for cost in costs if cost.memory is not None), default=None),
    )


def usual_tokens(runs: Sequence[FinishedRun]) -> float:
    """Tokens that an answer usually takes.

    The median over the runs that train, which write one answer to a prompt; where none trains, the
    least of all.
    """
    trained = [run.cost.answer_tokens for run in runs if run.cost.trained_tokens]
    return median(trained) if trained else min(run.cost.answer_tokens for run in runs)


def _endings(runs: Sequence[FinishedRun]) -> Endings:
    """How the answers of a method ended; where it asked none of its own, the starting model's."""
    finish: list[str | None] = []
    missing: list[str | None] = []
    for run in runs:
        columns = (run.answers.column(name).to_pylist() for name in ("answerer", *_ENDED))
        rows = list(zip(*columns, strict=True))
        those = trained_among(who for who, _, _ in rows) or (BEFORE,)
        finish += [ended for who, ended, _ in rows if who in those]
        missing += [why for who, _, why in rows if who in those]
    return endings("answers", finish, missing)


_ENDED = ("finish", "missing")
