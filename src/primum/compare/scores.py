"""The scores of all runs, on the prompts that all of them have."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from primum.compare.finished import FinishedRun
from primum.errors import UserError
from primum.evaluation.answerers import BEFORE, trained_among
from primum.evaluation.comparing.score_columns import ScoreColumns
from primum.evaluation.comparing.utility import utility
from primum.evaluation.shortage import too_many_missing
from primum.judging.facts import JudgeFacts
from primum.statistics.arrays import Floats, floats_of
from primum.statistics.over_seeds import mean_after


@dataclass(frozen=True)
class RunScores:
    """One run's scores.

    Attributes:
        method: Its name.
        seed: The recipe's.
        before: Of the starting model, shape [judges, objectives, prompts]; NaN where missing.
        after: The same of the method.
        unlike: Judges that are others here than in most runs, though called the same, such as the
            teacher of a method with its own section `judging`: by name, who they are.
    """

    method: str
    seed: int
    before: Floats
    after: Floats
    unlike: Mapping[str, str]


@dataclass(frozen=True)
class ComparedScores:
    """The scores of all runs.

    Attributes:
        objectives: Names in order of priority.
        judges: Who judged, whatever run named them, as most runs have them.
        prompts: Ids of those that every run answered.
        elsewhere: How many prompts only some of the runs answered.
        runs: In the order given.
    """

    objectives: tuple[str, ...]
    judges: tuple[JudgeFacts, ...]
    prompts: tuple[str, ...]
    elsewhere: int
    runs: tuple[RunScores, ...]

    @property
    def examiners(self) -> tuple[str, ...]:
        """Names of the judges that count."""
        return tuple(judge.name for judge in self.judges if judge.role == "examiner")


@dataclass(frozen=True)
class JudgedRuns:
    """What one judge, or several on average, made of the runs; complete on the prompts that count.

    Attributes:
        judge: Its name; None for the mean over all examiners.
        places: Which prompts count, by their place among all: those with all scores of all
            methods.
        missing: How many prompts do not count.
        runs: By method and seed, the scores before and after, shape [measures, places]: every
            objective, then HH_λ for every λ.
        set_aside: Methods that this judge did not score, or not enough of, and why.
    """

    judge: str | None
    places: tuple[int, ...]
    missing: int
    runs: Mapping[str, Mapping[int, tuple[Floats, Floats]]]
    set_aside: Mapping[str, str]


def compared_scores(runs: Sequence[FinishedRun]) -> ComparedScores:
    """Sorts the scores of runs that can stand in one table.

    Raises:
        UserError: If there is no run, two of them are one method's with one seed, their objectives
            differ, or no prompt was answered in all.
    """
    _check(runs)
    columns = [ScoreColumns.of(run.answers, run.judgements) for run in runs]
    everywhere = set(columns[0].prompts).intersection(*(each.prompts for each in columns))
    prompts = tuple(prompt for prompt in columns[0].prompts if prompt in everywhere)
    if not prompts:
        raise UserError(
            "no prompt was answered in all runs, so that there is nothing to compare; give all of "
            "them the same prompts"
        )
    judges = _judges(runs)
    return ComparedScores(
        runs[0].objectives,
        judges,
        prompts,
        len(set().union(*(each.prompts for each in columns))) - len(prompts),
        tuple(
            _run_scores(run, found, judges, prompts)
            for run, found in zip(runs, columns, strict=True)
        ),
    )


def judged_runs(
    scores: ComparedScores, judges: Sequence[str], lambdas: Sequence[float], judge: str | None
) -> JudgedRuns:
    """What some judges made of the runs, on average.

    All methods are measured on the same prompts, so that none looks better for want of scores on
    hard ones. A method that a judge could not score on more than a fifth of the prompts would leave
    too few to all others: it is set aside instead. So is one that another judge of the same name
    scored, since their scales have nothing in common.

    Args:
        scores: Of all runs.
        judges: Names.
        lambdas: For which λ HH_λ is wanted.
        judge: What they are called together.
    """
    names = [each.name for each in scores.judges]
    chosen = [names.index(each) for each in judges]
    complete = [
        np.isfinite(np.concatenate([run.before[chosen], run.after[chosen]])).all(axis=(0, 1))
        for run in scores.runs
    ]
    set_aside: dict[str, str] = {}
    for run, there in zip(scores.runs, complete, strict=True):
        for name in run.unlike.keys() & {*judges}:
            other = f"with seed {run.seed}, {name} is another judge there ({run.unlike[name]})"
            set_aside.setdefault(run.method, other)
        lost = too_many_missing(int((~there).sum()), len(there), "prompts lack a score")
        if lost:
            set_aside.setdefault(run.method, f"with seed {run.seed}, {lost}")
    kept = [at for at, run in enumerate(scores.runs) if run.method not in set_aside]
    counted = np.logical_and.reduce([complete[at] for at in kept]) if kept else np.zeros(0, bool)
    places = np.flatnonzero(counted)
    found: dict[str, dict[int, tuple[Floats, Floats]]] = {}
    for at in kept:
        run = scores.runs[at]
        before, after = (
            _measured(side[chosen][:, :, places].mean(axis=0), lambdas)
            for side in (run.before, run.after)
        )
        found.setdefault(run.method, {})[run.seed] = before, after
    missing = len(scores.prompts) - len(places)
    return JudgedRuns(judge, tuple(map(int, places)), missing, found, set_aside)


def _check(runs: Sequence[FinishedRun]) -> None:
    if not runs:
        raise UserError("no run has finished, so that there is nothing to compare")
    seen: set[tuple[str, int]] = set()
    for run in runs:
        if (run.method, run.seed) in seen:
            raise UserError(f"{run.method} stands there twice with seed {run.seed}; name it once")
        seen.add((run.method, run.seed))
        if run.objectives != runs[0].objectives:
            raise UserError(
                f"{run.method} was judged on {', '.join(run.objectives)}, but {runs[0].method} on "
                f"{', '.join(runs[0].objectives)}; compare runs of one constitution"
            )


def _judges(runs: Sequence[FinishedRun]) -> tuple[JudgeFacts, ...]:
    """Every judge once, as most runs have it; one that taught any of the methods examines none."""
    facts: dict[str, list[JudgeFacts]] = {}
    for judge in (judge for run in runs for judge in run.judges):
        facts.setdefault(judge.name, []).append(judge)
    usual = map(_usual, facts.values())
    return tuple(judge for judge in usual if judge.role != "people")


def _usual(facts: Sequence[JudgeFacts]) -> JudgeFacts:
    """A judge as most runs describe it; of runs that it taught, where there are some.

    Args:
        facts: One for each run.
    """
    counted = [one for one in facts if one.role == "teacher"] or facts
    descriptions = Counter(one.description for one in counted)
    return max(counted, key=lambda one: descriptions[one.description])


def _run_scores(
    run: FinishedRun,
    columns: ScoreColumns,
    facts: Sequence[JudgeFacts],
    prompts: Sequence[str],
) -> RunScores:
    """The scores of a run.

    Args:
        run: The run.
        columns: Its scores, sorted.
        facts: Of the judges, in order.
        prompts: Ids, in order.
    """
    judges = {judge.name: judge.description for judge in facts}
    unlike = {
        judge.name: judge.description
        for judge in run.judges
        if judges.get(judge.name, judge.description) != judge.description
    }
    answerers = trained_among(run.answers.column("answerer").to_pylist())
    if not answerers and not run.cost.trained_tokens:
        # What answers as the starting model does need not be asked again.
        answerers = (BEFORE,)

    def given(answerer: str) -> Floats:
        values = [
            [columns.values.get((answerer, judge, name), {}) for name in run.objectives]
            for judge in judges
        ]
        rows = [[floats_of([found.get(p) for p in prompts]) for found in row] for row in values]
        return np.array(rows).reshape(len(judges), len(run.objectives), len(prompts))

    before = given(BEFORE)
    after = [given(answerer).ravel().tolist() for answerer in answerers]
    averaged = floats_of(mean_after(after)) if after else np.full(before.size, np.nan)
    return RunScores(run.method, run.seed, before, averaged.reshape(before.shape), unlike)


def _measured(scores: Floats, lambdas: Sequence[float]) -> Floats:
    """Scores on every objective, and below them HH_λ for every λ.

    Args:
        scores: Shape [objectives, prompts], complete.
        lambdas: Every λ.
    """
    by_prompt = scores.T.tolist()
    joined = [floats_of([utility(row, weight) for row in by_prompt]) for weight in lambdas]
    return np.vstack([scores, *joined])
