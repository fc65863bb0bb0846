"""Two judges that nobody should trust: what any other judge has to beat."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from primum.constitution import Constitution
from primum.judging.base import EMPTY_RESPONSE, Item, Score
from primum.seeds import derive_seed

_HALFWAY = 300
"""Characters that the judge of length places in the middle of the scale. A choice: any number ranks
answers alike."""


@dataclass(frozen=True)
class RandomJudge:
    """Knows nothing: a score drawn from the text and a seed, uniform on the scale.

    Args:
        constitution: The objectives and the scale.
        seed: Another seed, other scores.
    """

    constitution: Constitution
    seed: int = 0

    @property
    def fingerprint(self) -> str:
        """The seed and the constitution."""
        return f"random:{self.seed}:{self.constitution.fingerprint[:16]}"

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`."""
        low, high = self.constitution.scale
        names = [objective.name for objective in self.constitution.objectives]
        for index, item in enumerate(items):
            if not item.response.strip():
                yield index, tuple(Score(None, missing=EMPTY_RESPONSE) for _ in names)
                continue
            text = hashlib.sha256(repr(item).encode("utf-8", "surrogatepass")).hexdigest()
            shares = (derive_seed(self.seed, name, text) / 2**63 for name in names)
            yield index, tuple(Score(low + (high - low) * share) for share in shares)


@dataclass(frozen=True)
class LengthJudge:
    """Judges by length alone: the longer, the better, on every objective.

    Args:
        constitution: The objectives and the scale.
    """

    constitution: Constitution

    @property
    def fingerprint(self) -> str:
        """The constitution's, since there is nothing else."""
        return f"length:{self.constitution.fingerprint[:16]}"

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`."""
        low, high = self.constitution.scale
        objectives = range(len(self.constitution.objectives))
        for index, item in enumerate(items):
            length = len(item.response)
            if not item.response.strip():
                yield index, tuple(Score(None, missing=EMPTY_RESPONSE) for _ in objectives)
                continue
            value = low + (high - low) * length / (length + _HALFWAY)
            yield index, tuple(Score(value) for _ in objectives)
