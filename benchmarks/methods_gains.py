"""What each method gained by the judges that no run saw, in deviations of the answers before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from methods_judges import Scorer
from methods_rows import SAMPLES_MANY, Done
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.comparing.utility import utility
from primum.statistics.interval import Interval
from primum.statistics.over_seeds import gain_over_seeds

LAMBDAS = (5.0, 20.0)
RESAMPLES = 5000
CONFIDENCE = 0.95
DIGITS = 3
"""Of a gain: far finer than any interval, and small enough to keep beside the code."""

Array = npt.NDArray[np.float64]
Judges = Mapping[tuple[str, str], Scorer]
"""By judge and objective."""
ByJudge = Mapping[str, Mapping[str, tuple[float | None, ...]]]
"""By judge and objective, a figure for every prompt."""


@dataclass(frozen=True)
class Origin:
    """What a run was made from.

    Attributes:
        model: The starting model's name.
        recipe: What methods are laid over.
        prompts: The set's name.
        inputs: Identifies the method's settings, the constitution and the prompts.
    """

    model: str
    recipe: str
    prompts: str
    inputs: str


@dataclass(frozen=True)
class Judged:
    """One finished run by the judges that no run saw, without a word of what was asked or answered.

    Attributes:
        origin: What it was made from.
        method: Its own name.
        seed: The recipe's.
        gains: By judge and objective, after − before of every held-out prompt, in the order of
            their ids and in deviations of the answers before; None where nothing was answered.
        examined: The same by the run's own examiners, in points of their scale.
        opening: Share of answers after that begin with their commonest first word.
        opening_before: The same of the answers before.
        broken: Guards that did not hold.
        verdict: The gate's.
        seconds: Of what is done behind training: merging, answering and judging.
    """

    origin: Origin
    method: str
    seed: int
    gains: ByJudge
    examined: ByJudge
    opening: float
    opening_before: float
    broken: tuple[str, ...]
    verdict: str
    seconds: float

    def gain(self, judge: str, objective: str) -> Interval:
        """Paired by prompt."""
        return _over_seeds([self.array(judge, objective)])

    def array(self, judge: str, objective: str) -> Array:
        """The gains of every prompt, NaN where one is missing."""
        return np.array(self.gains[judge][objective], dtype=np.float64)


@dataclass(frozen=True)
class Row:
    """A method on a set, over its seeds.

    Attributes:
        name: The method's.
        runs: One for each seed.
        objectives: In order of priority.
        judges: Names of the judges that count, each of which judged all runs.
    """

    name: str
    runs: tuple[Judged, ...]
    objectives: tuple[str, ...]
    judges: tuple[str, ...]

    def gain(self, judge: str, objective: str) -> Interval:
        """Over prompts and seeds together."""
        return _over_seeds([run.array(judge, objective) for run in self.runs])

    def examined(self, examiner: str, objective: str) -> Interval:
        """The gain by an examiner of the runs, in points, over prompts and seeds together."""
        gains = [run.examined[examiner][objective] for run in self.runs]
        return _over_seeds([np.array(one, dtype=np.float64) for one in gains])

    def utility(self, weight: float) -> Interval:
        """HH_λ of the gains, each the mean of the judges', over prompts and seeds together.

        Deviations of the answers before are the unit of every judge and objective, so that neither
        counts for more because its scores lie further apart.
        """
        return _over_seeds([self._utilities(run, weight) for run in self.runs])

    def _utilities(self, run: Judged, weight: float) -> Array:
        means = [
            np.mean([run.array(judge, name) for judge in self.judges], axis=0)
            for name in self.objectives
        ]
        found = (utility(gains, weight) for gains in zip(*means, strict=True))
        return np.array(list(found), dtype=np.float64)


def judged(done: Done, judges: Judges, origin: Origin) -> Judged:
    """Scores the answers of a run, in deviations of those before.

    Args:
        done: Whose.
        judges: Those of the set's objectives.
        origin: What it was made from.
    """
    ids = sorted(done.answers[BEFORE])  # The same order whatever the seed.
    sides = {side: [done.answers[side][key] for key in ids] for side in (BEFORE, AFTER)}
    gains: dict[str, dict[str, tuple[float | None, ...]]] = {}
    for (judge, objective), score in judges.items():
        before, after = score(sides[BEFORE]), score(sides[AFTER])
        differences = (after - before) / (np.nanstd(before) or 1.0)
        gains.setdefault(judge, {})[objective] = tuple(
            round(float(one), DIGITS) if np.isfinite(one) else None for one in differences
        )
    opening = {side: same_opening([text for _, text in answers]) for side, answers in sides.items()}
    return Judged(
        origin=origin,
        method=done.row,
        seed=done.run.seed,
        gains=gains,
        examined=examined(done, ids),
        opening=opening[AFTER],
        opening_before=opening[BEFORE],
        broken=tuple(done.broken),
        verdict=done.run.gate.verdict,
        seconds=round(done.untrained_seconds, 1),
    )


def examined(done: Done, ids: Sequence[str]) -> ByJudge:
    """What each examiner of a run saw, after − before of every prompt, in points.

    Args:
        done: Whose.
        ids: Of the prompts.
    """

    def gain(examiner: str, objective: str, key: str) -> float | None:
        asked = (examiner, objective)
        before, after = (done.scores.get((*asked, side, key)) for side in (BEFORE, AFTER))
        return None if before is None or after is None else round(after - before, DIGITS)

    return {
        examiner: {
            objective: tuple(gain(examiner, objective, key) for key in ids)
            for objective in done.run.objectives
        }
        for examiner in done.examiners
    }


def common_judges(runs: Sequence[Judged]) -> tuple[str, ...]:
    """Names of the judges that judged every one of the runs, in their order."""
    first, *others = runs
    return tuple(name for name in first.gains if all(name in run.gains for run in others))


def same_opening(texts: Sequence[str]) -> float:
    """Share of answers that begin with their commonest first word; empty ones have none."""
    words = Counter(text.split(maxsplit=1)[0] for text in texts if text.strip())
    return words.most_common(1)[0][1] / len(texts) if words else 0.0


def ranked(rows: Sequence[Row], weight: float) -> list[str]:
    """Names of the rows by HH_λ, the best first, without those that sample many answers.

    Args:
        rows: Of one set.
        weight: λ.
    """
    counted = [row for row in rows if row.name not in SAMPLES_MANY]
    return [r.name for r in sorted(counted, key=lambda row: -(row.utility(weight).value or 0))]


def _over_seeds(gains: Sequence[Array]) -> Interval:
    sides = [gain.tolist() for gain in gains]
    before = [0.0] * len(sides[0])
    return gain_over_seeds(before, sides, resamples=RESAMPLES, confidence=CONFIDENCE, seed=0)
