"""Everything that is measured on one objective."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from primum.audit.across.levels import CategoryLevel
from primum.audit.across.prompts import AcrossPrompts
from primum.audit.measures.attack import AttackGain
from primum.audit.measures.length import LengthPreference, length_preference
from primum.audit.measures.pairs import EXEMPLARS, LABELLED, LabelledPair
from primum.audit.measures.spread import Retest, Saturation
from primum.audit.trust import Findings, Trust, weigh
from primum.constitution import Constitution
from primum.statistics.arrays import Floats
from primum.statistics.judges.agreement import Agreement, agreement
from primum.statistics.judges.trusted_gap import LEAST_PROMPTS, trusted_gap

JUDGE, RANDOM, LENGTH = "this judge", "random", "length alone"
JUDGES = (JUDGE, RANDOM, LENGTH)


@dataclass(frozen=True)
class ScoredPairs:
    """Pairs on one objective, with the scores of the judge and of the two controls.

    Attributes:
        source: `exemplars` or `labelled pairs`.
        out_of_fold: Whether the judge was fitted without the pair that it scores.
        pairs: The pairs.
        scores: By judge, each of shape [pairs, 2]; NaN for missing.
    """

    source: str
    out_of_fold: bool
    pairs: tuple[LabelledPair, ...]
    scores: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One judge on one kind of pairs.

    Attributes:
        source: `exemplars` or `labelled pairs`.
        out_of_fold: Whether the judge was fitted without the pairs that it scored.
        judge: The judge that is audited, or one of the two controls.
        agreement: What its scores have to do with the labels.
        length: What length has to do with its scores.
    """

    source: str
    out_of_fold: bool
    judge: str
    agreement: Agreement
    length: LengthPreference


@dataclass(frozen=True, slots=True)
class ObjectiveAudit:
    """What was found on one objective.

    Attributes:
        objective: Its name.
        trust: How far the judge can be trusted on it.
        rows: Agreement with exemplars and labelled pairs, of this judge and the two controls.
        saturation: How the scale is used.
        retest: Two judgements compared; None where there was nothing to judge.
        attack: What attacks gain; None where there was nothing to attack.
        across: What scores say across prompts: on exemplars first, then on the user's labels.
        levels: Scores of the model's own candidates by kind of prompt; empty without prompts.
    """

    objective: str
    trust: Trust
    rows: tuple[AgreementRow, ...]
    saturation: Saturation
    retest: Retest | None
    attack: AttackGain | None
    across: tuple[AcrossPrompts, ...]
    levels: tuple[CategoryLevel, ...]


def audit_objective(
    objective: int,
    constitution: Constitution,
    scored: Sequence[ScoredPairs],
    saturation: Saturation,
    retest: Retest | None,
    attack: AttackGain | None,
    across: Sequence[AcrossPrompts],
    levels: Sequence[CategoryLevel],
    *,
    cuts: bool,
    seed: int,
) -> ObjectiveAudit:
    """Works out all figures of one objective.

    Trust rests on the labelled pairs where they come from twenty prompts or more, since
    nobody fitted or wrote anything on them; otherwise on the exemplars.

    Args:
        objective: Its place in the constitution.
        constitution: The constitution.
        scored: Pairs on it: the exemplars first, then the labelled pairs, if any.
        saturation: How the scale is used on it.
        retest: What two judgements say.
        attack: What attacks gain.
        across: What scores say across prompts.
        levels: Scores of the model's own candidates.
        cuts: Whether a threshold cuts its scores.
        seed: Makes the bootstrap resamples.
    """
    names = [one.name for one in constitution.objectives]
    parts = [part for part in scored if part.pairs]
    rows = [_row(part, judge, seed) for part in parts for judge in JUDGES]
    basis = next(
        (part for part in parts if part.source == LABELLED and _prompts(part) >= LEAST_PROMPTS),
        parts[0] if parts else ScoredPairs(EXEMPLARS, False, (), _nothing()),
    )
    own = _row(basis, JUDGE, seed)
    clusters = [pair.cluster for pair in basis.pairs]
    trust = weigh(
        Findings(
            objective=names[objective],
            later=names[objective + 1] if objective + 1 < len(names) else None,
            basis=basis.source,
            agreement=own.agreement,
            length=own.length,
            gap=trusted_gap(basis.scores[JUDGE], clusters, seed=seed),
            length_alone=_row(basis, LENGTH, seed).agreement.accuracy,
            saturation=saturation,
            retest=retest,
            attack=attack,
            across=tuple(across),
            cuts=cuts,
            scale=constitution.scale,
        )
    )
    return ObjectiveAudit(
        objective=names[objective],
        trust=trust,
        rows=tuple(rows),
        saturation=saturation,
        retest=retest,
        attack=attack,
        across=tuple(across),
        levels=tuple(levels),
    )


def _row(part: ScoredPairs, judge: str, seed: int) -> AgreementRow:
    clusters = [pair.cluster for pair in part.pairs]
    scores = part.scores[judge]
    return AgreementRow(
        source=part.source,
        out_of_fold=part.out_of_fold and judge == JUDGE,
        judge=judge,
        agreement=agreement(scores, clusters, seed=seed),
        length=length_preference(scores, part.pairs, seed=seed),
    )


def _prompts(part: ScoredPairs) -> int:
    return len({pair.cluster for pair in part.pairs})


def _nothing() -> dict[str, Floats]:
    return {judge: np.empty((0, 2)) for judge in JUDGES}
