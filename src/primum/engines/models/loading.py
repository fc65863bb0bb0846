"""Loads a chat model and its tokenizer; `models.reference` says what names there are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedConfig, PreTrainedModel

from primum.engines.models.chat import ChatFormat
from primum.engines.models.devices import choose_device, choose_dtype
from primum.engines.models.reference import model_fingerprint, resolve
from primum.errors import UserError, first_line


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
) -> Loaded:
    """Loads a chat model and its tokenizer.

    Args:
        model: See `reference.resolve`.
        device: `auto`, `cpu`, `cuda`, `cuda:1` or `mps`.
        dtype: `auto`, `float32`, `bfloat16` or `float16`.
        trust_remote_code: Whether code that the model's repository brings may run.
        trainable: Whether an adapter stays an adapter that can be trained further; otherwise
            it is merged into the weights.

    Raises:
        UserError: If the model cannot be found or read.
    """
    reference = resolve(model)
    place = choose_device(device)
    try:
        network: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            reference.base,
            dtype=choose_dtype(dtype, place),
            trust_remote_code=trust_remote_code,
            use_safetensors=True,
        )
    except (OSError, ValueError) as error:
        raise UserError(f"the model {model} could not be loaded: {first_line(error)}") from error
    chat = load_chat(model, trust_remote_code=trust_remote_code)
    loaded: Any = network
    if reference.adapter:
        loaded = PeftModel.from_pretrained(network, reference.adapter, is_trainable=trainable)
        if not trainable:
            loaded = loaded.merge_and_unload()
    loaded = loaded.to(place)
    if not trainable:
        loaded = loaded.eval()
    identity = model_fingerprint(model, trust_remote_code=trust_remote_code)
    return Loaded(loaded, chat, identity, reference.base)


def load_chat(model: str, *, trust_remote_code: bool = False) -> ChatFormat:
    """How a model writes conversations; the adapter's tokenizer goes before the base model's.

    Args:
        model: See `reference.resolve`.
        trust_remote_code: As for `load`.

    Raises:
        UserError: If the tokenizer cannot be found or read.
    """
    reference = resolve(model)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            str(reference.adapter) if _has_tokenizer(reference.adapter) else reference.base,
            trust_remote_code=trust_remote_code,
        )
    except (OSError, ValueError) as error:
        raise UserError(
            f"the tokenizer of {model} could not be loaded: {first_line(error)}"
        ) from error
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
