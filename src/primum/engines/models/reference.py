"""Finds a chat model by name and identifies it, without loading it.

A name is `bundled:NAME`, a local folder (full weights or a PEFT adapter), or a hub name.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from primum.engines.models.bundled import PREFIX, bundled_model
from primum.errors import UserError

WEIGHTS = ("*.safetensors", "*.gguf")
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
_RUN_MANIFEST, _RUN_MODEL = "manifest.json", "model"  # Of a run directory.
_CONFIGS = ("config.json", "generation_config.json", ADAPTER_CONFIG)
_IDENTIFYING = (*WEIGHTS, *_CONFIGS, "tokenizer*.json", "chat_template*")


@dataclass(frozen=True)
class ModelReference:
    """Where a model lies: its base weights, and the adapter on top where there is one."""

    base: str
    adapter: Path | None


def resolve(model: str) -> ModelReference:
    """Finds what a model's name stands for.

    Args:
        model: `bundled:NAME`, a local folder (full weights or a PEFT adapter), or a hub name.

    Raises:
        UserError: If a folder is missing or holds neither weights nor an adapter.
    """
    if model.startswith(PREFIX):
        return ModelReference(str(bundled_model(model)), None)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
            raise UserError(f"there is no model folder {model}; check the path")
        return ModelReference(model, None)
    if (folder / ADAPTER_CONFIG).exists():
        if not (folder / ADAPTER_WEIGHTS).exists():
            raise UserError(
                f"the adapter folder {model} holds no {ADAPTER_WEIGHTS}; only safetensors are "
                "loaded, since pickled weights can run code"
            )
        base = json.loads((folder / ADAPTER_CONFIG).read_text())["base_model_name_or_path"]
        return ModelReference(resolve(base).base, folder)
    if not (folder / "config.json").exists():
        raise UserError(_no_model(model, folder))
    if not any(next(folder.glob(pattern), None) for pattern in WEIGHTS):
        raise UserError(
            f"the model folder {model} holds no weights (*.safetensors); only safetensors and "
            "GGUF are loaded, since pickled weights can run code"
        )
    return ModelReference(str(folder), None)


def _no_model(model: str, folder: Path) -> str:
    """Why a folder is no model, and which one may be meant."""
    if (folder / _RUN_MANIFEST).exists() and (folder / _RUN_MODEL).is_dir():
        return f"the folder {model} is a run; its model lies in {folder / _RUN_MODEL}: name that"
    return f"the folder {model} holds no config.json; is it a Transformers model?"


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
        for file in sorted(f for pattern in _IDENTIFYING for f in folder.glob(pattern)):
            digest.update(file.name.encode())
            _update_with_sample(digest, file)
    if not Path(reference.base).is_dir():
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(reference.base, trust_remote_code=trust_remote_code)
        digest.update(f"{reference.base}@{config._commit_hash}".encode())
    return digest.hexdigest()[:16]


def _update_with_sample(digest: "hashlib._Hash", file: Path, chunk: int = 1 << 20) -> None:
    """Hashes the size and sixteen evenly spaced pieces, at most 16 MiB of a large file."""
    size = file.stat().st_size
    digest.update(str(size).encode())
    with file.open("rb") as stream:
        for part in range(16):
            stream.seek(part * max(size - chunk, 0) // 15)
            digest.update(stream.read(chunk))
