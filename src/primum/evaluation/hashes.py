"""Hashes of what a gate's verdict rests on, as `evaluation.json` holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from platform import python_version
from typing import Any

import pyarrow as pa

from primum.evaluation.answerers import after
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation, Gate
from primum.store.content import canonical, hash_lines, hash_plain, hash_table
from primum.store.manifest import installed_version

PROMPTS = "prompts"
CONSTITUTION = "constitution"
SETTINGS = "settings"
MODEL_BEFORE = "model before"
MADE_BY = "method"
"""Where nothing was trained: of what makes the answers after other than those before."""

_PACKAGES = ("primum", "numpy", "scipy")
"""What computes the gate's figures."""


def model_after(seed: int) -> str:
    """What the hash of a trained model is called, such as `model after-2` of the second seed."""
    return f"model {after(seed)}"


def table_hashes(
    answers: pa.Table,
    judgements: pa.Table,
    guard_values: pa.Table,
    judges: Sequence[JudgeFacts],
    labels: pa.Table | None = None,
) -> dict[str, str]:
    """Hashes of prompts, answers, judgements, guard values, judges and labels, by these names.

    Args:
        answers: See `store.schemas.ANSWERS`.
        judgements: See `store.schemas.JUDGEMENTS`.
        guard_values: See `store.schemas.GUARD_VALUES`.
        judges: Who judged.
        labels: What people said of the answers; None where nobody could.
    """
    return {
        PROMPTS: prompts_hash(answers),
        "answers": hash_table(answers),
        "judgements": hash_table(judgements),
        "guard values": hash_table(guard_values),
        "judges": hash_plain([asdict(judge) for judge in judges]),
        **({} if labels is None else {"labels": hash_table(labels)}),
    }


def prompts_hash(table: pa.Table) -> str:
    """Hash of the distinct prompts of a table of answers or of prompts, in their order.

    Args:
        table: Holds `prompt_id`, `category` and `messages`.
    """
    rows = table.select(["prompt_id", "category", "messages"])
    parts = rows.to_batches(max_chunksize=1024)
    lines = (canonical(row) for part in parts for row in part.to_pylist())
    return hash_lines(dict.fromkeys(lines))


def settings_hash(gate: Gate, evaluation: Evaluation, seed: int) -> str:
    """Hash of the settings that decide.

    Args:
        gate: Which guards and examiners, and the margins.
        evaluation: Resamples and confidence.
        seed: Makes the resamples.
    """
    return hash_plain(deciding_settings(gate, evaluation, seed))


def deciding_settings(gate: Gate, evaluation: Evaluation, seed: int) -> dict[str, Any]:
    """The settings that decide, as they stand in `recipe.yaml`.

    Args:
        gate: Which guards and examiners, and the margins.
        evaluation: Resamples and confidence.
        seed: Makes the resamples.
    """
    return {
        "evaluation": evaluation.model_dump(mode="json"),
        "gate": gate.model_dump(mode="json"),
        "seed": seed,
    }


def versions() -> Mapping[str, str]:
    """Versions of what computes the gate's figures; what is not installed is left out."""
    found = {name: known for name in _PACKAGES if (known := installed_version(name))}
    return {"python": python_version(), **found}
