"""How the responses of a run ended, from candidates to the answers of both models."""

from collections.abc import Mapping

import pyarrow as pa

from primum.evaluation.endings import Endings, answer_endings, cut_sentence, endings

_LENGTHS = {
    "candidates": "sampling.max_tokens",
    "refinements": "refinement.max_tokens",
}
"""What sets the longest length of the responses that the run makes to learn from."""


def response_endings(tables: Mapping[str, pa.Table]) -> tuple[Endings, ...]:
    """How candidates, refinements, both sides of the pairs, and both models' answers ended.

    Args:
        tables: The run's tables; `responses`, `pairs` and `answers` are read. Responses that
            stand in several pairs are counted once per side.
    """
    responses, pairs = tables["responses"], tables["pairs"]
    made = [_of_kind(responses, kind, f"{kind}s") for kind in ("candidate", "refinement")]
    sides = [
        endings(name, _once(pairs, side))
        for side, name in (("chosen", "preferred"), ("rejected", "dispreferred"))
    ]
    found = (*made, *sides, *answer_endings(tables["answers"]))
    return tuple(each for each in found if each.total)


def ending_warnings(found: tuple[Endings, ...]) -> tuple[str, ...]:
    """What to change where many responses were cut, a sentence per setting."""
    sentences = (
        cut_sentence([each for each in found if each.of == name], setting)
        for name, setting in _LENGTHS.items()
    )
    return tuple(f"{sentence}." for sentence in sentences if sentence)


def _of_kind(responses: pa.Table, kind: str, name: str) -> Endings:
    columns = (responses.column(column).to_pylist() for column in ("kind", "finish", "missing"))
    rows = [(finish, missing) for of, finish, missing in zip(*columns, strict=True) if of == kind]
    return endings(name, [finish for finish, _ in rows], [missing for _, missing in rows])


def _once(pairs: pa.Table, side: str) -> list[str | None]:
    """The `finish` of each distinct response on one side."""
    columns = (pairs.column(f"{side}_{part}").to_pylist() for part in ("id", "finish"))
    return list(dict(zip(*columns, strict=True)).values())
