"""Made-up finished runs."""

import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from primum.compare.finished import Cost, FinishedRun
from primum.compare.table import method_table
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.gate import Evidence, decide
from primum.evaluation.guards.result import GuardResult
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation, Gate
from primum.statistics.interval import Interval
from tests.evaluation.tables import EXAMINER, TEACHER, answers_of, judgements_of

SECOND = JudgeFacts("second", "examiner", "another one")
COST = Cost(120_000, 40_000, 900_000, 80.0, 411.0, 3 << 30)
SETTINGS = {"lambdas": (5.0, 20.0), "confidence": 0.95, "resamples": 200, "seed": 0}


def guard(name, held=False):
    """What a guard found."""
    return GuardResult(
        guard=name,
        kind="form",
        before=0.1,
        after=0.9,
        loss=Interval(0.8, 0.7, 0.9, 60),
        margin=0.1,
        unit="share of answers",
        held=held,
        sentence=f"{name} was lost",
    )


def run_of(method, before, after, *, seed=0, guards=(), cost=COST, judges=None):
    """A finished run.

    Args:
        method: Its name.
        before: Scores of the starting model: by judge, then by objective, a list each.
        after: The same of the method; None where it answers as the starting model does.
        seed: The recipe's.
        guards: What guards found.
        cost: What it cost.
        judges: Facts of those who judged; None for the usual ones of these names.
    """
    usual = {facts.name: facts for facts in (EXAMINER, SECOND, TEACHER)}
    facts = judges or tuple(usual[name] for name in before)
    objectives = tuple(next(iter(before.values())))
    sides = {BEFORE: before} | ({} if after is None else {AFTER: after})
    count = len(before[facts[0].name][objectives[0]])
    answers = answers_of({side: ["x"] * count for side in sides})
    judgements = pa.concat_tables(
        [
            judgements_of({side: scores[name] for side, scores in sides.items()}, name)
            for name in before
        ]
    )
    evidence = Evidence(objectives, answers, judgements, facts, guards)
    gate = decide(evidence, Gate(), Evaluation(bootstrap=100), seed)
    return FinishedRun(
        method, seed, Path(method), objectives, answers, judgements, facts, gate, cost
    )


def shifted(gains, *, seed=0, prompts=40, judges=("examiner", "second", "teacher"), noise=0.5):
    """Scores before, and after with these mean gains; the teacher sees twice as much.

    Args:
        gains: By objective.
        seed: Makes the answers after; those before are always the same.
        prompts: How many.
        judges: Their names.
        noise: Standard deviation of the gains.
    """
    base, rng = np.random.default_rng(1), np.random.default_rng(seed + 10)
    before, after = {}, {}
    for judge in judges:
        times = 2.0 if judge == "teacher" else 1.0
        before[judge] = {name: base.normal(5, 1, prompts).tolist() for name in gains}
        after[judge] = {
            name: (np.array(before[judge][name]) + times * gain + rng.normal(0, noise, prompts))
            .round(6)
            .tolist()
            for name, gain in gains.items()
        }
    return before, after


def made_run(method, first, second, *, seed=0, **more):
    """A run by its gains on two objectives."""
    shown = {key: more.pop(key) for key in ("prompts", "judges", "noise") if key in more}
    draw = zlib.crc32(f"{method} {seed}".encode())
    before, after = shifted({"harmless": first, "helpful": second}, seed=draw, **shown)
    return run_of(method, before, after, seed=seed, **more)


def made_table(runs, **more):
    """The table of some runs, by few resamples."""
    return method_table(runs, **(SETTINGS | more))


def many_runs(text=""):
    """A comparison of a dozen methods with three seeds, of which some lack one.

    Args:
        text: Goes wherever a text can come from users, models or data.
    """
    plan = {
        "untouched": (0.0, 0.0),
        "system-prompt": (0.35, -0.5),
        "best-of-8": (0.9, 0.7),
        "sft": (0.4, 0.1),
        "self-criticism": (0.3, 0.2),
        "dpo": (0.55, 0.0),
        "simpo": (0.6, 0.1),
        "spa": (0.8, 0.5),
        "soup-6-4": (0.5, 0.45),
        "soup-9-1": (0.7, 0.3),
        "safedpo": (0.85, -0.3),
        "spa-without-informativeness": (0.78, 0.48),
    }
    runs = []
    for place, (method, gains) in enumerate(plan.items()):
        for seed in (0, 1, 2):
            if method == "safedpo" and seed == 2:
                continue
            trains = place > 2
            cost = Cost(
                120_000 * trains,
                40_000 * trains,
                900_000 * trains,
                640.0 if method == "best-of-8" else 80.0 + place,
                411.0 * trains,
                3 << 30 if trains else None,
            )
            lost = (guard(f"same opening{text}"),) if method in ("sft", "safedpo") else ()
            runs.append(
                made_run(
                    method + text,
                    gains[0] + 0.04 * seed,
                    gains[1] - 0.03 * seed,
                    seed=seed,
                    guards=lost,
                    cost=cost,
                )
            )
    return runs
