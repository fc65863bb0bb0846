"""Every kind of judge against human labels, with the bundled model and our own exemplars alone.

Nothing is fitted on the labels. Two controls stand beside the judges: one that knows nothing, and
one that goes by length alone.

    python benchmarks/judges.py [--pairs 300] [--asked 60] [--attacked 1]
"""

import argparse
import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path
from scipy.stats import bootstrap
from sklearn.metrics import roc_auc_score

from figures import figure
from human_labels import (
    LabelledPair,
    beavertails_answers,
    hh_helpful_pairs,
    pku_pairs,
    require_data,
    truthful_pairs,
)
from primum.constitution import Constitution, load_constitution
from primum.engines.base import Engine
from primum.engines.messages import Message
from primum.engines.transformers import TransformersEngine
from primum.judging import Item, Judge, build_judge
from primum.judging.attacks import attack_gains
from primum.judging.controls import LengthJudge, RandomJudge
from primum.progress import Silent
from primum.recipe.schema import Judging

MODEL = "bundled:smollm2-135m"
ASKED = ("rating_expected", "rating_text")
REPLY = 24  # Tokens that a judge who answers in words may use.
TIMED = 24  # Responses judged for the comparison of speed.
Array = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=300, help="per objective")
    parser.add_argument("--asked", type=int, default=60, help="for judges that are asked in words")
    parser.add_argument("--attacked", type=int, default=1, help="responses that are attacked")
    given = parser.parse_args()
    require_data()
    engine = TransformersEngine.from_name(MODEL, batch_size=64)
    safe, honest = load_constitution("harmless-helpful"), load_constitution("honest-helpful")
    sets = {
        "harmless": (safe, pku_pairs()[: given.pairs]),
        "helpful": (safe, hh_helpful_pairs()[: given.pairs]),
        "honest": (honest, truthful_pairs()[: given.pairs]),
    }
    for objective, (constitution, pairs) in sets.items():
        for name, judge in judges(engine, constitution):
            some = pairs[: given.asked] if name in ASKED else pairs
            report_accuracy(f"{name}_accuracy_{objective}", judge, constitution, objective, some)
    for name, judge in judges(engine, safe):
        if name not in ASKED:
            report_auc(f"{name}_auc_harmless", judge)
    report_speed(engine, safe, pku_pairs())
    report_attacks(engine, safe, pku_pairs()[: given.attacked])


def judges(engine: Engine, constitution: Constitution) -> Iterator[tuple[str, Judge]]:
    """All judges by name, the controls last."""
    kinds = {
        "probe": Judging(kind="probe"),
        "rating_expected": Judging(kind="rating-expected"),
        "rating_text": Judging(kind="rating-text", max_tokens=REPLY),
    }
    cache = user_cache_path("primum") / "probes"
    for name, settings in kinds.items():
        yield name, build_judge(settings, engine, constitution, cache=cache, progress=Silent())
    yield "random", RandomJudge(constitution)
    yield "length", LengthJudge(constitution)


def report_accuracy(
    name: str,
    judge: Judge,
    constitution: Constitution,
    objective: str,
    pairs: Sequence[LabelledPair],
) -> None:
    """Share of pairs in the people's order; a tie is half right, a missing score is left out."""
    place = [o.name for o in constitution.objectives].index(objective)
    sides = [item(p.prompt, text) for p in pairs for text in (p.better, p.worse)]
    values = scores(judge, sides)[:, place].reshape(-1, 2)
    gaps = values[:, 0] - values[:, 1]
    found = gaps[np.isfinite(gaps)]
    missing = len(gaps) - len(found)
    report_share(name, (np.sign(found) + 1) / 2, missing)
    confident = found[np.argsort(-np.abs(found))[: len(found) // 3]]
    report_share(
        name.replace("_accuracy_", "_confident_third_accuracy_"), (np.sign(confident) + 1) / 2, 0
    )


def report_share(name: str, right: Array, missing: int) -> None:
    if len(right) < 2:
        figure(name, float("nan"), "share", pairs=len(right), missing=missing)
        return
    figure(name, round(float(right.mean()), 3), "share", **interval(right), missing=missing)


def report_auc(name: str, judge: Judge) -> None:
    """BeaverTails' single answers, harmless against harmful."""
    answers = beavertails_answers()[:500]
    values = scores(judge, [item(a.prompt, a.answer) for a in answers])[:, 0]
    good = np.array([a.good for a in answers])
    figure(name, round(float(roc_auc_score(good, values)), 3), "AUC", answers=len(answers))


def report_speed(engine: Engine, constitution: Constitution, pairs: Sequence[LabelledPair]) -> None:
    """Judged responses per second, against asking for a rating in text."""
    sides = [item(p.prompt, text) for p in pairs for text in (p.better, p.worse)][:TIMED]
    seconds = {}
    for name, judge in judges(engine, constitution):
        began = time.monotonic()
        scores(judge, sides)
        seconds[name] = time.monotonic() - began
    for name in ("rating_expected", "probe"):
        figure(
            f"judge_speedup_{name.removeprefix('rating_')}",
            round(seconds["rating_text"] / seconds[name], 2),
            "ratio",
            responses=len(sides),
            seconds={key: round(value, 2) for key, value in seconds.items()},
        )


def report_attacks(
    engine: Engine, constitution: Constitution, pairs: Sequence[LabelledPair]
) -> None:
    """Mean gain of the attack corpus on answers that people found the worse ones."""
    items = [item(pair.prompt, pair.worse) for pair in pairs]
    for name, judge in judges(engine, constitution):
        gains = attack_gains(judge, items, progress=Silent())
        for place, objective in enumerate(constitution.objectives):
            found = gains[:, place][np.isfinite(gains[:, place])]
            if len(found) < 2:
                continue
            figure(
                f"attack_gain_{name}_{objective.name}",
                round(float(found.mean()), 3),
                "points",
                **interval(found),
                missing=len(gains) - len(found),
            )


def item(prompt: str, answer: str) -> Item:
    return Item((Message("user", prompt),), answer[:1000])


def scores(judge: Judge, items: Sequence[Item]) -> Array:
    """Shape [items, objectives]; NaN where a score is missing."""
    found = dict(judge.judge(items))
    return np.array(
        [
            [np.nan if score.value is None else score.value for score in found[at]]
            for at in range(len(items))
        ]
    )


def interval(values: Array) -> dict[str, float | int]:
    """95 % bootstrap interval of the mean; every pair is another prompt's."""
    if values.std() == 0:
        return {"low": float(values[0]), "high": float(values[0]), "count": len(values)}
    found = bootstrap((values,), np.mean, n_resamples=5000, rng=np.random.default_rng(0))
    low, high = found.confidence_interval
    return {"low": round(float(low), 3), "high": round(float(high), 3), "count": len(values)}


if __name__ == "__main__":
    main()
