"""What people's labels show, corrected by what the examiners say of all prompts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.gate import Evidence, levels_of
from primum.evaluation.gate_result import Shown
from primum.evaluation.shortage import MOST_MISSING, too_few, too_many_missing
from primum.evaluation.side_by_side import side_by_side
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation, Gate
from primum.statistics.arrays import Floats
from primum.statistics.judges.krippendorff import krippendorff_alpha
from primum.statistics.prediction_powered import PoweredMean, powered_mean
from primum.store.files import digest_json

PEOPLE = "people"
"""What those who label are called among those who judge."""

PREFERENCE = (-1.0, 1.0)
"""The lowest and the highest label: the answer before is better, the one after is."""

FURTHEST = 2.0
"""Standard deviations at which a predicted gain is cut, so that no single prompt rules. A choice;
the interval is valid for any."""


@dataclass(frozen=True)
class _Sample:
    """The labels of one objective.

    Attributes:
        ratings: Shape [drawn prompts, labellers]; NaN where there is none.
        prompts: Ids of the drawn prompts.
        alike: Whether both answers are the same, so that nobody was asked; shape [drawn prompts].
    """

    ratings: Floats
    prompts: tuple[str, ...]
    alike: Floats


def answer_digest(text: str) -> str:
    """Fingerprint of an answer."""
    return digest_json([text])


def labels_of(labels: pa.Table, answers: pa.Table) -> pa.Table:
    """The labels, if all were given to these very answers; otherwise none.

    Those of a few answers that did not change are no random sample any more.

    Args:
        labels: See `store.schemas.LABELS`.
        answers: See `store.schemas.ANSWERS`.
    """
    digests: dict[tuple[str, str], str] = {
        (row["prompt_id"], row["answerer"]): answer_digest(row["text"])
        for row in answers.select(["prompt_id", "answerer", "text", "missing"]).to_pylist()
        if row["missing"] is None
    }
    same = all(
        digests.get((row["prompt_id"], answerer)) == row[side]
        for row in labels.to_pylist()
        for side, answerer in (("before", BEFORE), ("after", AFTER))
    )
    return labels if same else labels.slice(0, 0)


def with_people(
    evidence: Evidence, labels: pa.Table, settings: Gate, evaluation_settings: Evaluation, seed: int
) -> Evidence:
    """The evidence with what people's labels show; as it is where there are none.

    Args:
        evidence: Answers and judgements.
        labels: See `store.schemas.LABELS`; a sample of the prompts of these answers.
        settings: The margin of a preference.
        evaluation_settings: Resamples and confidence.
        seed: Makes folds and resamples.
    """
    if labels.num_rows == 0:
        return evidence
    samples = {
        name: sample
        for name in evidence.objectives
        if (sample := _sample(labels, name)) is not None
    }
    predictions, lost = _predictions(evidence), _lost(evidence)
    people: dict[str, Shown] = {}
    trust: dict[str, str] = {}
    for name, sample in samples.items():
        # Over objectives alone: people are one judge. So every objective has an equal part of what
        # may err, whether people decide it or several examiners share that part.
        stricter = levels_of(evaluation_settings, len(evidence.objectives), 1, seed).superiority
        found, strict = (
            _powered(sample, predictions[name], evaluation_settings.bootstrap, level, seed)
            for level in (evaluation_settings.confidence, stricter)
        )
        people[name] = _shown(name, found, strict, sample, settings.preference_margin, lost)
        trust[name] = _trust(sample, found, seed)
    facts = JudgeFacts(PEOPLE, "people", _description(samples, evidence), trust=trust)
    return replace(evidence, judges=(*evidence.judges, facts), people=people)


def _sample(labels: pa.Table, objective: str) -> _Sample | None:
    rows = [row for row in labels.to_pylist() if row["objective"] == objective]
    people = sorted({row["labeller"] for row in rows})
    prompts = tuple(dict.fromkeys(row["prompt_id"] for row in rows))
    place = {name: at for at, name in enumerate(prompts)}
    ratings = np.full((len(prompts), len(people)), np.nan)
    alike = np.zeros(len(prompts))
    for row in rows:
        at = place[row["prompt_id"]]
        if row["value"] is not None:
            ratings[at, people.index(row["labeller"])] = row["value"]
        alike[at] = row["before"] == row["after"]
    return _Sample(ratings, prompts, alike) if rows else None


def _predictions(evidence: Evidence) -> Mapping[str, Mapping[str, float]]:
    """By objective and prompt, what the examiners predict: their mean gain, each in its own SD.

    Where no examiner judged, the teacher does: the interval is valid for any prediction. Where
    nobody did, nothing is predicted, and labels stand alone. A prompt without a score gets the
    mean, 0. Prompts without both answers are left out.
    """
    by_role = defaultdict(list)
    for judge in evidence.judges:
        by_role[judge.role].append(judge.name)
    names = by_role["examiner"] or by_role["teacher"]
    found: dict[str, dict[str, float]] = {name: {} for name in evidence.objectives}
    if not names:
        return found
    tables = [
        side_by_side(evidence.answers, evidence.judgements, evidence.objectives, judge=judge)
        for judge in names
    ]
    first = tables[0].to_pylist()
    there = [
        at
        for at, row in enumerate(first)
        if row["before"] is not None
        and row["after"] is not None
        and row["before_missing"] is None
        and row["after_missing"] is None
    ]
    for name in evidence.objectives:
        gains = np.array(
            [
                squashed(
                    np.array(table.column(f"after_{name}").to_pylist(), dtype=np.float64)
                    - np.array(table.column(f"before_{name}").to_pylist(), dtype=np.float64)
                )
                for table in tables
            ]
        ).mean(axis=0)
        found[name] = {first[at]["prompt_id"]: float(gains[at]) for at in there}
    return found


def squashed(gains: Floats) -> Floats:
    """Gains in standard deviations from their mean, cut; 0 where there is none."""
    known = gains[np.isfinite(gains)]
    spread = float(known.std()) if len(known) else 0.0
    if spread == 0:
        return np.zeros(len(gains))
    scaled = np.clip((gains - known.mean()) / spread, -FURTHEST, FURTHEST)
    return np.where(np.isfinite(gains), scaled, 0.0)


def _powered(
    sample: _Sample, predicted: Mapping[str, float], resamples: int, confidence: float, seed: int
) -> PoweredMean:
    """The net preference over all prompts.

    Args:
        sample: The labels.
        predicted: By prompt, of all prompts with both answers; empty where nobody judged.
        resamples: Bootstrap resamples.
        confidence: Of the interval.
        seed: Makes folds and resamples.
    """
    means = _means(sample)
    labelled = [at for at, mean in enumerate(means) if np.isfinite(mean)]
    ids = [sample.prompts[at] for at in labelled]
    # A drawn prompt without a label is neither labelled nor one of the others: whoever skips
    # prompts may skip those of a kind.
    others = [value for prompt, value in predicted.items() if prompt not in set(sample.prompts)]
    return powered_mean(
        means[labelled],
        np.array([predicted.get(prompt, 0.0) for prompt in ids], dtype=np.float64),
        np.array(others, dtype=np.float64),
        bounds=PREFERENCE,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
    )


def _means(sample: _Sample) -> Floats:
    """The mean label of every drawn prompt; NaN where nobody gave one."""
    rated = np.isfinite(sample.ratings)
    count = rated.sum(axis=1)
    total = np.where(rated, sample.ratings, 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _lost(evidence: Evidence) -> str | None:
    """Why the prompts with both answers do not stand for all, if they do not."""
    rows = evidence.answers.select(["prompt_id", "answerer", "missing"]).to_pylist()
    total = len({row["prompt_id"] for row in rows})
    lost = {
        row["prompt_id"]
        for row in rows
        if row["answerer"] in (BEFORE, AFTER) and row["missing"] is not None
    }
    return too_many_missing(len(lost), total, "prompts lack an answer")


def _shown(
    name: str,
    found: PoweredMean,
    strict: PoweredMean,
    sample: _Sample,
    margin: float,
    lost: str | None,
) -> Shown:
    """What people showed on one objective.

    Args:
        name: The objective.
        found: The net preference at the gate's confidence.
        strict: The same at the stricter level.
        sample: The labels.
        margin: The net share that may prefer the former answers.
        lost: Why the sample cannot stand for all prompts, if so.
    """
    gain = replace(found.interval, missing=len(sample.prompts) - found.interval.n)
    reason = too_few(gain.n, "prompts have a label by people") or lost
    low = strict.interval.low
    return Shown(
        judge=PEOPLE,
        objective=name,
        unit="net preference",
        margin=margin,
        before=None,
        after=None,
        gain=gain,
        low_superiority=low,
        held=reason is None and gain.low is not None and gain.low > -margin,
        rose=reason is None and low is not None and low > 0,
        reason=reason,
    )


def _trust(sample: _Sample, found: PoweredMean, seed: int) -> str:
    """How far to trust the labels of one objective, in words.

    Args:
        sample: The labels.
        found: The net preference.
        seed: Makes the resamples of the agreement.
    """
    drawn = len(sample.prompts)
    skipped = drawn - found.interval.n
    parts = [_agreement(sample, seed)]
    if skipped:
        parts.append(f"{skipped} of {drawn} drawn prompts have no label")
    if skipped > MOST_MISSING * drawn:
        parts.append("the rest may not stand for the whole")
    ratio = found.width_ratio
    if ratio is not None and found.weight > 0:
        parts.append(
            f"with the scores the interval is {ratio:.2f} times as wide as by the labels alone "
            f"(λ {found.weight:.2f})"
        )
    return "; ".join(parts)


def _agreement(sample: _Sample, seed: int) -> str:
    if sample.ratings.shape[1] < 2:
        return "one labeller, so that nothing is known of agreement"
    # Answers that are alike were not shown to anybody.
    alpha = krippendorff_alpha(sample.ratings[sample.alike == 0], seed=seed)
    if alpha.value is None:
        return f"Krippendorff's α is not defined ({alpha.n} prompts labelled by two or more)"
    ends = "" if alpha.low is None else f" [{alpha.low:.2f}, {alpha.high:.2f}]"
    return f"Krippendorff's α {alpha.value:.2f}{ends} over {alpha.n} prompts"


def _description(samples: Mapping[str, _Sample], evidence: Evidence) -> str:
    """Who labelled, in words."""
    people = max(sample.ratings.shape[1] for sample in samples.values())
    labelled = max(int(np.isfinite(_means(sample)).sum()) for sample in samples.values())
    total = len(set(evidence.answers.column("prompt_id").to_pylist()))
    plural = "labeller" if people == 1 else "labellers"
    said = f"people ({people} {plural}, {labelled} of {total} prompts)"
    if not evidence.judges:
        return said
    examiners = sum(judge.role == "examiner" for judge in evidence.judges)
    whose = {0: "the teacher's", 1: "the examiner's"}.get(examiners, "the examiners'")
    return f"{said}, with {whose} scores"
