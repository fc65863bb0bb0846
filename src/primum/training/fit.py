"""Trains a model on the pairs of a run."""

import json
import os
import time
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import DistributedType
from datasets import Dataset
from transformers import (
    PrinterCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from primum.engines.base import Thinking
from primum.engines.models.devices import choose_device
from primum.engines.models.loading import Loaded
from primum.errors import UserError
from primum.machine import disk_errors
from primum.recipe.schema import EngineSettings
from primum.recipe.training import Training
from primum.training.arguments import adapter_config, trainer_config
from primum.training.files import TrainingFiles
from primum.training.network.prepare import load_trainable
from primum.training.saving import save_model
from primum.training.summary import FitSummary, OnProgress
from primum.training.trainer import PriorityTrainer
from primum.training.watch.checkpoints import STATE, claim, last_complete, previous
from primum.training.watch.drift import collapsed, fell_too_far
from primum.training.watch.memory import forget_peak, peak

_SHARDING = ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED")
"""What `accelerate launch` sets where processes share one model."""


def fit(
    pairs: Dataset,
    model: str,
    files: TrainingFiles,
    settings: Training,
    *,
    engine: EngineSettings,
    seed: int,
    thinking: Thinking = "auto",
    on_progress: OnProgress | None = None,
) -> FitSummary:
    """Trains with `PriorityTrainer`, resuming where an interrupted call left off.

    Under `accelerate launch` every process makes the same call; one of them writes.

    Args:
        pairs: TRL's preference format; see `read_preferences`.
        model: The model to start from; an adapter folder is trained further.
        files: Where the model and the checkpoints go; checkpoints of another model, data or
            setting are removed.
        settings: The recipe's training section.
        engine: The recipe's engine section: device, number format, trust in foreign code.
        seed: Of adapter weights and order.
        thinking: As the responses were sampled (`sampling.thinking`).
        on_progress: Is told of every step.

    Raises:
        UserError: If the data, the model or a setting cannot be used, training diverges, or the
            disk is full; what is written by then is gone on from.
    """
    began = time.monotonic()
    device = choose_device(engine.device)
    forget_peak(device)
    loaded = _load(model, settings, engine, device)
    trainer = PriorityTrainer(
        loaded.model,
        trainer_config(settings, files.checkpoints, seed, device, engine.dtype, thinking),
        pairs,
        processing_class=loaded.chat.tokenizer,
        peft_config=adapter_config(model, settings),
        callbacks=[_Reporter(on_progress)] if on_progress else [],
    )
    trainer.remove_callback(PrinterCallback)
    content = json.dumps(
        {
            "data": trainer.train_groups.fingerprint(),
            "model": loaded.fingerprint,
            "settings": settings.model_dump(mode="json", exclude={"allow_unsafe", "accelerate"}),
            "seed": seed,
            "thinking": thinking,
            # Shards are read back by as many processes as wrote them.
            **({"shards": trainer.args.world_size} if _sharded(trainer) else {}),
        },
        sort_keys=True,
    )
    # The first process removes what cannot be used before the others look.
    with disk_errors(files.checkpoints):
        with trainer.accelerator.main_process_first():
            claim(files.checkpoints, content)
            checkpoint = last_complete(files.checkpoints, sharded=_sharded(trainer))
        _train(trainer, checkpoint, settings.max_drift)
    with disk_errors(files.model):
        save_model(trainer, files.model, model=model)
    return _summarise(trainer, time.monotonic() - began, peak(device))


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
    # Of several processes each has a device of its own, to which Trainer moves the model.
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    place = "cpu" if several else engine.device
    quantize = settings.lora.quantize if settings.lora else None
    if quantize is not None and several:
        place = _own_device(device)
    return load_trainable(
        model,
        device,
        adapter=settings.lora is not None,
        dtype=engine.dtype,
        place=place,
        trust_remote_code=engine.trust_remote_code,
        quantize=quantize,
    )


def _own_device(device: torch.device) -> str:
    """Where this one of several processes keeps weights in four bits, which Trainer cannot move.

    Raises:
        UserError: If the processes share one model, in shards.
    """
    if any(os.environ.get(name) == "true" for name in _SHARDING):
        raise UserError(
            "training.lora.quantize keeps weights in a format that FSDP and DeepSpeed cannot shard "
            "here; leave it out, or use an Accelerate file in which every process has the whole "
            "model"
        )
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if device.type == "cuda" else device.type


def _summarise(trainer: PriorityTrainer, seconds: float, memory: int | None) -> FitSummary:
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
        memory=memory,
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
