"""What `methods` found for one starting model, as plain data that the page is made from."""

from dataclasses import dataclass

from primum.statistics.interval import Interval


@dataclass(frozen=True)
class JudgeLine:
    """A judge on one objective, by pairs of prompts that it was not fitted on.

    Attributes:
        judge: Its name.
        about: What it rests on.
        objective: What it judges.
        right: Share of pairs in the order that people gave them.
        length: Rank correlation of its score with the answers' length.
        longer: Share of pairs in which it prefers the longer answer.
        people_longer: Share in which people do.
    """

    judge: str
    about: str
    objective: str
    right: Interval
    length: float
    longer: float
    people_longer: float


@dataclass(frozen=True)
class MethodLine:
    """A method on a set, over its seeds.

    Attributes:
        name: The method's.
        seeds: That are finished.
        gains: In deviations of the answers before: a row per objective, a column per judge.
        examined: In points: a row per objective, a column per examiner of the runs.
        utilities: HH_λ of the judges' mean gains, for each λ.
        opening: Share of answers that begin with their commonest first word, over the seeds.
        broken: Guards that did not hold, once for each seed.
        verdicts: The gate's, by seed.
    """

    name: str
    seeds: tuple[int, ...]
    gains: tuple[tuple[Interval, ...], ...]
    examined: tuple[tuple[Interval, ...], ...]
    utilities: tuple[Interval, ...]
    opening: float
    broken: tuple[str, ...]
    verdicts: tuple[str, ...]


@dataclass(frozen=True)
class SetTable:
    """All methods on one set.

    Attributes:
        title: The set's name.
        objectives: In order of priority.
        judges: Names of the judges, in the order of the gains.
        examiners: Names of the runs' own examiners, likewise.
        lambdas: Of the utilities.
        opening: What `MethodLine.opening` is before; None where no run is finished.
        lines: Methods with a finished run.
        missing: Names of the others, and why none of their runs is finished.
        seeds: That are wanted.
    """

    title: str
    objectives: tuple[str, ...]
    judges: tuple[str, ...]
    examiners: tuple[str, ...]
    lambdas: tuple[float, ...]
    opening: float | None
    lines: tuple[MethodLine, ...]
    missing: dict[str, str]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Passed:
    """What a judge says of the runs that the gate passed, on the first objective.

    Attributes:
        judge: Its name.
        runs: How many the gate passed.
        rose: In how many of them the gain is clear of zero.
        fell: In how many the fall is.
    """

    judge: str
    runs: int
    rose: int
    fell: int


@dataclass(frozen=True)
class ModelResults:
    """Everything about one starting model.

    Attributes:
        model: Its name.
        recipe: The recipe that methods are laid over.
        judges: How good the judges are.
        sets: A table for each.
        passed: What each judge says of the runs that the gate passed.
        soup_seconds: By set and seed, such as `wildguard, seed 1`: see `methods_costs`.
    """

    model: str
    recipe: str
    judges: tuple[JudgeLine, ...]
    sets: tuple[SetTable, ...]
    passed: tuple[Passed, ...]
    soup_seconds: dict[str, float]
