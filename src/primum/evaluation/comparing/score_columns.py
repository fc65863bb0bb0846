"""Scores as columns, a value per prompt."""

from dataclasses import dataclass

import pyarrow as pa

Column = list[float | None]
"""A score per prompt, None where it is missing."""


@dataclass(frozen=True)
class ScoreColumns:
    """The scores of an evaluation by answerer, judge and objective.

    Attributes:
        prompts: Their ids, in order.
        kinds: The category of every prompt; None where it has none.
        values: By answerer, judge and objective, then by prompt.
    """

    prompts: tuple[str, ...]
    kinds: tuple[str | None, ...]
    values: dict[tuple[str, str, str], dict[str, float | None]]

    @classmethod
    def of(cls, answers: pa.Table, judgements: pa.Table) -> "ScoreColumns":
        """Sorts scores.

        Args:
            answers: See `store.schemas.ANSWERS`.
            judgements: See `store.schemas.JUDGEMENTS`.
        """
        rows = answers.select(["prompt_id", "category"]).to_pylist()
        kinds = {row["prompt_id"]: row["category"] for row in reversed(rows)}
        prompts = tuple(dict.fromkeys(row["prompt_id"] for row in rows))
        values: dict[tuple[str, str, str], dict[str, float | None]] = {}
        for row in judgements.to_pylist():
            key = row["answerer"], row["judge"], row["objective"]
            values.setdefault(key, {})[row["prompt_id"]] = row["value"]
        return cls(prompts, tuple(kinds[prompt] for prompt in prompts), values)

    @property
    def categories(self) -> tuple[str, ...]:
        """The prompts' categories in alphabetical order; none where there is only one."""
        found = sorted({kind for kind in self.kinds if kind is not None})
        return tuple(found) if len(found) > 1 or (found and None in self.kinds) else ()

    def get(self, answerer: str, judge: str, objective: str, kind: str | None = None) -> Column:
        """Scores in the order of the prompts.

        Args:
            answerer: Whose answers.
            judge: Who judged.
            objective: On which objective.
            kind: The prompts' category; None for all.
        """
        found = self.values.get((answerer, judge, objective), {})
        return [
            found.get(prompt)
            for prompt, of_prompt in zip(self.prompts, self.kinds, strict=True)
            if kind is None or of_prompt == kind
        ]
