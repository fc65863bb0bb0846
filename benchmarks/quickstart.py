"""The main job on the bundled model: how long it takes, and what it gains by whose judgement.

Runs `make align`'s command once per seed, in runs/bench, with a cache of its own that holds the
converted model (which `make install` makes) and nothing else, so that the first run includes the
fit of the probe. Then a judge that no run saw, fitted on human labels, judges the same answers.

    python benchmarks/quickstart.py [--seeds 1 2 3] [--settings training.learning_rate=2e-4 …]
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.stats import bootstrap

from figures import figure
from human_judge import fit_human_judge
from human_labels import hh_helpful_pairs, pku_pairs, require_data
from primum.constitution import load_constitution
from primum.engines.base import Engine
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.bundled import bundled_model
from primum.engines.recorded import RecordedEngine
from primum.evaluation.judges_file import read_judges
from primum.evaluation.side_by_side import side_by_side
from primum.evaluation.summary import read_evaluation
from primum.judging import Item, complete, fit_probe, judge_all
from primum.judging.examiners.build import TEACHER
from primum.messages import Message
from primum.progress import Silent
from primum.recipe import load_recipe
from primum.report.endings import response_endings
from primum.store.calls import CallStore
from primum.synthesis.categories import CategoryPairs, pairs_by_category, together
from primum.synthesis.order import stated_thresholds
from primum.synthesis.responses import Synthesis

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "runs" / "bench"
MODEL = "bundled:smollm2-135m"
OBJECTIVES = ("harmless", "helpful")
Array = npt.NDArray[np.float64]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    # Seed 0 is the one that the recipe was tuned on (benchmarks/quickstart_settings.py).
    arguments.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    arguments.add_argument("--settings", nargs="+", default=[], help="over the recipe")
    given = arguments.parse_args()
    seeds = given.seeds
    require_data()
    os.environ["XDG_CACHE_HOME"] = str(BENCH / "cache")
    bundled_model(MODEL)
    runs = {seed: align(seed, given.settings) for seed in seeds}
    report_gains(runs)
    report_verdicts(runs)
    report_openings(runs)
    report_endings(runs)
    report_decided(runs)
    engine = TransformersEngine.from_name(MODEL)
    with CallStore(BENCH / "human.sqlite") as calls:
        recorded = RecordedEngine(engine, calls)
        report_human_gains(runs, recorded)
        report_probe_accuracy(recorded)


def align(seed: int, settings: Sequence[str] = ()) -> Path:
    """Runs the command for one seed; a finished run is not run again."""
    named = [re.sub(r"[^\w.-]+", "_", setting) for setting in settings]
    out = BENCH / "-".join(("quickstart", str(seed), *named))
    command = [
        *(sys.executable, "-m", "primum", "align", "seed", "--model", MODEL),
        *("--constitution", "harmless-helpful", "--recipe", "quickstart", "--out", str(out)),
        *(f"seed={seed}", *settings),
    ]
    new = not (out / "report.html").exists()
    first = not any((BENCH / "cache" / "primum" / "probes").glob("*"))
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=sys.stderr, cwd=ROOT)
    if new:
        name = "quickstart_seconds" if first else "quickstart_seconds_probe_cached"
        figure(name, round(time.monotonic() - began, 1), "s", seed=seed, cores=os.cpu_count())
    return out


def sides(run: Path, judge: str) -> pa.Table:
    """The answers of a run before and after, with the scores of one judge."""
    answers, judgements = (pq.read_table(run / f"{n}.parquet") for n in ("answers", "judgements"))
    return side_by_side(answers, judgements, OBJECTIVES, judge=judge)


def report_gains(runs: dict[int, Path]) -> None:
    """Gains by every judge of the runs, the teacher among them, in points of the scale."""
    for judge in read_judges(next(iter(runs.values())) / "judges.json"):
        tables = {seed: sides(run, judge.name) for seed, run in runs.items()}
        for name, objective in zip(("primary", "secondary"), OBJECTIVES, strict=True):
            gains = {}
            for seed, table in tables.items():
                before, after = (
                    np.asarray(table.column(f"{side}_{objective}").to_pylist(), dtype=np.float64)
                    for side in ("before", "after")
                )
                gains[seed] = after - before
            report_gain(f"quickstart_{name}_gain_{judge.name}", gains, "points")


def report_verdicts(runs: dict[int, Path]) -> None:
    """What the gate found: gains, a change of nothing, guards, and its verdict."""
    for seed, run in runs.items():
        result = read_evaluation(run / "evaluation.json")
        broken = [guard.guard for guard in result.broken]
        shown = [each for one in result.objectives for each in one.shown]
        for each in shown:
            for name, found in (("gain", each.gain), ("nothing", each.noise)):
                if found is not None:
                    figure(
                        f"gate_{name}_{each.objective}_{each.judge}",
                        found.value,
                        each.unit,
                        low=found.low,
                        high=found.high,
                        seed=seed,
                    )
        figure(
            "quickstart_broken_guards",
            len(broken),
            "guards",
            seed=seed,
            verdict=result.verdict,
            broken=broken,
            guards={guard.guard: [guard.before, guard.after] for guard in result.guards},
        )


def report_openings(runs: dict[int, Path]) -> None:
    """How many answers begin with the commonest first word, before and after."""
    for seed, run in runs.items():
        table = sides(run, TEACHER)
        for side in ("before", "after"):
            texts = [text for text in table.column(side).to_pylist() if text]
            words = Counter(text.split(maxsplit=1)[0] for text in texts if text.strip())
            word, count = words.most_common(1)[0]
            figure(
                f"same_opening_{side}",
                round(count / len(texts), 3),
                "share",
                seed=seed,
                answers=count,
                of=len(texts),
                word=word,
            )


def report_endings(runs: dict[int, Path]) -> None:
    """How many responses of every kind ended by themselves, and how long the answers are."""
    for seed, run in runs.items():
        names = ("responses", "pairs", "answers")
        tables = {name: pq.read_table(run / f"{name}.parquet") for name in names}
        for each in response_endings(tables):
            name = each.of.replace(" ", "_")
            figure(f"{name}_ended", each.total - each.cut, "responses", seed=seed, of=each.total)
        for side in ("before", "after"):
            texts = sides(run, TEACHER).column(side).to_pylist()
            words = [len(text.split()) for text in texts if text is not None]
            figure(f"median_words_{side}", float(np.median(words)), "words", seed=seed)


def report_decided(runs: dict[int, Path]) -> None:
    """Share of pairs that the first objective decides, by category, all seeds together."""
    by_category: dict[str, list[CategoryPairs]] = {}
    for run in runs.values():
        for row in decided(run):
            by_category.setdefault(row.category or "none", []).append(row)
    for category, rows in sorted(by_category.items()):
        whole = together(rows)
        first = whole.objectives[0]
        figure(
            f"first_decides_{category.replace('-', '_')}",
            round(first.decided / whole.pairs, 3) if whole.pairs else None,
            "share",
            decided=first.decided,
            pairs=whole.pairs,
            by_seed=[[row.objectives[0].decided, row.pairs] for row in rows],
            first_met=None if first.share_met is None else round(first.share_met, 3),
            candidates=first.candidates,
        )


def decided(run: Path) -> tuple[CategoryPairs, ...]:
    """What each objective decided in a run, from its tables."""
    prompts, responses, scores, pairs = (
        pq.read_table(run / f"{name}.parquet")
        for name in ("prompts", "responses", "scores", "pairs")
    )
    columns = (prompts.column(name).to_pylist() for name in ("prompt_id", "category", "split"))
    categories = {
        name: kind for name, kind, split in zip(*columns, strict=True) if split == "train"
    }
    constitution = load_constitution(run / "constitution.yaml")
    thresholds = stated_thresholds(constitution, load_recipe(run / "recipe.yaml").pairing)
    return pairs_by_category(categories, [Synthesis(responses, scores)], [pairs], thresholds)


def report_human_gains(runs: dict[int, Path], engine: Engine) -> None:
    """Gains by the unseen judge, in standard deviations of the answers before."""
    judge = fit_human_judge(engine)
    for objective, accuracy in judge.accuracy.items():
        figure(f"human_judge_accuracy_{objective}", accuracy, "share", note="cross-validated")
    gains: dict[str, dict[int, Array]] = {name: {} for name in judge.directions}
    for seed, run in runs.items():
        table = sides(run, TEACHER)
        prompts = table.column("prompt").to_pylist()
        scored = {
            side: judge.scores(engine, prompts, table.column(side).to_pylist())
            for side in ("before", "after")
        }
        for name, of_objective in gains.items():
            before, after = scored["before"][name], scored["after"][name]
            of_objective[seed] = (after - before) / np.nanstd(before)
    for name, of_objective in gains.items():
        report_gain(f"human_label_gain_{name}", of_objective, "SD before")


def report_gain(name: str, gains: dict[int, Array], unit: str) -> None:
    """Mean over seeds, with an interval over prompts; then each seed alone."""
    together = np.nanmean(np.stack(list(gains.values())), axis=0)
    for suffix, values in [("", together), *((f"_seed_{i}", g) for i, g in gains.items())]:
        low, high = interval(values[np.isfinite(values)])
        figure(
            name + suffix,
            round(float(np.nanmean(values)), 3),
            unit,
            low=low,
            high=high,
            prompts=int(np.isfinite(values).sum()),
        )


def report_probe_accuracy(engine: Engine) -> None:
    """Share of human-labelled pairs that the probe puts in the same order as people."""
    constitution = load_constitution("harmless-helpful")
    cache = BENCH / "cache" / "primum" / "probes"
    probe = fit_probe(engine, constitution, cache=cache, progress=Silent())
    for place, pairs in enumerate((pku_pairs(), hh_helpful_pairs())):
        objective = constitution.objectives[place]
        items = {
            f"{index}-{side}": Item((Message("user", pair.prompt),), text)
            for index, pair in enumerate(pairs)
            for side, text in (("better", pair.better), ("worse", pair.worse))
        }
        scores = complete(judge_all(probe, items, stage="accuracy", progress=Silent()))
        gaps = np.array(
            [
                scores[f"{index}-better"][place] - scores[f"{index}-worse"][place]
                for index in range(len(pairs))
            ]
        )
        report_share(f"probe_accuracy_{objective.name}", gaps > 0)
        confident = np.argsort(-np.abs(gaps))[: len(gaps) // 3]
        report_share(f"probe_accuracy_{objective.name}_confident_third", gaps[confident] > 0)


def report_share(name: str, right: npt.NDArray[np.bool_]) -> None:
    low, high = interval(right.astype(np.float64))
    figure(name, round(float(right.mean()), 3), "share", low=low, high=high, pairs=len(right))


def interval(values: Array) -> tuple[float, float]:
    """95 % bootstrap interval of the mean."""
    found = bootstrap((values,), np.mean, n_resamples=5000, rng=np.random.default_rng(0))
    return round(float(found.confidence_interval.low), 3), round(
        float(found.confidence_interval.high), 3
    )


if __name__ == "__main__":
    main()
