"""The lexicographic order on scores: thresholds and bins, never pairwise tolerances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf, isinf

from primum.constitution import Constitution
from primum.recipe.preferences import Pairing, WithinPromptSD
from primum.synthesis.scored import ScoredPrompt, within_prompt_sd


@dataclass(frozen=True)
class Order:
    """How scores on N objectives are compared (docs/method.md, step 6).

    Scores are cut at the threshold, then binned; the bins are compared in order of priority. A
    tolerance |Δ| < ε between two scores would not be transitive; bins are. Where there is a
    threshold, the highest bin ends at it: what lies less than a bin below counts as meeting it.

    Args:
        thresholds: Per objective, where more stops counting; infinity for never.
        widths: Per objective, the width of a bin in points of the scale; 0 compares exactly.
    """

    thresholds: tuple[float, ...]
    widths: tuple[float, ...]

    def graded(self, scores: Sequence[float]) -> tuple[float, ...]:
        """G: the scores, cut at the thresholds."""
        return tuple(min(s, t) for s, t in zip(scores, self.thresholds, strict=True))

    def key(self, scores: Sequence[float]) -> tuple[float, ...]:
        """A tuple that Python compares as the order does."""
        return tuple(  # eq. (6)
            _bin(g, threshold, width)
            for g, threshold, width in zip(
                self.graded(scores), self.thresholds, self.widths, strict=True
            )
        )


def _bin(score: float, threshold: float, width: float) -> float:
    if not width:
        return score
    return score // width if isinf(threshold) else ceil((score - threshold) / width)


def stated_thresholds(constitution: Constitution, pairing: Pairing) -> dict[str, float | None]:
    """From which score on an answer meets each objective; None for never.

    Args:
        constitution: The objectives with their own thresholds.
        pairing: Its `thresholds` go before those.

    Returns:
        An entry per objective, in order of priority.
    """
    return {
        one.name: pairing.thresholds.get(one.name, one.threshold) for one in constitution.objectives
    }


def order_of(constitution: Constitution, pairing: Pairing, scored: Iterable[ScoredPrompt]) -> Order:
    """The order of a round: thresholds and bin widths in points of the scale.

    The last objective's own threshold only places its scale: nothing comes after it that could
    decide, so more of it always counts, unless the recipe names a threshold for it. With
    `use_thresholds` off that holds of every objective.

    Args:
        constitution: The objectives with their own thresholds.
        pairing: Its `thresholds`, `use_thresholds` and `bin`; nothing else is read.
        scored: The round's scores, which a bin in standard deviations is measured on; otherwise
            they are not read.
    """
    objectives = constitution.objectives
    thresholds = stated_thresholds(constitution, pairing)
    for one in objectives[-1:] if pairing.use_thresholds else objectives:
        if one.name not in pairing.thresholds:
            thresholds[one.name] = None
    if isinstance(pairing.bin, WithinPromptSD):
        deviations = within_prompt_sd(scored) or (0.0,) * len(objectives)
        widths = tuple(pairing.bin.within_prompt_sd * deviation for deviation in deviations)
    else:
        widths = (pairing.bin,) * len(objectives)
    return Order(tuple(inf if t is None else t for t in thresholds.values()), widths)
