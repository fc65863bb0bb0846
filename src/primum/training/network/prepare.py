"""Readies a model for preference training: loads it, wraps it in an adapter, checks it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from typing import Any

import torch
from peft import PeftConfig, PeftModel, get_peft_model
from peft.helpers import disable_input_dtype_casting
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from primum.engines.models.devices import choose_dtype
from primum.engines.models.failures import told
from primum.engines.models.loading import Loaded, check_four_bits, load
from primum.engines.models.reference import read_config, resolve
from primum.errors import UserError, first_line
from primum.training.network.packing import body_name
from primum.training.network.scoring import HALF


def load_trainable(
    reference: str,
    device: torch.device,
    *,
    adapter: bool,
    dtype: str = "auto",
    place: str = "cpu",
    trust_remote_code: bool = False,
    quantize: str | None = None,
) -> Loaded:
    """Loads a model to train.

    The weights under an adapter are kept in `dtype`; weights that are trained themselves in
    float32, since their updates are too small for fewer bits.

    Args:
        reference: See `primum.engines.models.reference.resolve`.
        device: Where it will be trained.
        adapter: Whether an adapter will be put on it; one that is there already counts too.
        dtype: Number format of weights under an adapter; auto takes the hardware's fast one.
        place: Where the weights are read to; Trainer moves them to `device`.
        trust_remote_code: Run code that a model repository brings.
        quantize: `nf4` keeps the linear layers under an adapter in four bits.
    """
    frozen = adapter or resolve(reference).adapter is not None
    chosen = choose_dtype(dtype if frozen else "float32", device)
    return load(
        reference,
        device=place,
        dtype=str(chosen).removeprefix("torch."),
        trust_remote_code=trust_remote_code,
        trainable=True,
        quantize=quantize,
    )


def with_adapter(model: Any, config: PeftConfig | None, *, sharded_by_deepspeed: bool) -> Any:
    """Puts an adapter on a model where one is wanted.

    Args:
        model: A causal language model, or one that has an adapter already.
        config: The adapter's settings; None leaves the model as it is.
        sharded_by_deepspeed: ZeRO stage 3 gathers parameters of one format only, so that the
            adapter is not kept in float32.

    Raises:
        UserError: If there are two adapters, the adapter does not go with the model, or it is of a
            kind that adds tokens.
    """
    if config is not None:
        if isinstance(model, PeftModel):
            raise UserError(
                "the model has an adapter already and peft_config asks for another; merge the "
                "first one (merge_and_unload), or leave peft_config out to train it further"
            )
        config = _without_routers(model, config)
        try:
            model = get_peft_model(model, config, autocast_adapter_dtype=not sharded_by_deepspeed)
        except ValueError as error:
            raise UserError(
                f"{type(model).__name__} cannot take the adapter: {first_line(error)}; change its "
                "targets (training.lora.targets)"
            ) from error
    if isinstance(model, PeftModel) and model.active_peft_config.is_prompt_learning:
        raise UserError(
            "adapters that add virtual tokens (prompt, prefix or p-tuning) are not supported; use "
            "LoRA or another adapter of weights"
        )
    return model


def _without_routers(model: nn.Module, config: PeftConfig) -> PeftConfig:
    """Leaves out what PEFT takes for a linear layer and is more than that.

    Some models choose their experts in a class of their own that inherits from one and returns
    several tensors (Phi-MoE, Llama 4).
    """
    if getattr(config, "target_modules", None) != "all-linear":
        return config
    routers = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and type(module).__module__.startswith("transformers.models.")
        and "router" in type(module).__name__.lower()
    }
    excluded: Any = getattr(config, "exclude_modules", None)
    if not routers or isinstance(excluded, str):
        return config
    changed: Any = copy(config)
    changed.exclude_modules = {*(excluded or ()), *routers}
    return changed  # type: ignore[no-any-return]


def check_trainable(
    model: str,
    config: PeftConfig | None,
    *,
    trust_remote_code: bool,
    quantize: str | None = None,
) -> None:
    """Tries on a model without weights what training will do to it.

    Args:
        model: See `primum.engines.models.reference.resolve`.
        config: The new adapter; None for none.
        trust_remote_code: Run code that a model repository brings.
        quantize: As for `load_trainable`.

    Raises:
        UserError: If the model is none that can be trained, or cannot take the adapter.
    """
    if quantize is not None:
        check_four_bits(resolve(model))
    found = read_config(model, trust_remote_code=trust_remote_code)
    with torch.device("meta"):
        with told(f"the model {model}"):
            network = AutoModelForCausalLM.from_config(found, trust_remote_code=trust_remote_code)
        body_name(causal_lm_of(network))
        with_adapter(network, config, sharded_by_deepspeed=False)


def causal_lm_of(model: Any) -> PreTrainedModel:
    """The causal language model inside an adapter.

    Raises:
        UserError: If it is not a decoder with an output layer.
    """
    inside: Any = model.get_base_model() if isinstance(model, PeftModel) else model
    if (
        not isinstance(inside, PreTrainedModel)
        or inside.config.is_encoder_decoder
        or inside.get_output_embeddings() is None
    ):
        raise UserError(
            f"{type(inside).__name__} is not a causal language model, which is what is trained"
        )
    return inside


def tokenizer_of(model: PreTrainedModel) -> PreTrainedTokenizerBase:
    """The tokenizer that lies beside a model's weights.

    Raises:
        UserError: If there is none.
    """
    name = model.config.name_or_path
    if not name:
        raise UserError(
            "the model comes from no folder, so that no tokenizer lies beside it; pass "
            "one as processing_class"
        )
    with told(f"the tokenizer beside {name!r} (or pass one as processing_class)"):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(name)
    return tokenizer


@contextmanager
def adapter_inputs_uncast(model: Any) -> Iterator[None]:
    """Keeps PEFT from turning every input of every adapted layer into float32.

    An adapter on weights in half precision is kept in float32; computing in it as well costs more
    than the adapter itself. The scores' own autocast takes care of formats.
    """
    half = next(model.parameters()).dtype in HALF
    with disable_input_dtype_casting(model) if half else nullcontext():
        yield
