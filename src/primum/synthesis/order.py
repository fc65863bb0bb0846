"""The lexicographic order on scores: thresholds and bins, never pairwise tolerances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from primum.constitution import Constitution
from primum.recipe.schema import Pairing, WithinPromptSD
from primum.synthesis.scored import ScoredPrompt, within_prompt_sd


@dataclass(frozen=True)
class Order:
    """How scores on N objectives are compared (docs/method.md, step 6).

    Scores are cut at the threshold, then binned; the bins are compared in order of priority. A
    tolerance |Δ| < ε between two scores would not be transitive; bins are.

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
            g // width if width > 0 else g
            for g, width in zip(self.graded(scores), self.widths, strict=True)
        )


def order_of(constitution: Constitution, pairing: Pairing, scored: Iterable[ScoredPrompt]) -> Order:
    """The order of a round: thresholds and bin widths in points of the scale.

    Args:
        constitution: The objectives with their own thresholds.
        pairing: Its `thresholds` and `bin`; nothing else is read.
        scored: The round's scores, which a bin in standard deviations is measured on; otherwise
            they are not read.
    """
    objectives = constitution.objectives
    thresholds = [pairing.thresholds.get(one.name, one.threshold) for one in objectives]
    if isinstance(pairing.bin, WithinPromptSD):
        deviations = within_prompt_sd(scored) or (0.0,) * len(objectives)
        widths = tuple(pairing.bin.within_prompt_sd * deviation for deviation in deviations)
    else:
        widths = (pairing.bin,) * len(objectives)
    return Order(tuple(inf if t is None else t for t in thresholds), widths)
