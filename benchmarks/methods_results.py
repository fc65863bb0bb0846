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
        utilities: HH_λ of the judges' mean gains, for each λ.
        opening: Share of answers that begin with their commonest first word, over the seeds.
        broken: Guards that did not hold, once for each seed.
        verdicts: The gate's, by seed.
    """

    name: str
    seeds: tuple[int, ...]
    gains: tuple[tuple[Interval, ...], ...]
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
        lambdas: Of the utilities.
        opening: What `MethodLine.opening` is before; None where no run is finished.
        lines: Methods with a finished run.
        missing: Names of the others, and why none of their runs is finished.
        seeds: That are wanted.
    """

    title: str
    objectives: tuple[str, ...]
    judges: tuple[str, ...]
    lambdas: tuple[float, ...]
    opening: float | None
    lines: tuple[MethodLine, ...]
    missing: dict[str, str]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class ModelResults:
    """Everything about one starting model.

    Attributes:
        model: Its name.
        recipe: The recipe that methods are laid over.
        judges: How good the judges are.
        sets: A table for each.
        soup_seconds: By set and seed, such as `wildguard, seed 1`: see `methods_costs`.
    """

    model: str
    recipe: str
    judges: tuple[JudgeLine, ...]
    sets: tuple[SetTable, ...]
    soup_seconds: dict[str, float]
