"""The card of an export: what people and the hub read of it."""

from pathlib import Path
from typing import Any, Literal

import yaml
from huggingface_hub import (
    EvalResult,
    EvalResultEntry,
    ModelCardData,
    eval_result_entries_to_yaml,
)

from primum.evaluation.gate_result import ObjectiveResult, Shown
from primum.export.names import check_name
from primum.export.source import Source
from primum.report.data import RunData
from primum.report.drawing.local_paths import without_local_paths
from primum.report.drawing.text import model_name, one_line
from primum.report.model_card import card_body, card_fields, with_front_matter
from primum.report.proof.effects import POINTS

Form = Literal["merged", "adapter", "gguf"]

_RESULT: dict[Form, str] = {
    "merged": "These are all weights, with what was learnt merged into them.",
    "adapter": "This is a PEFT adapter; the base model goes with it.",
    "gguf": "This is one GGUF file of all weights, with what was learnt merged into them.",
}

CARD = "README.md"
RESULTS = ".eval_results/primum.yaml"
"""Where the hub looks for results on its benchmarks."""


def write_card(source: Source, form: Form, folder: Path, *, dataset: str | None = None) -> None:
    """Writes the card, with the results of the run's evaluation as metadata.

    It holds no prompt, no answer and no path of this machine, since people publish it.

    Args:
        source: The run.
        form: What was exported.
        folder: The export.
        dataset: The data set on the hub that holds the held-out prompts, where there is one.

    Raises:
        UserError: If `dataset` is no name of a data set.
    """
    if dataset is not None:
        check_name(dataset, "a data set")
    body = card_body(source.data, _RESULT[form])
    fields = {**_fields(source, form), **_model_index(source.data, dataset)}
    (folder / CARD).write_text(with_front_matter(fields, body), encoding="utf-8", errors="replace")
    if dataset is not None:
        place = folder / RESULTS
        place.parent.mkdir()
        entries = eval_result_entries_to_yaml(_entries(source.data, dataset))
        place.write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True), "utf-8")


def _fields(source: Source, form: Form) -> dict[str, Any]:
    fields = card_fields(source.data, source.origin)
    tags = [tag for tag in fields["tags"] if tag != "lora" or form == "adapter"]
    fields["tags"] = [*tags, "gguf"] if form == "gguf" else tags
    fields["library_name"] = "peft" if form == "adapter" else "transformers"
    if source.origin.name:
        fields["base_model_relation"] = "adapter" if form == "adapter" else "finetune"
    return fields


def _shown(data: RunData) -> list[tuple[Shown, float]]:
    """What the first examiner that gives scores showed on every objective that has a mean."""
    first = [next(iter(_scored(result)), None) for result in data.gate.objectives]
    return [(found, found.after) for found in first if found and found.after is not None]


def _scored(result: ObjectiveResult) -> list[Shown]:
    """What was shown in points of the scale; people's preferences are not."""
    return [shown for shown in result.by if shown.unit == POINTS]


def _examiner(data: RunData) -> str:
    """Who gave the scores of `_shown`, in words."""
    names = {shown.judge for result in data.gate.objectives for shown in _scored(result)[:1]}
    found = [judge.description for judge in data.gate.judges if judge.name in names]
    return without_local_paths(one_line("; ".join(found))) or "unknown"


def _model_index(data: RunData, dataset: str | None) -> dict[str, Any]:
    """The results as `model-index`, which the hub shows beside the card."""
    low, high = data.scale
    judge = _examiner(data)
    results = [
        EvalResult(
            task_type="text-generation",
            dataset_type=dataset or "held-out-prompts",
            dataset_name=dataset or f"{data.gate.prompts} held-out prompts of the run",
            metric_type="mean_score",
            metric_value=round(after, 4),
            metric_name=f"{one_line(found.objective)}: mean score by the first examiner "
            f"({judge}), {low:g} to {high:g}",
        )
        for found, after in _shown(data)
    ]
    if not results:
        return {}
    card: Any = ModelCardData(model_name=export_name(data), eval_results=results)
    return {"model-index": card.to_dict()["model-index"]}


def _entries(data: RunData, dataset: str) -> list[EvalResultEntry]:
    judge = _examiner(data)
    return [
        EvalResultEntry(
            dataset_id=dataset,
            task_id=one_line(found.objective),
            value=round(after, 4),
            notes=f"mean score by an examiner that did not make the training pairs ({judge})",
        )
        for found, after in _shown(data)
    ]


def export_name(data: RunData) -> str:
    """What the exported model is called, such as `smollm2-135m-aligned`."""
    last = model_name(data.model).rpartition("/")[2]
    kept = "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in last)
    return f"{kept.strip('.-') or 'model'}-aligned"
