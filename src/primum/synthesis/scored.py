"""The scores of one prompt's responses, as the filters and the order read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from primum.synthesis.responses import Synthesis

RESPONSE_COLUMNS = ("response_id", "prompt_id", "kind", "finish")
SCORE_COLUMNS = ("response_id", "objective", "value")
"""The columns of both tables that `score_vectors` reads."""

ScoreVector = tuple[float, ...]
"""One score per objective, in order of priority, in points of the scale."""


@dataclass(frozen=True, slots=True)
class ScoredPrompt:
    """One prompt's scores; responses with a missing score are not among them.

    Attributes:
        prompt_id: The prompt x.
        candidates: Scores of y_1 … y_n by response id.
        refinements: Scores of the refinements drawn, by response id.
        lost_refinements: Refinements drawn but not scored.
        cut: Ids of refinements that were cut at the longest length allowed.
    """

    prompt_id: str
    candidates: Mapping[str, ScoreVector]
    refinements: Mapping[str, ScoreVector]
    lost_refinements: int
    cut: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ScoredPrompts(Iterable[ScoredPrompt]):
    """The prompts of a round with their scores, one by one, as often as they are iterated over.

    Attributes:
        syntheses: The scored responses, some prompts at a time; no iterator.
        objectives: Names of the objectives, the first one first.
    """

    syntheses: Iterable[Synthesis]
    objectives: Sequence[str]

    def __iter__(self) -> Iterator[ScoredPrompt]:
        for synthesis in self.syntheses:
            yield from score_vectors(synthesis, synthesis.prompt_ids, self.objectives)


def score_vectors(
    synthesis: Synthesis, prompt_ids: Sequence[str], objectives: Sequence[str]
) -> list[ScoredPrompt]:
    """Joins responses and scores by prompt.

    Args:
        synthesis: The tables `responses` and `scores`.
        prompt_ids: Which prompts, in the order wanted.
        objectives: Names of the objectives, the first one first.

    Returns:
        One entry per prompt. A response with a missing score on any objective is left out.
    """
    vectors = _complete_vectors(synthesis, objectives)
    drawn: dict[str, list[str]] = {prompt_id: [] for prompt_id in prompt_ids}
    refined: dict[str, list[str]] = {prompt_id: [] for prompt_id in prompt_ids}
    cut: set[str] = set()
    table = (synthesis.responses.column(name).to_pylist() for name in RESPONSE_COLUMNS)
    for name, prompt_id, kind, finish in zip(*table, strict=True):
        if prompt_id in drawn:
            (drawn if kind == "candidate" else refined)[prompt_id].append(name)
            if finish == "length":
                cut.add(name)
    return [
        ScoredPrompt(
            prompt_id,
            {name: vectors[name] for name in drawn[prompt_id] if name in vectors},
            {name: vectors[name] for name in refined[prompt_id] if name in vectors},
            sum(name not in vectors for name in refined[prompt_id]),
            frozenset(cut.intersection(refined[prompt_id])),
        )
        for prompt_id in drawn
    ]


def within_prompt_sd(scored: Iterable[ScoredPrompt]) -> tuple[float, ...]:
    """Pooled standard deviation of candidate scores around their prompt's mean, per objective.

    Returns:
        One value per objective, in points of the scale; empty where no prompt has two candidates.
    """
    squares, freedom = np.float64(0), 0
    for prompt in scored:
        if len(prompt.candidates) >= 2:
            values = np.asarray(list(prompt.candidates.values()), dtype=np.float64)
            squares = squares + ((values - values.mean(axis=0)) ** 2).sum(axis=0)
            freedom += len(values) - 1
    if not freedom:
        return ()
    return tuple(float(v) for v in np.sqrt(squares / freedom))


def _complete_vectors(synthesis: Synthesis, objectives: Sequence[str]) -> dict[str, ScoreVector]:
    values: dict[str, dict[str, float]] = {}
    table = (synthesis.scores.column(name).to_pylist() for name in SCORE_COLUMNS)
    for name, objective, value in zip(*table, strict=True):
        if value is not None:
            values.setdefault(name, {})[objective] = value
    return {
        response_id: tuple(of_response[name] for name in objectives)
        for response_id, of_response in values.items()
        if len(of_response) == len(objectives)
    }
