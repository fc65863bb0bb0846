"""Memory and disk that a run needs, by rules from the model's shape."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftConfig
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    PreTrainedModel,
)
from transformers.pytorch_utils import Conv1D

from primum.engines.models.devices import choose_device, choose_dtype
from primum.engines.models.reference import read_config, resolve
from primum.engines.models.shape import cached_numbers_per_token
from primum.forecast.figures import Need
from primum.forecast.training import trainings
from primum.run.inputs import Inputs
from primum.training.arguments import adapter_config
from primum.training.network.logprobs import chunk_rows
from primum.training.network.prepare import with_adapter

_OPTIMIZED = {"adamw": 16, "adamw_8bit": 10, "paged_adamw_8bit": 8}
"""Bytes per trained number: itself and its gradient in float32, and AdamW's two moments in as many
bits as the optimiser keeps; paged ones leave the card when it is full."""

_FOUR_BITS = 0.516
"""Bytes per number in four bits: NF4 with scales that are quantised too takes 4.127 bits (QLoRA,
arXiv 2305.14314, section 3)."""

_CHECKPOINTED = 12
"""Bytes per trained number in a checkpoint: itself and the two moments."""

_CHECKPOINTS = 3  # Two are kept while a third is written.

_ACTIVATIONS = 34
"""Bytes kept per token, layer and unit of width, at 16 bits: Korthikanti et al., "Reducing
Activation Recomputation in Large Transformer Models" (arXiv 2205.05198), equation 1 without the
attention matrix, which fused attention does not keep."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a model is.

    Attributes:
        parameters: All its numbers, the adapter's not counted.
        linear: Those in linear layers other than the last, which four bits can hold.
        trained: Those that training changes: the adapter's, or all.
        layers: Blocks.
        width: Hidden size.
        vocabulary: Tokens it knows.
        cached: Numbers in the key-value cache per token.
    """

    parameters: int
    linear: int
    trained: int
    layers: int
    width: int
    vocabulary: int
    cached: int


def model_shape(inputs: Inputs) -> Shape:
    """The shape of the run's model, built without weights."""
    trust = inputs.recipe.engine.trust_remote_code
    reference = resolve(inputs.model)
    config = read_config(inputs.model, trust_remote_code=trust)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, trust_remote_code=trust)
        parameters = trained = model.num_parameters()
        linear = _linear_numbers(model)
        adapter = adapter_config(inputs.model, inputs.recipe.training)
        if reference.adapter:
            adapter = PeftConfig.from_pretrained(str(reference.adapter))
            adapter.inference_mode = False
        if adapter:
            adapted = with_adapter(model, adapter, sharded_by_deepspeed=False)
            trained, _ = adapted.get_nb_trainable_parameters()
    text = config.get_text_config()
    return Shape(
        parameters=parameters,
        linear=linear,
        trained=trained,
        layers=text.num_hidden_layers,
        width=text.hidden_size,
        vocabulary=text.vocab_size,
        cached=cached_numbers_per_token(config),
    )


def _linear_numbers(model: PreTrainedModel) -> int:
    head = model.get_output_embeddings()
    kinds = (nn.Linear, Conv1D)
    layers = (m for m in model.modules() if isinstance(m, kinds) and m is not head)
    return sum(layer.weight.numel() for layer in layers)


def parameters_beside(inputs: Inputs, engines: Iterable[str], classifiers: Iterable[str]) -> int:
    """Numbers of the models that judge beside the run's own.

    Args:
        inputs: The inputs of the run.
        engines: Names of the chat models.
        classifiers: Names of the reward models.
    """
    trust = inputs.recipe.engine.trust_remote_code
    kinds: list[tuple[str, Any]] = [
        *((name, AutoModelForCausalLM) for name in engines if name != inputs.model),
        *((name, AutoModelForSequenceClassification) for name in classifiers),
    ]
    total = 0
    for name, kind in kinds:
        config = read_config(name, trust_remote_code=trust)
        with torch.device("meta"):
            total += kind.from_config(config, trust_remote_code=trust).num_parameters()
    return total


def generation_memory(inputs: Inputs, shape: Shape, beside: int, longest: int) -> Need:
    """Weights, the key-value cache of a full batch of the longest sequences, and its logits.

    Args:
        inputs: The inputs of the run.
        shape: Its model's.
        beside: Numbers of other models that are loaded at the same time.
        longest: Tokens of the longest prompt with its answer.
    """
    place, bytes_each = _format(inputs)
    batch = inputs.recipe.engine.batch_size
    cache = batch * longest * shape.cached * bytes_each
    logits = 2 * batch * shape.vocabulary * torch.float32.itemsize
    return Need((shape.parameters + beside) * bytes_each + cache + logits, _memory(place))


def training_memory(inputs: Inputs, shape: Shape, longest: int) -> Need:
    """Weights, what AdamW keeps, the activations of one batch, and a part of its logits.

    Args:
        inputs: The inputs of the run.
        shape: Its model's.
        longest: Tokens of the longest prompt with its answer.
    """
    place, bytes_each = _format(inputs)
    settings = inputs.recipe.training
    adapter = shape.trained < shape.parameters
    weights = shape.parameters * bytes_each if adapter else 0
    if settings.lora is not None and settings.lora.quantize is not None:
        weights -= round(shape.linear * (bytes_each - _FOUR_BITS))
    tokens = max(settings.tokens_per_batch, min(longest, settings.max_length))
    per_layer = _ACTIVATIONS * shape.width * bytes_each // 2
    entering = shape.width * bytes_each
    kept = (
        per_layer + shape.layers * entering
        if settings.gradient_checkpointing
        else shape.layers * per_layer
    )
    optimized = shape.trained * _OPTIMIZED[settings.optimizer]
    return Need(weights + optimized + tokens * kept + _head(shape, tokens, place), _memory(place))


def _head(shape: Shape, tokens: int, place: torch.device) -> int:
    """Bytes of a chunk of logits and its gradient.

    Args:
        shape: The model's.
        tokens: Forwarded at once.
        place: Where.
    """
    rows = min(tokens, chunk_rows(shape.vocabulary, place))
    return 2 * rows * shape.vocabulary * torch.float32.itemsize


def disk(inputs: Inputs, shape: Shape, run: Path, stored_bytes: int) -> Need:
    """Finished calls, as much again for the tables, of each training model and checkpoints, soups.

    Args:
        inputs: The inputs of the run.
        shape: Its model's.
        run: The run directory, which need not exist.
        stored_bytes: Of the calls still to be made.
    """
    model = shape.trained * torch.float32.itemsize
    checkpoints = _CHECKPOINTS * shape.trained * _CHECKPOINTED
    times = trainings(inputs.recipe, len(inputs.constitution.objectives))
    # A soup's adapter is as large as all that it is made of.
    merged = times * model if inputs.recipe.combination.kind == "soup" else 0
    needed = 2 * stored_bytes + times * (model + checkpoints) + merged
    place = next(path for path in (run, *run.absolute().parents) if path.exists())
    return Need(needed, shutil.disk_usage(place).free)


def _format(inputs: Inputs) -> tuple[torch.device, int]:
    """Where the model runs, and bytes per number of its weights."""
    place = choose_device(inputs.recipe.engine.device)
    return place, choose_dtype(inputs.recipe.engine.dtype, place).itemsize


def _memory(place: torch.device) -> int | None:
    if place.type == "cuda":
        return int(torch.cuda.get_device_properties(place).total_memory)
    if place.type == "mps":
        # Main memory is the card's too, and Metal takes no more than its own limit of it.
        return int(torch.mps.recommended_max_memory())
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
