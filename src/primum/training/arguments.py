"""From the recipe's training section to the arguments of the trainer and of PEFT."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftConfig
from transformers import TrainingArguments

from primum.engines.base import Thinking
from primum.engines.models.devices import choose_dtype
from primum.engines.models.reference import resolve
from primum.recipe.losses import NAMES
from primum.recipe.training import Training
from primum.training.config import PriorityConfig

WATCHED_RESPONSES = 8
"""Preferred responses by which a run's drift is measured.

A choice. Measuring costs the same share of the time for any number (see `drift.EVERY`): the fewer,
the more often. A recipe's run has some hundred responses; the trainer's default of 32 would measure
it once or twice.
"""

RECOMPUTING = (
    "activation_checkpointing"
    if "activation_checkpointing" in {entry.name for entry in fields(TrainingArguments)}
    else "gradient_checkpointing"
)
"""Transformers' name for making activations again, which it changed in version 5.23."""


def adapter_config(model: str, settings: Training) -> PeftConfig | None:
    """The new adapter that training adds to a model; None where it adds none.

    Args:
        model: The model to start from; one that is an adapter gets no second one.
        settings: The recipe's training section.
    """
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
        use_dora=lora.dora,
        use_rslora=lora.rslora,
    )


def trainer_config(
    settings: Training,
    checkpoints: Path,
    seed: int,
    device: torch.device,
    dtype: str,
    thinking: Thinking = "auto",
) -> PriorityConfig:
    """The trainer's settings.

    Args:
        settings: The recipe's training section.
        checkpoints: Where the trainer keeps its own files.
        seed: Of the order and of new weights.
        device: Where the model is trained.
        dtype: Number format that the recipe names; all weights are kept in float32, and computed
            in bfloat16 where it says so, or says auto and the hardware can.
        thinking: How the recipe samples.
    """
    half = choose_dtype(dtype, device) == torch.bfloat16
    recompute: dict[str, Any] = {RECOMPUTING: True} if settings.gradient_checkpointing else {}
    default = settings.optimizer == "adamw"
    optimizer: dict[str, Any] = {} if default else {"optim": settings.optimizer}
    return PriorityConfig(
        **recompute,
        **optimizer,
        output_dir=str(checkpoints),
        loss=settings.loss,
        **{name: getattr(settings, name) for name in NAMES},
        learning_rate=settings.learning_rate,
        num_train_epochs=settings.epochs,
        prompts_per_step=settings.prompts_per_step,
        tokens_per_batch=settings.tokens_per_batch,
        max_length=settings.max_length,
        thought_weight=settings.thought_weight,
        thinking=thinking,
        warmup_steps=settings.warmup_ratio,
        lr_scheduler_type=settings.scheduler,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        max_drift=settings.max_drift,
        watched_responses=WATCHED_RESPONSES,
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
