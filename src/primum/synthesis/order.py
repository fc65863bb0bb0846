"""The lexicographic order on scores: thresholds and bins, never pairwise tolerances."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """How scores on N objectives are compared (METHOD section 1 and step 6).

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
        return tuple(
            g // width if width > 0 else g
            for g, width in zip(self.graded(scores), self.widths, strict=True)
        )
