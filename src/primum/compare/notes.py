"""What has to be known of a table of methods: what is missing from it, and what it does not say."""

from collections.abc import Collection, Mapping, Sequence

from primum.compare.finished import MissingRun
from primum.compare.rows import MethodRow
from primum.compare.scores import ComparedScores, JudgedRuns
from primum.evaluation.shortage import LEAST_PROMPTS

NOT_RUN = "has not finished"


def missing_runs(
    seeds: Mapping[str, Collection[int]], known: Sequence[MissingRun]
) -> tuple[MissingRun, ...]:
    """The runs that are known to be missing, and those by whose seeds other methods finished.

    Args:
        seeds: Those that finished, by method.
        known: Runs that have not, and why.
    """
    there = {(method, seed) for method, found in seeds.items() for seed in found}
    reasons = {(run.method, run.seed): run.reason for run in known}
    of_any = sorted({seed for _, seed in there})
    wanted = dict.fromkeys([*((method, seed) for method in seeds for seed in of_any), *reasons])
    return tuple(
        MissingRun(method, seed, reasons.get((method, seed), NOT_RUN))
        for method, seed in wanted
        if (method, seed) not in there
    )


def table_notes(
    scores: ComparedScores, judged: Sequence[JudgedRuns], rows: Sequence[MethodRow]
) -> tuple[str, ...]:
    """What has to be known, in sentences.

    Args:
        scores: Of all runs.
        judged: What every judge made of them.
        rows: Of all methods.
    """
    notes = []
    if not scores.examiners:
        notes.append(
            "Only the teacher judged, which every method was trained to please: nothing is "
            "compared, and no method is on the front; name an examiner in gate.judges."
        )
    if scores.elsewhere:
        notes.append(
            f"{scores.elsewhere} of {scores.elsewhere + len(scores.prompts)} prompts were not "
            "answered in every run, and are left out."
        )
    notes += _of_judges(judged, len(scores.prompts))
    most = max(len(row.seeds) for row in rows)
    few = [f"{row.method} ({len(row.seeds)})" for row in rows if len(row.seeds) < most]
    if few:
        notes.append(
            f"Not every method has {most} seeds: {', '.join(few)}. Levels, gains and the front are "
            "means over the seeds that are there; differences are between seeds that both have."
        )
    return tuple(notes)


def _of_judges(judged: Sequence[JudgedRuns], prompts: int) -> list[str]:
    """What judges could not score.

    Args:
        judged: What every judge made of the runs.
        prompts: How many there are.
    """
    notes = []
    said: set[str] = set()
    for each in judged:
        if each.judge is None:
            notes += [
                f"{method} is not on the front: over all examiners, {why}."
                for method, why in each.set_aside.items()
                if method not in said
            ]
            continue
        said.update(each.set_aside)
        notes += [
            f"{method} is not shown by {each.judge}: {why}."
            for method, why in each.set_aside.items()
        ]
        left = len(each.places)
        if each.missing:
            notes.append(
                f"By {each.judge}, {left} of {prompts} prompts count: those with the scores of all "
                "methods."
            )
        if left < LEAST_PROMPTS:
            notes.append(
                f"{left} prompts count by {each.judge}: below {LEAST_PROMPTS}, no interval is to "
                "be trusted."
            )
    return notes
