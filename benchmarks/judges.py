"""Every kind of judge against human labels, with the bundled model and our own exemplars alone.

No judge is fitted on the labels. Two controls stand beside the judges: one that knows nothing, and
one that goes by length alone. `fitted_auc_harmless` alone is fitted on labels, to show what the
hidden states hold.

    python benchmarks/judges.py [--pairs 350] [--answers 400] [--asked 24] [--attacked 12]
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path
from scipy.stats import bootstrap
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from figures import figure
from human_judge import LONGEST, hidden_states
from human_labels import (
    HumanAnswer,
    HumanPair,
    beavertails_answers,
    hh_helpful_pairs,
    pku_pairs,
    require_data,
    truthful_pairs,
)
from primum.audit.measures.attack import measure_attacks
from primum.audit.measures.pairs import LABELLED, LabelledPair
from primum.audit.measures.scoring import score_pairs
from primum.audit.measures.spread import saturation
from primum.audit.objective import JUDGE, LENGTH, RANDOM, ScoredPairs, audit_objective
from primum.constitution import Constitution, load_constitution
from primum.engines.base import Engine
from primum.engines.local.engine import TransformersEngine
from primum.judging import Item, Judge, build_judge
from primum.judging.controls import LengthJudge, RandomJudge
from primum.messages import Message
from primum.progress import Silent
from primum.recipe.schema import Judging

MODEL = "bundled:smollm2-135m"
# Judges asked in words, and how many answers are attacked before each.
ATTACKED = {"rating_expected": 4, "rating_expected_mirrored": 4, "rating_text": 1}
REPLY = 24  # Tokens that a judge who answers in words may use.
TIMED = 16  # Responses judged for the comparison of speed.
Array = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=350, help="per objective")
    parser.add_argument("--answers", type=int, default=400, help="single answers, for the AUC")
    parser.add_argument("--asked", type=int, default=24, help="pairs for judges asked in words")
    parser.add_argument("--attacked", type=int, default=12, help="responses that are attacked")
    given = parser.parse_args()
    require_data()
    engine = TransformersEngine.from_name(MODEL, batch_size=64)
    safe, honest = load_constitution("harmless-helpful"), load_constitution("honest-helpful")
    report_speed(engine, safe, pku_pairs())
    report_attacks(engine, safe, pku_pairs()[: given.attacked])
    every = beavertails_answers()
    for name, judge in judges(engine, safe):
        if name not in ATTACKED:
            report_auc(f"{name}_auc_harmless", judge, every[: given.answers])
    report_fitted_auc(hidden_states(engine, [(a.prompt, a.answer) for a in every]), every)
    sets = {
        "harmless": (safe, pku_pairs()[: given.pairs]),
        "helpful": (safe, hh_helpful_pairs()[: given.pairs]),
        "honest": (honest, truthful_pairs()[: given.pairs]),
    }
    for objective, (constitution, pairs) in sets.items():
        for name, judge in judges(engine, constitution):
            some = pairs[: given.asked] if name in ATTACKED else pairs
            report_agreement(name, judge, constitution, objective, some)


def judges(
    engine: Engine, constitution: Constitution, *, reply: int = REPLY
) -> Iterator[tuple[str, Judge]]:
    """All judges by name, the controls last; `reply` bounds the one that answers in words."""
    kinds = {
        "probe": Judging(kind="probe"),
        "rating_expected": Judging(kind="rating-expected"),
        "rating_expected_mirrored": Judging(kind="rating-expected", wordings=2),
        "rating_text": Judging(kind="rating-text", max_tokens=reply),
    }
    cache = user_cache_path("primum") / "probes"
    for name, settings in kinds.items():
        yield name, build_judge(settings, engine, constitution, cache=cache, progress=Silent())
    yield "random", RandomJudge(constitution)
    yield "length", LengthJudge(constitution)


def report_agreement(
    name: str, judge: Judge, constitution: Constitution, objective: str, pairs: Sequence[HumanPair]
) -> None:
    """Share of pairs in the people's order, and what the audit makes of it.

    A tie is half right, a missing score is left out and counted.
    """
    place = [o.name for o in constitution.objectives].index(objective)
    labelled = [labelled_pair(pair, place) for pair in pairs]
    values = score_pairs(judge, labelled, stage=name, progress=Silent())
    gaps = values[:, 0] - values[:, 1]
    found = gaps[np.isfinite(gaps)]
    confident = found[np.argsort(-np.abs(found))[: len(found) // 3]]
    report_share(f"{name}_accuracy_{objective}", found, missing=len(gaps) - len(found))
    report_share(f"confident_third_accuracy_{name}_{objective}", confident, missing=0)
    trust = audit_trust(judge, constitution, place, labelled, values)
    print(json.dumps({"audit": f"{name}_{objective}", "trust": trust}), flush=True)


def audit_trust(
    judge: Judge,
    constitution: Constitution,
    place: int,
    pairs: Sequence[LabelledPair],
    values: Array,
) -> str:
    """What `primum audit` would say of the judge in a sentence, from these pairs."""
    controls = {RANDOM: RandomJudge(constitution), LENGTH: LengthJudge(constitution)}
    scores = {JUDGE: values}
    for control, of_control in controls.items():
        scores[control] = score_pairs(of_control, pairs, stage=control, progress=Silent())
    prompts = [pair.cluster for pair in pairs for _ in range(2)]
    used = saturation(values.ravel().tolist(), prompts, constitution.scale)
    scored = [ScoredPairs(LABELLED, False, tuple(pairs), scores)]
    found = audit_objective(
        place, constitution, scored, used, None, None, (), (), cuts=False, seed=0
    )
    return found.trust.sentence


def report_share(name: str, gaps: Array, *, missing: int) -> None:
    right = (np.sign(gaps) + 1) / 2
    if len(right) < 2:
        figure(name, None, "share", count=len(right), missing=missing)
        return
    figure(name, round(float(right.mean()), 3), "share", **interval(right), missing=missing)


def report_auc(name: str, judge: Judge, answers: Sequence[HumanAnswer]) -> None:
    """Single answers, harmless against harmful; missing scores are left out and counted."""
    values = scores(judge, [item(a.prompt, a.answer) for a in answers])[:, 0]
    good = np.array([a.good for a in answers])
    there = np.isfinite(values)
    facts = {"count": int(there.sum()), "missing": int((~there).sum())}
    if len(set(good[there])) < 2:
        figure(name, None, "AUC", **facts)
        return
    pairs = np.stack([good[there], values[there]], axis=1)
    rng = np.random.default_rng(0)
    resamples = [pairs[rng.integers(0, len(pairs), len(pairs))] for _ in range(1000)]
    aucs = [roc_auc_score(p[:, 0], p[:, 1]) for p in resamples if 0 < p[:, 0].mean() < 1]
    low, high = (round(float(q), 3) for q in np.quantile(aucs, [0.025, 0.975]))
    value = round(float(roc_auc_score(pairs[:, 0], pairs[:, 1])), 3)
    figure(name, value, "AUC", low=low, high=high, **facts)


def report_fitted_auc(states: Array, answers: Sequence[HumanAnswer]) -> None:
    """What a linear read-out reaches that is fitted on these labels, prompts kept apart.

    No judge of primum's: how much of the labels the model's hidden states hold.
    """
    good = np.array([a.good for a in answers])
    prompts = np.unique([a.prompt for a in answers], return_inverse=True)[1]
    fit = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=3000))
    folds = GroupKFold(5)
    found = cross_val_predict(
        fit, states, good, groups=prompts, cv=folds, method="decision_function"
    )
    value = round(float(roc_auc_score(good, found)), 3)
    figure("fitted_auc_harmless", value, "AUC", count=len(answers))


def report_speed(engine: Engine, constitution: Constitution, pairs: Sequence[HumanPair]) -> None:
    """Judged responses per second, against asking for a rating in text."""
    sides = [item(p.prompt, text) for p in pairs for text in (p.better, p.worse)][:TIMED]
    seconds = {}
    for name, judge in judges(engine, constitution, reply=Judging().max_tokens):
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


def report_attacks(engine: Engine, constitution: Constitution, pairs: Sequence[HumanPair]) -> None:
    """Mean gain of the attack corpus on answers that people found the worse ones."""
    items = [item(pair.prompt, pair.worse) for pair in pairs]
    for name, judge in judges(engine, constitution):
        # A judge asked in words answers one question per attack and objective.
        found = measure_attacks(
            judge,
            items[: ATTACKED.get(name)],
            len(constitution.objectives),
            seed=0,
            progress=Silent(),
        )
        for objective, attack in zip(constitution.objectives, found, strict=True):
            value, low, high = (
                None if number is None else round(number, 3)
                for number in (attack.gain.value, attack.gain.low, attack.gain.high)
            )
            facts = {"answers": attack.answers, "attacks": attack.attacks}
            name_of_figure = f"attack_gain_{name}_{objective.name}"
            figure(name_of_figure, value, "points", low=low, high=high, **facts)


def item(prompt: str, answer: str) -> Item:
    return Item((Message("user", prompt),), answer[:LONGEST])


def labelled_pair(pair: HumanPair, place: int) -> LabelledPair:
    """As the audit takes it; every pair is another prompt's."""
    messages = (Message("user", pair.prompt),)
    better, worse = pair.better[:LONGEST], pair.worse[:LONGEST]
    return LabelledPair(place, pair.prompt, messages, better, worse)


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
