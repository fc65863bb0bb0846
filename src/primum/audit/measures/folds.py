"""Exemplars held out in turn, so that a fitted judge never scores one that it has seen."""

from collections import Counter
from collections.abc import Sequence

from primum.audit.measures.labels import Labelled
from primum.constitution import LEAST_EXEMPLARS, Constitution, Objective
from primum.judging.calibration import LEAST_MARKS, LEAST_PROMPTS
from primum.judging.probe.labels import FOLDS


def assign_folds(constitution: Constitution, labels: Sequence[Labelled]) -> list[int]:
    """The fold of every exemplar; −1 where its objective has too few of them to hold any out.

    Exemplars of one topic share a fold, whatever their shape, and so do those of one prompt. The
    folds of an objective are about equally large: the largest clusters are dealt out first, each
    to the smallest fold.

    Args:
        constitution: Has the exemplars.
        labels: What `exemplar_labels` returns for it, or those of some objectives.
    """
    folds = [-1] * len(labels)
    for place in {label.objective for label in labels}:
        places = [at for at, label in enumerate(labels) if label.objective == place]
        sizes = Counter(labels[at].cluster for at in places)
        filled, fold_of = [0] * FOLDS, dict[str, int]()
        for cluster, size in sizes.most_common():
            fold_of[cluster] = filled.index(min(filled))
            filled[fold_of[cluster]] += size
        dealt = [fold_of[labels[at].cluster] for at in places]
        part = [labels[at] for at in places]
        if _leaves_enough(constitution.objectives[place], part, dealt):
            for at, fold in zip(places, dealt, strict=True):
                folds[at] = fold
    return folds


def _leaves_enough(objective: Objective, labels: Sequence[Labelled], folds: Sequence[int]) -> bool:
    """Whether a judge can be fitted without any one of the folds."""
    least = {"contrast": LEAST_EXEMPLARS}
    if objective.threshold is not None:
        # Without these no fit can tell where the threshold lies.
        least |= {"met": LEAST_MARKS, "failed": LEAST_MARKS}
    contrasts = [(one, fold) for one, fold in zip(labels, folds, strict=True) if _is_contrast(one)]
    prompts = [{one.prompt for one, of_one in contrasts if of_one != fold} for fold in set(folds)]
    if min(map(len, prompts)) < LEAST_PROMPTS:
        return False
    kinds: dict[str, list[int]] = {
        "contrast": [fold for _, fold in contrasts],
        "met": _folds_of_marks(labels, folds, meets=True),
        "failed": _folds_of_marks(labels, folds, meets=False),
    }
    return all(
        len(kinds[kind]) - max(Counter(kinds[kind]).values(), default=0) >= count
        for kind, count in least.items()
    )


def _folds_of_marks(labels: Sequence[Labelled], folds: Sequence[int], *, meets: bool) -> list[int]:
    """Of answers marked by themselves: marks on the sides of pairs do not place a threshold."""
    return [
        fold
        for label, fold in zip(labels, folds, strict=True)
        if label.shape == "marked answer" and label.marks == (meets,)
    ]


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
