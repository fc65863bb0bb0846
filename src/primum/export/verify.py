"""Whether an export answers as the run's model does."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoModelForCausalLM, AutoTokenizer

from primum.constitution import Constitution, load_constitution
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.chat import ChatFormat
from primum.engines.models.devices import choose_device
from primum.engines.models.lineage import ADAPTER_CONFIG
from primum.engines.models.loading import Loaded, load
from primum.evaluation.answers import Answers, answer, item_of
from primum.export.entry import Export
from primum.export.merged import merged_model
from primum.export.source import Source
from primum.judging import judge_all
from primum.progress import Progress
from primum.prompts import Prompt, load_prompts
from primum.run.layout import CALLS, CONSTITUTION, PROMPTS
from primum.run.models import LoadedModels
from primum.store.calls import CallStore

MOST_PROMPTS = 32
"""Held-out prompts that are answered at most: a choice, since each costs two answers in float32."""


@dataclass(frozen=True)
class Verification:
    """How an export compares with the model of its run, both computed in float32.

    Attributes:
        prompts: Held-out prompts that both answered, greedily.
        difference: The share of answers that differ, where the run's model is rounded as the
            export is: anything but 0 is a fault of the export.
        rounding: The share of answers that differ from those of the run's model as it is, which
            rounding alone can do; None where nothing was rounded.
        scores: By objective, how much higher the export's answers score than those of the run's
            model as it is, on average; None where a score is missing.
    """

    prompts: int
    difference: float
    rounding: float | None
    scores: dict[str, float | None]


def verify(export: Export, progress: Progress, *, most: int = MOST_PROMPTS) -> Verification:
    """Answers held-out prompts with the run's model and with the export, read from its folder.

    Args:
        export: What was exported.
        progress: Is told of every answer.
        most: Prompts at most.
    """
    source = export.source
    prompts = _heldout(source, most)
    device = source.data.recipe.engine.device
    exported = _answers(_exported(export), prompts, source, "answer with export", progress)
    # What the run evaluated: its model, as every stage loads it.
    loaded = load(
        str(source.model), device=device, dtype="float32", trust_remote_code=source.trusts_code
    )
    plain = _answers(loaded, prompts, source, "answer with run", progress)
    del loaded
    alike, rounding = plain, None
    if export.dtype != "float32":
        rounding = _share(exported, plain)
        rounded = merged_model(source, export.dtype)
        rounded.model.float().to(choose_device(device))
        alike = _answers(rounded, prompts, source, "answer with run, rounded", progress)
    return Verification(
        prompts=len(prompts),
        difference=_share(exported, alike),
        rounding=rounding,
        scores=_score_differences(source, prompts, plain, exported, progress),
    )


def _heldout(source: Source, most: int) -> Sequence[Prompt]:
    """The first of the run's held-out prompts."""
    evaluated = source.data.tables["evaluation"].column("prompt_id").to_pylist()
    recipe = source.data.recipe
    found = load_prompts(source.path / PROMPTS, heldout=recipe.heldout, seed=recipe.seed).prompts
    known = {prompt.prompt_id: prompt for prompt in found}
    return [known[name] for name in evaluated[:most]]


def _exported(export: Export) -> Loaded:
    """The export as a stranger gets it: from its folder alone, and the base where it needs one."""
    folder, device = export.path, export.source.data.recipe.engine.device
    trust = export.source.trusts_code
    if export.form == "merged":
        return load(str(folder), device=device, dtype="float32", trust_remote_code=trust)
    if export.form == "adapter":
        return _on_base(export, device)
    file = next(folder.glob("*.gguf"))
    named = {"pretrained_model_name_or_path": str(folder), "gguf_file": file.name}
    model: Any = AutoModelForCausalLM.from_pretrained(**named, dtype="float32")
    chat = ChatFormat(AutoTokenizer.from_pretrained(**named))
    place = choose_device(device)
    return Loaded(model.to(place).eval(), chat, f"gguf:{file.name}", str(file))


def _on_base(export: Export, device: str) -> Loaded:
    """An exported adapter on the base that the run has: its hub's name may not be in reach."""
    ours = export.source.model / ADAPTER_CONFIG
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in export.path.iterdir():
            if file.is_file() and file.name != ADAPTER_CONFIG:
                (folder / file.name).symlink_to(file.absolute())
        (folder / ADAPTER_CONFIG).write_bytes(ours.read_bytes())
        trust = export.source.trusts_code
        return load(place, device=device, dtype="float32", trust_remote_code=trust)


def _answers(
    loaded: Loaded, prompts: Sequence[Prompt], source: Source, line: str, progress: Progress
) -> Answers:
    """Greedy answers of the run's length, with thoughts where the run has them.

    Args:
        loaded: The model, in float32.
        prompts: What it answers.
        source: The run.
        line: What the progress line is called.
        progress: Is told of every answer.
    """
    recipe = source.data.recipe
    engine = TransformersEngine(loaded, recipe.engine.batch_size)
    settings = recipe.evaluation.model_copy(update={"temperature": 0.0})
    return answer(
        engine,
        prompts,
        settings,
        seed=recipe.seed,
        stage=line,
        progress=progress,
        thinking=recipe.sampling.thinking,
    )


def _share(these: Answers, those: Answers) -> float:
    unlike = sum(these[name] != answered for name, answered in those.items())
    return unlike / len(those)


def _score_differences(
    source: Source,
    prompts: Sequence[Prompt],
    before: Answers,
    after: Answers,
    progress: Progress,
) -> dict[str, float | None]:
    """How much higher the second answers score; equal answers have equal scores, and ask no judge.

    Args:
        source: The run, whose judge judges.
        prompts: The prompts.
        before: Answers of the run's model.
        after: Answers of the export.
        progress: Is told of every judgement.
    """
    objectives = source.data.objectives
    unlike = [p for p in prompts if before[p.prompt_id] != after[p.prompt_id]]
    if not unlike:
        return dict.fromkeys(objectives, 0.0)
    items = {
        f"{prompt.prompt_id}-{side}": item_of(prompt, answers[prompt.prompt_id])
        for prompt in unlike
        for side, answers in (("before", before), ("after", after))
    }
    data = source.data
    with (
        tempfile.TemporaryDirectory() as place,
        # The run's own calls stay as they are.
        CallStore(Path(place) / CALLS, progress) as calls,
        LoadedModels(
            data.recipe, _constitution(source), calls, progress, base=data.model
        ) as models,
    ):
        judge = models.judge(data.model)
        scores = judge_all(judge, items, stage="judge answers", progress=progress)
    found: dict[str, float | None] = {}
    for at, name in enumerate(objectives):
        pairs = [
            (scores[f"{p.prompt_id}-before"][at].value, scores[f"{p.prompt_id}-after"][at].value)
            for p in unlike
        ]
        gains = [b - a for a, b in pairs if a is not None and b is not None]
        complete = len(gains) == len(pairs)
        found[name] = float(np.sum(gains)) / len(prompts) if complete else None
    return found


def _constitution(source: Source) -> Constitution:
    own = source.path / CONSTITUTION
    return load_constitution(own if own.exists() else source.data.constitution_name)
