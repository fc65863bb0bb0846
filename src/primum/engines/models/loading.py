"""Loads a chat model and its tokenizer; `models.reference` says what names there are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedConfig,
    PreTrainedModel,
)

from primum.engines.models.adapters import put_on
from primum.engines.models.chat import ChatFormat
from primum.engines.models.completeness import check_vocabulary, check_weights
from primum.engines.models.devices import choose_device, choose_dtype
from primum.engines.models.failures import told
from primum.engines.models.reference import (
    ModelReference,
    model_fingerprint,
    read_config,
    resolve,
)
from primum.engines.models.tokenizer_files import check_tokenizer
from primum.errors import UserError


@dataclass(frozen=True)
class Loaded:
    """A model ready to run, with its chat format.

    Attributes:
        model: The model; a `PeftModel` only where an adapter was loaded to train it further.
        chat: How it writes conversations.
        fingerprint: Changes whenever the weights, the adapter or the template change.
        source: The folder or hub name of the base weights.
    """

    model: Any
    chat: ChatFormat
    fingerprint: str
    source: str


def load(
    model: str,
    *,
    device: str = "auto",
    dtype: str = "auto",
    trust_remote_code: bool = False,
    trainable: bool = False,
    quantize: str | None = None,
) -> Loaded:
    """Loads a chat model and its tokenizer.

    Args:
        model: See `reference.resolve`.
        device: `auto`, `cpu`, `cuda`, `cuda:1` or `mps`.
        dtype: `auto`, `float32`, `bfloat16` or `float16`.
        trust_remote_code: Whether code that the model's repository brings may run.
        trainable: Whether an adapter stays an adapter that can be trained further; otherwise
            it is merged into the weights.
        quantize: `nf4` keeps the linear layers in four bits; only where it is trainable, since
            nothing is merged into them.

    Raises:
        UserError: If the model cannot be found or read, or is not whole: weights are missing or
            left over, or the tokenizer goes beyond the embeddings; or an adapter would have to be
            merged into four bits.
    """
    reference = resolve(model)
    if quantize is not None:
        check_four_bits(reference)
    # First: it looks at the files, and says more of a faulty one than the libraries.
    identity = model_fingerprint(model, trust_remote_code=trust_remote_code)
    place = choose_device(device)
    with told(f"the model {model}"):
        found: Any = AutoModelForCausalLM.from_pretrained(
            reference.base,
            dtype=choose_dtype(dtype, place),
            trust_remote_code=trust_remote_code,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            **({} if quantize is None else four_bits(choose_dtype(dtype, place), place)),
        )
    network, report = found
    check_weights(reference.base, report, wanted="causal language model")
    chat = load_chat(model, trust_remote_code=trust_remote_code)
    loaded: Any = put_on(network, reference.adapters, trainable=trainable)
    if quantize is None:
        loaded = loaded.to(place)
    else:  # It was read to its place.
        _keep_differentiable(network)
    if not trainable:
        loaded = loaded.eval()
    return Loaded(loaded, chat, identity, reference.base)


def check_four_bits(reference: ModelReference) -> None:
    """Refuses adapters that would be merged into rounded weights, and rounded with them.

    Raises:
        UserError: If one stands below another.
    """
    if below := reference.adapters[:-1]:
        raise UserError(
            f"training.lora.quantize: the adapter {reference.adapter} stands on {below[-1]}, which "
            "cannot be merged into weights of four bits; leave quantize out, or merge the lower "
            "one into full weights"
        )


def four_bits(dtype: torch.dtype, place: torch.device) -> dict[str, Any]:
    """What `from_pretrained` is told to keep linear layers in four bits.

    The settings of QLoRA (arXiv 2305.14314): NormalFloat, the scales quantised too.

    Args:
        dtype: Number format of the products, and of all other layers.
        place: Where the weights go; they are quantised there.
    """
    settings = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    return {"quantization_config": settings, "device_map": {"": place}}


def _keep_differentiable(model: PreTrainedModel) -> None:
    """Keeps bitsandbytes from repacking weights on a CPU.

    The first forward pass in evaluation mode would put them into a form through which no gradient
    flows, also in training mode.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            vars(module)["support_avx512bf16_for_cpu"] = False


def load_chat(model: str, *, trust_remote_code: bool = False) -> ChatFormat:
    """How a model writes conversations; the adapter's tokenizer goes before the base model's.

    Args:
        model: See `reference.resolve`.
        trust_remote_code: As for `load`.

    Raises:
        UserError: If the tokenizer cannot be found or read, or makes ids beyond the embeddings.
    """
    reference = resolve(model)
    check_tokenizer(model)
    with told(f"the tokenizer of {model}"):
        tokenizer = AutoTokenizer.from_pretrained(
            str(reference.adapter) if _has_tokenizer(reference.adapter) else reference.base,
            trust_remote_code=trust_remote_code,
        )
    check_vocabulary(model, tokenizer, read_config(model, trust_remote_code=trust_remote_code))
    return ChatFormat(tokenizer, end_ids_of(reference.base))


def end_ids_of(base: str) -> frozenset[int]:
    """Ids that end an answer by a model's `generation_config.json` and `config.json`.

    Args:
        base: The folder or hub name of the weights.
    """
    ends: set[int] = set()
    for file in ("generation_config.json", "config.json"):
        try:
            config, _ = PreTrainedConfig.get_config_dict(base, _configuration_file=file)
        except (OSError, ValueError):
            continue  # Not every model has both.
        for part in (config, config.get("text_config")):
            found = part.get("eos_token_id") if isinstance(part, dict) else None
            ends.update(found if isinstance(found, list) else [] if found is None else [found])
    return frozenset(ends)


def _has_tokenizer(folder: Path | None) -> bool:
    return folder is not None and (folder / "tokenizer_config.json").exists()
