"""The scores of one prompt's responses, as the filters and the order read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from primum.synthesis.responses import Synthesis

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
    """

    prompt_id: str
    candidates: Mapping[str, ScoreVector]
    refinements: Mapping[str, ScoreVector]
    lost_refinements: int


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
    drawn: dict[str, dict[str, list[str]]] = {
        prompt_id: {"candidate": [], "refinement": []} for prompt_id in prompt_ids
    }
    columns = synthesis.responses.select(["response_id", "prompt_id", "kind"])
    for row in columns.to_pylist():
        if row["prompt_id"] in drawn:
            drawn[row["prompt_id"]][row["kind"]].append(row["response_id"])
    return [
        ScoredPrompt(
            prompt_id,
            {name: vectors[name] for name in of_prompt["candidate"] if name in vectors},
            {name: vectors[name] for name in of_prompt["refinement"] if name in vectors},
            sum(name not in vectors for name in of_prompt["refinement"]),
        )
        for prompt_id, of_prompt in drawn.items()
    ]


def within_prompt_sd(scored: Sequence[ScoredPrompt]) -> tuple[float, ...]:
    """Pooled standard deviation of candidate scores around their prompt's mean, per objective.

    Returns:
        One value per objective, in points of the scale; empty where no prompt has two candidates.
    """
    deviations, freedom = [], 0
    for prompt in scored:
        if len(prompt.candidates) >= 2:
            values = np.asarray(list(prompt.candidates.values()), dtype=np.float64)
            deviations.append(((values - values.mean(axis=0)) ** 2).sum(axis=0))
            freedom += len(values) - 1
    if not deviations:
        return ()
    return tuple(float(v) for v in np.sqrt(np.sum(deviations, axis=0) / freedom))


def _complete_vectors(synthesis: Synthesis, objectives: Sequence[str]) -> dict[str, ScoreVector]:
    values: dict[str, dict[str, float]] = {}
    for row in synthesis.scores.to_pylist():
        if row["value"] is not None:
            values.setdefault(row["response_id"], {})[row["objective"]] = row["value"]
    return {
        response_id: tuple(of_response[name] for name in objectives)
        for response_id, of_response in values.items()
        if len(of_response) == len(objectives)
    }
