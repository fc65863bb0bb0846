"""Exemplars held out in turn, so that a fitted judge never scores one that it has seen."""

from collections import Counter
from collections.abc import Sequence

from primum.audit.measures.labels import Labelled
from primum.constitution import LEAST_EXEMPLARS, Constitution, Objective
from primum.judging.probe.readout import FOLDS


def assign_folds(labels: Sequence[Labelled]) -> list[int]:
    """The fold of every exemplar; −1 where its objective has too few contrasts to hold any out.

    Exemplars of one topic share a fold, whatever their shape, and so do those of one prompt. The
    folds of an objective are about equally large: the largest clusters are dealt out first, each
    to the smallest fold.

    Args:
        labels: What `exemplar_labels` returns, or those of some objectives.
    """
    folds = [-1] * len(labels)
    for objective in {label.objective for label in labels}:
        places = [at for at, label in enumerate(labels) if label.objective == objective]
        sizes = Counter(labels[at].cluster for at in places)
        filled, fold_of = [0] * FOLDS, dict[str, int]()
        for cluster, size in sizes.most_common():
            fold_of[cluster] = filled.index(min(filled))
            filled[fold_of[cluster]] += size
        contrasts = [fold_of[labels[at].cluster] for at in places if _is_contrast(labels[at])]
        most = max(Counter(contrasts).values(), default=0)
        if len(contrasts) - most >= LEAST_EXEMPLARS:
            for at in places:
                folds[at] = fold_of[labels[at].cluster]
    return folds


def constitution_without(
    constitution: Constitution,
    objectives: Sequence[int],
    folds: Sequence[int],
    fold: int,
) -> Constitution:
    """Some objectives of a constitution, without the exemplars of one fold.

    Args:
        constitution: The whole one.
        objectives: Places of those that are kept, in order.
        folds: Of all their exemplars, in the constitution's order.
        fold: Which one is left out.
    """
    kept = iter(of_exemplar != fold for of_exemplar in folds)
    return Constitution.model_construct(
        name=constitution.name,
        description=constitution.description,
        language=constitution.language,
        scale=constitution.scale,
        objectives=tuple(
            _without(objective, [next(kept) for _ in objective.exemplars])
            for objective in (constitution.objectives[at] for at in objectives)
        ),
    )


def _without(objective: Objective, kept: Sequence[bool]) -> Objective:
    # Built anew, since a copy would keep the contrasts that were picked out before.
    content = {name: getattr(objective, name) for name in type(objective).model_fields}
    exemplars = zip(objective.exemplars, kept, strict=True)
    content["exemplars"] = tuple(one for one, is_kept in exemplars if is_kept)
    return Objective.model_construct(**content)


def _is_contrast(label: Labelled) -> bool:
    return label.shape == "contrast"
