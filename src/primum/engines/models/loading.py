"""Loads a chat model by name: bundled, from a local folder, from a hub, or an adapter folder."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from primum.engines.models.bundled import PREFIX, bundled_model
from primum.engines.models.chat import ChatFormat
from primum.engines.models.devices import choose_device, choose_dtype
from primum.errors import UserError

WEIGHTS = ("*.safetensors", "*.gguf")
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
IDENTIFYING = (*WEIGHTS, "config.json", "tokenizer*.json", "chat_template*", ADAPTER_CONFIG)


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


@dataclass(frozen=True)
class Reference:
    """Where a model lies: its base weights, and the adapter on top where there is one."""

    base: str
    adapter: Path | None


def resolve(model: str) -> Reference:
    """Finds what a model's name stands for.

    Args:
        model: `bundled:NAME`, a local folder (full weights or a PEFT adapter), or a hub name.

    Raises:
        UserError: If a folder is missing or holds neither weights nor an adapter.
    """
    if model.startswith(PREFIX):
        return Reference(str(bundled_model(model)), None)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
            raise UserError(f"there is no model folder {model}; check the path")
        return Reference(model, None)
    if (folder / ADAPTER_CONFIG).exists():
        if not (folder / ADAPTER_WEIGHTS).exists():
            raise UserError(
                f"the adapter folder {model} holds no {ADAPTER_WEIGHTS}; only safetensors are "
                "loaded, since pickled weights can run code"
            )
        base = json.loads((folder / ADAPTER_CONFIG).read_text())["base_model_name_or_path"]
        return Reference(resolve(base).base, folder)
    if not (folder / "config.json").exists():
        raise UserError(f"the folder {model} holds no config.json; is it a Transformers model?")
    if not any(next(folder.glob(pattern), None) for pattern in WEIGHTS):
        raise UserError(
            f"the model folder {model} holds no weights (*.safetensors); only safetensors and "
            "GGUF are loaded, since pickled weights can run code"
        )
    return Reference(str(folder), None)


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
        model: See `resolve`.
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
        raise UserError(f"the model {model} could not be loaded: {_first_line(error)}") from error
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
        model: See `resolve`.
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
            f"the tokenizer of {model} could not be loaded: {_first_line(error)}"
        ) from error
    return ChatFormat(tokenizer)


def model_fingerprint(model: str, *, trust_remote_code: bool = False) -> str:
    """Identifies a model's weights, adapter, tokenizer and template without loading them.

    Of every weight file the size and a sample are read, which tells files apart in a moment even
    at 70B. A hub model is identified by its name and commit.

    Args:
        model: See `resolve`.
        trust_remote_code: As for `load`.
    """
    reference = resolve(model)
    digest = hashlib.sha256()
    for folder in (Path(reference.base), reference.adapter):
        if folder is None or not folder.is_dir():
            continue
        for file in sorted(f for pattern in IDENTIFYING for f in folder.glob(pattern)):
            digest.update(file.name.encode())
            _update_with_sample(digest, file)
    if not Path(reference.base).is_dir():
        config = AutoConfig.from_pretrained(reference.base, trust_remote_code=trust_remote_code)
        digest.update(f"{reference.base}@{config._commit_hash}".encode())
    return digest.hexdigest()[:16]


def _update_with_sample(digest: "hashlib._Hash", file: Path, chunk: int = 1 << 20) -> None:
    """Hashes the size and evenly spaced pieces: enough to tell weights apart, cheap at 70B."""
    size = file.stat().st_size
    digest.update(str(size).encode())
    with file.open("rb") as stream:
        for part in range(16):
            stream.seek(part * max(size - chunk, 0) // 15)
            digest.update(stream.read(chunk))


def _has_tokenizer(folder: Path | None) -> bool:
    return folder is not None and (folder / "tokenizer_config.json").exists()


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")
