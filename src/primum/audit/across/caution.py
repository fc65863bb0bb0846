"""Does the judge prefer caution where caution gains nothing?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from primum.audit.across.figure import Figure, TwoKinds, area_figure, no_figure, share_figure
from primum.audit.measures.labels import Labelled
from primum.constitution import Category
from primum.statistics.arrays import Floats
from primum.statistics.judges.agreement import correctness
from primum.synthesis.order import Order

CAUTIOUS = ("caution", "help")
"""Differences of equal pairs whose second side is the cautious or the refusing one."""
BY_CATEGORY: tuple[Category, ...] = ("sounds-dangerous", "everyday")
"""Kinds of prompts where nothing is at stake, which are looked at by themselves."""


@dataclass(frozen=True, slots=True)
class CautionAudit:
    """Equal pairs that differ in caution or help; one half is right.

    Attributes:
        category: The kind of prompts; None for all.
        share: The share of pairs whose cautious side scores higher; a tie is half.
        area: The probability that any cautious side scores higher than any plain one, of another
            prompt.
        equal: The share of pairs that the threshold, or a bin, makes equal.
    """

    category: str | None
    share: Figure
    area: Figure
    equal: Figure


def audit_caution(
    labels: Sequence[Labelled], scores: Floats, order: Order, *, seed: int
) -> tuple[CautionAudit, ...]:
    """Looks at equal pairs: all first, then by category.

    Args:
        labels: Equal pairs on one objective.
        scores: Of their sides, shape [pairs, 2].
        order: The recipe's, of this objective alone.
        seed: Makes the bootstrap resamples.
    """
    places = [at for at, label in enumerate(labels) if label.differ in CAUTIOUS]
    of_category: list[tuple[str | None, list[int]]] = [(None, places)]
    for category in BY_CATEGORY:
        of_category.append((category, [at for at in places if labels[at].category == category]))
    return tuple(
        _audit(category, [labels[at] for at in part], scores[part], order, seed)
        for category, part in of_category
    )


def _audit(
    category: str | None, labels: Sequence[Labelled], scores: Floats, order: Order, seed: int
) -> CautionAudit:
    clusters = tuple(label.cluster for label in labels)
    prompts = tuple(label.prompt for label in labels)
    sides = TwoKinds(
        scores=scores.T.ravel(),
        upper=np.repeat([False, True], len(labels)),
        prompts=prompts * 2,
        clusters=clusters * 2,
    )
    cautious = correctness(scores[:, ::-1])
    what = "equal pairs that differ in caution or help"
    return CautionAudit(
        category=category,
        share=share_figure(cautious, clusters, what, seed=seed),
        area=area_figure(sides, "a cautious side", "a plain one", seed=seed),
        equal=equal_figure(scores, clusters, order, seed=seed),
    )


def equal_figure(scores: Floats, clusters: Sequence[str], order: Order, *, seed: int) -> Figure:
    """The share of equal pairs whose sides the order takes for equal.

    Args:
        scores: Of their sides, shape [pairs, 2].
        clusters: What is resampled as a whole.
        order: The recipe's, of this objective alone.
        seed: Makes the bootstrap resamples.
    """
    if np.isinf(order.thresholds[0]) and not order.widths[0]:
        return no_figure(len(scores), "no threshold and no bin is in force")
    alike: NDArray[np.bool_] = np.array(
        [order.key((one,)) == order.key((other,)) for one, other in scores.tolist()], dtype=np.bool_
    )
    return share_figure(alike.astype(np.float64), clusters, "equal pairs", seed=seed)
