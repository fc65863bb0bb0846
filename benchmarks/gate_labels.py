"""The gate with people's labels, where the judge is biased in favour of the new model.

Pairs of answers that people labelled stand for before and after, and the probe's scores of both for
what the examiner says. A simulated run draws so many of them with replacement:

- `ppi_false_pass_…`: people prefer the former answers by just the margin (a net preference of
  −0.1), and 4 of 5 new answers are those that the probe prefers, as after training towards it.
  Shares of runs in which the judge alone passes, and in which labels with its scores do; `held` is
  the share that wrongly shows no fall.
- `labels_reach_…` and `labels_example`: half the width of the interval of labels alone, and the
  example of docs/labels.md; neither needs data.
- `ppi_width_…`: the new answer is either side of a pair at random. The mean width of the interval
  over that of the labels alone.

    python benchmarks/gate_labels.py [--pairs 350] [--runs 400]
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from figures import figure
from human_labels import require_data
from judges import MODEL, labelled_objectives
from judges_kinds import BENCH, Array, ReadOnce, kind_of_judge
from judges_pairs import labelled_pair
from primum.audit.measures.scoring import score_pairs
from primum.engines.local.engine import TransformersEngine
from primum.engines.recorded import RecordedEngine
from primum.evaluation.people import PREFERENCE, squashed
from primum.progress import Silent
from primum.recipe.schema import Gate, Judging
from primum.statistics.paired_bootstrap import paired_gain
from primum.statistics.prediction_powered import PoweredMean, powered_mean
from primum.store.calls import CallStore

MARGIN = Gate().preference_margin
FAVOURED = 0.8  # Share of new answers that the judge prefers: a choice.
RESAMPLES = 1000
SIZES = ((200, 60), (200, 150), (1000, 60), (1000, 150))


@dataclass(frozen=True)
class Drawn:
    """A simulated run.

    Attributes:
        labels: 1 where people prefer the new answer, otherwise −1; shape [prompts].
        gains: The judge's score of the new answer less that of the former one.
    """

    labels: Array
    gains: Array


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=350, help="per objective")
    parser.add_argument("--runs", type=int, default=400, help="simulated runs for each figure")
    given = parser.parse_args()
    report_reach()
    report_example()
    require_data()
    for name, gaps in probe_gaps(given.pairs).items():
        right = float((gaps > 0).mean())
        figure(f"probe_accuracy_{name}", round(right, 3), "share", count=len(gaps))
        for prompts, labels in SIZES:
            report_false_pass(name, gaps, prompts, labels, given.runs)
            report_width(name, gaps, prompts, labels, given.runs)


def report_reach() -> None:
    """How far the interval of labels alone reaches, if as many prefer the one as the other."""
    for count in (60, 150, 350):
        for same in (0.0, 0.5):
            sides = np.repeat([1.0, -1.0], round(count * (1 - same) / 2))
            run = Drawn(np.concatenate([sides, np.zeros(count - len(sides))]), np.zeros(count))
            alone = powered(run, count, 0).labels_alone
            assert alone.low is not None
            assert alone.high is not None
            half = round((alone.high - alone.low) / 2, 3)
            figure(f"labels_reach_{count}", half, "net preference", the_same=same)


def report_example() -> None:
    """56 labels of 1,000 prompts, with made-up scores that know something of them."""
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([1.0, -1.0, 0.0], [27, 12, 17]))
    others = rng.choice([1.0, -1.0, 0.0], 940, p=[27 / 56, 12 / 56, 17 / 56])
    every = np.concatenate([labels, others])
    run = Drawn(every, 2 + every + rng.normal(0, 1, len(every)))
    found = powered(run, len(labels), 0)
    assert found.interval.low is not None
    assert found.interval.high is not None
    figure(
        "labels_example",
        round(found.interval.value or 0, 3),
        "net preference",
        low=round(found.interval.low, 3),
        high=round(found.interval.high, 3),
        weight=round(found.weight, 3),
        labels_alone=[
            round(end or 0, 3)
            for end in (
                found.labels_alone.value,
                found.labels_alone.low,
                found.labels_alone.high,
            )
        ],
    )


def probe_gaps(count: int) -> Mapping[str, Array]:
    """By objective, the probe's score of the answer that people prefer less that of the other."""
    found = {}
    engine = TransformersEngine.from_name(MODEL, batch_size=64)
    with CallStore(BENCH / "judges.sqlite") as calls:
        reads = ReadOnce(RecordedEngine(engine, calls))
        for name, part in labelled_objectives(count).items():
            judge = kind_of_judge(Judging(kind="probe"), reads, part.constitution)
            pairs = [labelled_pair(pair) for pair in part.pairs]
            values = score_pairs(judge, pairs, stage=name, progress=Silent())
            gaps = values[:, 0] - values[:, 1]
            found[name] = gaps[np.isfinite(gaps)]
    return found


def biased_run(gaps: Array, prompts: int, rng: np.random.Generator) -> Drawn:
    """A fall of the margin, by answers of which most are those that the judge prefers.

    Args:
        gaps: Of the real pairs.
        prompts: How many.
        rng: Makes the draws.
    """
    labels = rng.choice([1.0, -1.0], prompts, p=[(1 - MARGIN) / 2, (1 + MARGIN) / 2])
    gains = np.zeros(prompts)
    for label in (1.0, -1.0):
        sides = label * gaps
        weights = np.where(sides > 0, FAVOURED, 1 - FAVOURED)
        there = labels == label
        gains[there] = rng.choice(sides, int(there.sum()), p=weights / weights.sum())
    return Drawn(labels, gains)


def even_run(gaps: Array, prompts: int, rng: np.random.Generator) -> Drawn:
    """Either side of real pairs as the new answer.

    Args:
        gaps: Of the real pairs.
        prompts: How many.
        rng: Makes the draws.
    """
    labels = rng.choice([1.0, -1.0], prompts)
    return Drawn(labels, labels * rng.choice(gaps, prompts))


def powered(run: Drawn, labelled: int, seed: int) -> PoweredMean:
    """What the gate makes of a run of which the first so many prompts are labelled.

    Args:
        run: All prompts.
        labelled: How many.
        seed: Makes folds and resamples.
    """
    predicted = squashed(run.gains)
    return powered_mean(
        run.labels[:labelled],
        predicted[:labelled],
        predicted[labelled:],
        bounds=PREFERENCE,
        resamples=RESAMPLES,
        confidence=0.95,
        seed=seed,
    )


def report_false_pass(name: str, gaps: Array, prompts: int, labelled: int, runs: int) -> None:
    """How often a fall passes.

    Args:
        name: The objective.
        gaps: Of the real pairs.
        prompts: Judged ones.
        labelled: Labelled ones.
        runs: Simulated runs.
    """
    rng = np.random.default_rng(0)
    alone = passed = held = 0
    for seed in range(runs):
        run = biased_run(gaps, prompts, rng)
        low = powered(run, labelled, seed).interval.low
        held += low is not None and low > -MARGIN
        passed += low is not None and low > 0
        if seed < runs // 4:
            zeros = np.zeros(prompts).tolist()
            judge = paired_gain(
                zeros, run.gains.tolist(), resamples=RESAMPLES, confidence=0.95, seed=seed
            )
            alone += judge.low is not None and judge.low > 0
    figure(
        f"ppi_false_pass_{name}_{labelled}_of_{prompts}",
        round(passed / runs, 4),
        "share",
        held=round(held / runs, 4),
        without_labels=round(alone / (runs // 4), 4),
        runs=runs,
    )


def report_width(name: str, gaps: Array, prompts: int, labelled: int, runs: int) -> None:
    """How much shorter the interval is.

    Args:
        name: The objective.
        gaps: Of the real pairs.
        prompts: Judged ones.
        labelled: Labelled ones.
        runs: Simulated runs; a quarter of them.
    """
    rng = np.random.default_rng(1)
    found = [
        powered(even_run(gaps, prompts, rng), labelled, seed) for seed in range(max(2, runs // 4))
    ]
    ratios = np.array([each.width_ratio for each in found], dtype=np.float64)
    figure(
        f"ppi_width_{name}_{labelled}_of_{prompts}",
        round(float(ratios.mean()), 3),
        "ratio",
        low=round(float(np.quantile(ratios, 0.05)), 3),
        high=round(float(np.quantile(ratios, 0.95)), 3),
        weight=round(float(np.mean([each.weight for each in found])), 3),
    )


if __name__ == "__main__":
    main()
