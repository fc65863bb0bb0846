"""Trains a model on the pairs of a run, and writes it where it can be used."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import DistributedType
from datasets import Dataset
from peft import LoraConfig, PeftConfig
from transformers import (
    PrinterCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from primum.engines.models.devices import choose_device, choose_dtype
from primum.engines.models.loading import Loaded, load
from primum.engines.models.reference import ADAPTER_CONFIG, model_fingerprint, resolve
from primum.recipe.schema import EngineSettings, Training
from primum.training.config import PriorityConfig
from primum.training.trainer import PriorityTrainer
from primum.training.watch.checkpoints import STATE, claim, last_complete, previous
from primum.training.watch.drift import collapsed, fell_too_far

WATCHED = 8
"""Preferred responses by which a run's drift is measured."""

OnProgress = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True)
class FitSummary:
    """What training did.

    Attributes:
        steps: Optimizer steps taken.
        pairs: Pairs in the data.
        prompts: Prompts in the data.
        responses: Distinct responses.
        tokens: Tokens forwarded with gradient, over the whole run.
        seconds: Wall-clock time of this call; a resumed run counts from where it was resumed.
        stop: `finished`, or `drift` where the preferred responses fell too far.
        truncated: Responses that were cut to `max_length`.
        zero_weight_pairs: Pairs without a score gap, which SPA leaves out.
        collapsed: Whether preferred responses became unlikely while the margin rose.
        history: The logged metrics, step by step.
    """

    steps: int
    pairs: int
    prompts: int
    responses: int
    tokens: int
    seconds: float
    stop: str
    truncated: int
    zero_weight_pairs: int
    collapsed: bool
    history: list[dict[str, float]]


def fit(
    pairs: Dataset,
    model: str,
    out: Path,
    settings: Training,
    *,
    engine: EngineSettings,
    seed: int,
    workspace: Path,
    on_progress: OnProgress | None = None,
) -> FitSummary:
    """Trains with `PriorityTrainer`, resuming where an interrupted call left off.

    Under `accelerate launch` every process makes the same call; one of them writes.

    Args:
        pairs: TRL's preference format; see `read_preferences`.
        model: The model to start from; an adapter folder is trained further.
        out: Gets the adapter (or the full weights), the tokenizer and the chat template, all at
            once when training is over.
        settings: The recipe's training section.
        engine: The recipe's engine section: device, number format, trust in foreign code.
        seed: Of adapter weights and order.
        workspace: Holds the checkpoints; those of another model, data or setting are removed.
        on_progress: Is told the finished step, all steps, and the step's metrics.

    Raises:
        UserError: If the data, the model or a setting cannot be used, or training diverges.
    """
    began = time.monotonic()
    device = choose_device(engine.device)
    loaded = _load(model, settings, engine, device)
    trainer = PriorityTrainer(
        loaded.model,
        _config(settings, workspace, seed, device),
        pairs,
        processing_class=loaded.chat.tokenizer,
        peft_config=adapter_config(model, settings),
        callbacks=[_Reporter(on_progress)] if on_progress else [],
    )
    trainer.remove_callback(PrinterCallback)
    content = json.dumps(
        {
            "data": trainer.train_groups.fingerprint(),
            "model": model_fingerprint(model),
            "settings": settings.model_dump(mode="json", exclude={"allow_unsafe", "accelerate"}),
            "seed": seed,
            # Shards are read back by as many processes as wrote them.
            **({"shards": trainer.args.world_size} if _sharded(trainer) else {}),
        },
        sort_keys=True,
    )
    # The first process removes what cannot be used before the others look.
    with trainer.accelerator.main_process_first():
        claim(workspace, content)
        checkpoint = last_complete(workspace, sharded=_sharded(trainer))
    _train(trainer, checkpoint, settings.max_drift)
    _write(trainer, out)
    return _summary(trainer, time.monotonic() - began)


def _train(trainer: PriorityTrainer, checkpoint: Path | None, max_drift: float | None) -> None:
    if checkpoint is None:
        trainer.train()
        return
    state = TrainerState.load_from_json(str(checkpoint / STATE))
    if state.global_step < state.max_steps and not fell_too_far(state.log_history, max_drift):
        trainer.train(resume_from_checkpoint=str(checkpoint))
        return
    # Interrupted after the last step, before the model was written: Trainer would take one more.
    if _sharded(trainer):
        # Only training itself loads shards, so the last steps are taken again.
        before = previous(checkpoint)
        trainer.train(resume_from_checkpoint=str(before) if before else None)
        return
    trainer._load_from_checkpoint(str(checkpoint))
    trainer.state = state


def _sharded(trainer: PriorityTrainer) -> bool:
    """Whether no process holds the whole model."""
    return trainer.accelerator.distributed_type in (DistributedType.FSDP, DistributedType.DEEPSPEED)


def _load(model: str, settings: Training, engine: EngineSettings, device: torch.device) -> Loaded:
    adapter = settings.lora is not None or resolve(model).adapter is not None
    # Updates to full weights are too small for half precision.
    dtype = choose_dtype(engine.dtype if adapter else "float32", device)
    # Of several processes each has a device of its own, to which Trainer moves the model.
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    return load(
        model,
        device="cpu" if several else engine.device,
        dtype=str(dtype).removeprefix("torch."),
        trust_remote_code=engine.trust_remote_code,
        trainable=True,
    )


def adapter_config(model: str, settings: Training) -> PeftConfig | None:
    """The new adapter that training adds to a model; None where it adds none."""
    lora = settings.lora
    if lora is None or resolve(model).adapter is not None:
        return None
    targets = lora.targets if isinstance(lora.targets, str) else list(lora.targets)
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]
        lora_dropout=lora.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )


def _config(settings: Training, workspace: Path, seed: int, device: torch.device) -> PriorityConfig:
    half = choose_dtype("auto", device) == torch.bfloat16
    # Only named where it is wanted: Transformers is renaming it, and warns of the old name.
    recompute: dict[str, Any] = (
        {"gradient_checkpointing": True} if settings.gradient_checkpointing else {}
    )
    return PriorityConfig(
        **recompute,
        output_dir=str(workspace),
        loss=settings.loss,
        beta=settings.beta,
        gamma=settings.gamma,
        alpha=settings.alpha,
        gap=settings.gap,
        learning_rate=settings.learning_rate,
        num_train_epochs=settings.epochs,
        prompts_per_step=settings.prompts_per_step,
        tokens_per_batch=settings.tokens_per_batch,
        max_length=settings.max_length,
        warmup_steps=settings.warmup_ratio,
        lr_scheduler_type=settings.scheduler,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        max_drift=settings.max_drift,
        # They are forwarded at every logged step, and every step is logged.
        watched_responses=WATCHED,
        allow_unsafe=list(settings.allow_unsafe),
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        save_total_limit=2,
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
        seed=seed,
        use_cpu=device.type == "cpu",
        bf16=settings.lora is None and half,
    )


def _write(trainer: PriorityTrainer, out: Path) -> None:
    """Writes the model beside its place and renames it there; only one process does."""
    if not trainer.args.should_save:
        # Takes part in gathering shards, and waits until the model is in its place.
        trainer.save_model(str(out))
        trainer.accelerator.wait_for_everyone()
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    draft.chmod(0o755)
    try:
        trainer.save_model(str(draft))
        _put_in_order(draft / ADAPTER_CONFIG)
        (draft / "training_args.bin").unlink(missing_ok=True)
        (draft / "README.md").unlink(missing_ok=True)
        if out.exists():
            shutil.rmtree(out)
        os.rename(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()


def _put_in_order(config: Path) -> None:
    """Sorts the names of the adapted modules, where there is an adapter.

    PEFT keeps them in a set, whose order changes from process to process; equal models would have
    unequal fingerprints.
    """
    if config.exists():
        content = json.loads(config.read_text(encoding="utf-8"))
        if isinstance(content["target_modules"], list):
            content["target_modules"].sort()
        config.write_text(json.dumps(content, indent=2, sort_keys=True), encoding="utf-8")


def _summary(trainer: PriorityTrainer, seconds: float) -> FitSummary:
    groups = trainer.train_groups
    logged = trainer.state.log_history
    return FitSummary(
        steps=trainer.state.global_step,
        pairs=groups.pairs,
        prompts=len(groups),
        responses=groups.responses,
        tokens=trainer.state.num_input_tokens_seen,
        seconds=round(seconds, 3),
        stop="drift" if fell_too_far(logged, trainer.args.max_drift) else "finished",
        truncated=groups.truncated,
        zero_weight_pairs=groups.gapless if trainer.args.loss == "spa" else 0,
        collapsed=collapsed(logged),
        history=[_numbers(entry) for entry in logged if "loss" in entry],
    )


def _numbers(entry: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in entry.items() if value is not None}


class _Reporter(TrainerCallback):
    """Tells the pipeline about every step."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if logs and "loss" in logs:
            self._on_progress(state.global_step, state.max_steps, _numbers(logs))
