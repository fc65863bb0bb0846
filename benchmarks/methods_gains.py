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
from primum.statistics.paired_bootstrap import paired_gain

LAMBDAS = (5.0, 20.0)
RESAMPLES = 5000
CONFIDENCE = 0.95

Array = npt.NDArray[np.float64]
Judges = Mapping[tuple[str, str], Scorer]
"""By judge and objective."""


@dataclass(frozen=True)
class Judged:
    """One run by the judges that no run saw.

    Attributes:
        done: The run.
        before: By judge and objective a score per prompt, in deviations of the answers before
            around their mean; NaN where nothing was answered.
        after: The same of the answers after.
        opening: Share of answers after that begin with their commonest first word.
    """

    done: Done
    before: Mapping[tuple[str, str], Array]
    after: Mapping[tuple[str, str], Array]
    opening: float

    def gain(self, judge: str, objective: str) -> Interval:
        """Paired by prompt."""
        key = judge, objective
        return _paired(self.before[key], self.after[key])


@dataclass(frozen=True)
class Row:
    """A method on a set, over its seeds.

    Attributes:
        name: The method's.
        runs: One for each seed.
        objectives: In order of priority.
    """

    name: str
    runs: tuple[Judged, ...]
    objectives: tuple[str, ...]

    @property
    def judges(self) -> list[str]:
        """Names of the judges, in their order."""
        return list(dict.fromkeys(judge for judge, _ in self.runs[0].before))

    def gain(self, judge: str, objective: str) -> Interval:
        """Over prompts and seeds together."""
        key = judge, objective
        return _over_seeds(
            self.runs[0].before[key],
            [run.after[key] - run.before[key] + self.runs[0].before[key] for run in self.runs],
        )

    def utility(self, weight: float) -> Interval:
        """HH_λ of the gains, each the mean of the judges', over prompts and seeds together.

        Deviations of the answers before are the unit of every judge and objective, so that neither
        counts for more because its scores lie further apart.
        """
        gains = [self._utilities(run, weight) for run in self.runs]
        return _over_seeds(np.zeros_like(gains[0]), gains)

    def _utilities(self, run: Judged, weight: float) -> Array:
        means = [
            np.mean(
                [run.after[judge, name] - run.before[judge, name] for judge in self.judges], axis=0
            )
            for name in self.objectives
        ]
        found = (utility(gains, weight) for gains in zip(*means, strict=True))
        return np.array(list(found), dtype=np.float64)


def judged(done: Done, judges: Judges) -> Judged:
    """Scores the answers of a run, in deviations of those before.

    Args:
        done: Whose.
        judges: Those of the set's objectives.
    """
    ids = sorted(done.answers[BEFORE])  # The same order whatever the seed.
    sides = {side: [done.answers[side][key] for key in ids] for side in (BEFORE, AFTER)}
    before, after = {}, {}
    for key, judge in judges.items():
        raw = {side: judge(answered) for side, answered in sides.items()}
        mean, deviation = np.nanmean(raw[BEFORE]), np.nanstd(raw[BEFORE]) or 1.0
        before[key], after[key] = ((raw[side] - mean) / deviation for side in (BEFORE, AFTER))
    return Judged(done, before, after, same_opening([text for _, text in sides[AFTER]]))


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


def _paired(before: Array, after: Array) -> Interval:
    return paired_gain(
        before.tolist(), after.tolist(), resamples=RESAMPLES, confidence=CONFIDENCE, seed=0
    )


def _over_seeds(before: Array, afters: Sequence[Array]) -> Interval:
    sides = [after.tolist() for after in afters]
    return gain_over_seeds(
        before.tolist(), sides, resamples=RESAMPLES, confidence=CONFIDENCE, seed=0
    )
