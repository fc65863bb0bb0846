"""What each objective decided on every category of prompts, and how often it was met there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from primum.synthesis.responses import Synthesis

CANDIDATE_COLUMNS = ("response_id", "prompt_id", "kind")
DECIDED_COLUMNS = ("prompt_id", "decided_by")
"""The columns of `responses` and `pairs` that `pairs_by_category` reads."""


@dataclass(frozen=True, slots=True)
class ObjectivePairs:
    """One objective on the prompts of one category.

    Attributes:
        objective: Its name.
        threshold: The score from which on an answer meets it; None for never.
        decided: Pairs of which it is the first objective that tells the sides apart.
        candidates: Candidates with a score on it. They are the policy's own answers.
        met: Those of them that score the threshold or more; None without a threshold.
    """

    objective: str
    threshold: float | None
    decided: int
    candidates: int
    met: int | None

    @property
    def share_met(self) -> float | None:
        """Of the candidates; None without a threshold, or without candidates."""
        return None if self.met is None or not self.candidates else self.met / self.candidates


@dataclass(frozen=True, slots=True)
class CategoryPairs:
    """The pairs on the prompts of one category.

    Attributes:
        category: What the file of prompts calls it; None for prompts without one.
        prompts: Training prompts.
        pairs: Pairs of answers to them.
        objectives: An entry per objective, in order of priority.
    """

    category: str | None
    prompts: int
    pairs: int
    objectives: tuple[ObjectivePairs, ...]


def pairs_by_category(
    categories: Mapping[str, str | None],
    syntheses: Iterable[Synthesis],
    pairs: Iterable[pa.Table],
    thresholds: Mapping[str, float | None],
) -> tuple[CategoryPairs, ...]:
    """Counts, for every category, what each objective decided and how often it was met.

    Args:
        categories: The category of every training prompt, by prompt id.
        syntheses: The scored responses, some prompts at a time.
        pairs: The `pairs` table, some prompts at a time.
        thresholds: Of every objective, in order of priority; see `order.stated_thresholds`.

    Returns:
        An entry per category, the one with the most prompts first.
    """
    decided: Counter[tuple[str | None, str]] = Counter()
    for part in pairs:
        columns = (part.column(name).to_pylist() for name in DECIDED_COLUMNS)
        decided.update((categories[prompt], by) for prompt, by in zip(*columns, strict=True))
    candidates: Counter[tuple[str | None, str]] = Counter()
    met: Counter[tuple[str | None, str]] = Counter()
    for synthesis in syntheses:
        for category, objective, value in _candidate_scores(synthesis, categories):
            threshold = thresholds[objective]
            candidates[category, objective] += 1
            met[category, objective] += threshold is not None and value >= threshold
    return tuple(
        CategoryPairs(
            category=category,
            prompts=prompts,
            pairs=sum(decided[category, name] for name in thresholds),
            objectives=tuple(
                ObjectivePairs(
                    objective=name,
                    threshold=threshold,
                    decided=decided[category, name],
                    candidates=candidates[category, name],
                    met=None if threshold is None else met[category, name],
                )
                for name, threshold in thresholds.items()
            ),
        )
        for category, prompts in Counter(categories.values()).most_common()
    )


def together(rows: Iterable[CategoryPairs], category: str | None = None) -> CategoryPairs:
    """Several categories as one.

    Args:
        rows: At least one.
        category: What to call it.
    """
    found = tuple(rows)
    return CategoryPairs(
        category=category,
        prompts=sum(row.prompts for row in found),
        pairs=sum(row.pairs for row in found),
        objectives=tuple(
            ObjectivePairs(
                objective=same[0].objective,
                threshold=same[0].threshold,
                decided=sum(one.decided for one in same),
                candidates=sum(one.candidates for one in same),
                met=None if same[0].met is None else sum(one.met or 0 for one in same),
            )
            for same in zip(*(row.objectives for row in found), strict=True)
        ),
    )


def _candidate_scores(
    synthesis: Synthesis, categories: Mapping[str, str | None]
) -> Iterable[tuple[str | None, str, float]]:
    """Category, objective and value of every score that a candidate has."""
    table = (synthesis.responses.column(name).to_pylist() for name in CANDIDATE_COLUMNS)
    drawn = {
        response: categories[prompt]
        for response, prompt, kind in zip(*table, strict=True)
        if kind == "candidate"
    }
    scores = (
        synthesis.scores.column(name).to_pylist() for name in ("response_id", "objective", "value")
    )
    for response, objective, value in zip(*scores, strict=True):
        if value is not None and response in drawn:
            yield drawn[response], objective, value
