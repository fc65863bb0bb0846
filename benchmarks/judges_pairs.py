"""Pairs that people labelled: who puts them in the people's order, and what an audit says of it."""

import json
from collections.abc import Sequence

import numpy as np
from scipy.stats import bootstrap

from figures import figure
from human_judge import LONGEST
from human_labels import HumanPair
from judges_kinds import Array
from primum.audit.measures.pairs import LABELLED, LabelledPair
from primum.audit.measures.scoring import score_pairs
from primum.audit.measures.spread import saturation
from primum.audit.objective import JUDGE, LENGTH, RANDOM, ScoredPairs, audit_objective
from primum.constitution import Constitution
from primum.judging import Judge
from primum.judging.controls import LengthJudge, RandomJudge
from primum.messages import Message
from primum.progress import Silent


def report_agreement(
    name: str, judge: Judge, constitution: Constitution, pairs: Sequence[HumanPair]
) -> None:
    """Share of pairs in the people's order, and what the audit makes of it.

    A tie is half right, a missing score is left out and counted.

    Args:
        name: The judge's.
        judge: Judges one objective.
        constitution: Has that objective alone.
        pairs: The better answer first.
    """
    objective = constitution.objectives[0].name
    labelled = [labelled_pair(pair) for pair in pairs]
    values = score_pairs(judge, labelled, stage=name, progress=Silent())
    gaps = values[:, 0] - values[:, 1]
    found = gaps[np.isfinite(gaps)]
    confident = found[np.argsort(-np.abs(found))[: len(found) // 3]]
    report_share(f"{name}_accuracy_{objective}", found, missing=len(gaps) - len(found))
    report_share(f"confident_third_accuracy_{name}_{objective}", confident, missing=0)
    trust = audit_trust(judge, constitution, labelled, values)
    print(json.dumps({"audit": f"{name}_{objective}", "trust": trust}), flush=True)


def audit_trust(
    judge: Judge, constitution: Constitution, pairs: Sequence[LabelledPair], values: Array
) -> str:
    """What `primum audit` would say of the judge in a sentence, from these pairs.

    Args:
        judge: Judges one objective.
        constitution: Has that objective alone.
        pairs: The better answer first.
        values: The judge's scores of them, shape [pairs, 2].
    """
    controls = {RANDOM: RandomJudge(constitution), LENGTH: LengthJudge(constitution)}
    scored = {JUDGE: values}
    for control, of_control in controls.items():
        scored[control] = score_pairs(of_control, pairs, stage=control, progress=Silent())
    prompts = [pair.cluster for pair in pairs for _ in range(2)]
    used = saturation(values.ravel().tolist(), prompts, constitution.scale)
    parts = [ScoredPairs(LABELLED, False, tuple(pairs), scored)]
    found = audit_objective(0, constitution, parts, used, None, None, (), (), cuts=False, seed=0)
    return found.trust.sentence


def report_share(name: str, gaps: Array, *, missing: int) -> None:
    """Share of gaps above zero; a tie is half right.

    Args:
        name: The figure's.
        gaps: Score of the better answer less that of the worse one, shape [pairs].
        missing: Pairs without a gap.
    """
    right = (np.sign(gaps) + 1) / 2
    if len(right) < 2:
        figure(name, None, "share", count=len(right), missing=missing)
        return
    figure(name, round(float(right.mean()), 3), "share", **interval(right), missing=missing)


def labelled_pair(pair: HumanPair) -> LabelledPair:
    """As the audit takes it; every pair is another prompt's."""
    messages = (Message("user", pair.prompt),)
    better, worse = pair.better[:LONGEST], pair.worse[:LONGEST]
    return LabelledPair(0, pair.prompt, messages, better, worse)


def interval(values: Array) -> dict[str, float | int]:
    """95 % bootstrap interval of the mean; every pair is another prompt's."""
    if values.std() == 0:
        return {"low": float(values[0]), "high": float(values[0]), "count": len(values)}
    found = bootstrap((values,), np.mean, n_resamples=5000, rng=np.random.default_rng(0))
    low, high = found.confidence_interval
    return {"low": round(float(low), 3), "high": round(float(high), 3), "count": len(values)}
