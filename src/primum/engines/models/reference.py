"""Finds a chat model by name and identifies it, without loading it.

A name is `bundled:NAME`, a local folder (full weights or a PEFT adapter), or a hub name.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from primum.documents import nearest
from primum.engines.models.bundled import PREFIX, bundled_model
from primum.engines.models.failures import told
from primum.engines.models.files import check_files
from primum.engines.models.lineage import ADAPTER_CONFIG, base_of, is_adapter, may_be_on_hub
from primum.errors import UserError

WEIGHTS = ("*.safetensors", "*.gguf")
ADAPTER_WEIGHTS = "adapter_model.safetensors"
_RUN_MANIFEST, _RUN_MODEL = "manifest.json", "model"  # Of a run directory.
_CONFIGS = ("config.json", "generation_config.json", ADAPTER_CONFIG)
_IDENTIFYING = (*WEIGHTS, *_CONFIGS, "tokenizer*.json", "chat_template*")


@dataclass(frozen=True)
class ModelReference:
    """Where a model lies: its base weights, and what adapters stand on them.

    Attributes:
        base: A folder or hub name.
        adapters: Folders, the lowest first: each stands on all those before it.
    """

    base: str
    adapters: tuple[Path, ...] = ()

    @property
    def adapter(self) -> Path | None:
        """The uppermost adapter, if there is one."""
        return self.adapters[-1] if self.adapters else None

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders of this machine that belong to the model, the base first."""
        base = Path(self.base)
        return ((base,) if base.is_dir() else ()) + self.adapters


def resolve(model: str) -> ModelReference:
    """Finds what a model's name stands for.

    Args:
        model: `bundled:NAME`, a local folder (full weights or a PEFT adapter), or a hub name. An
            adapter may stand on another adapter.

    Raises:
        UserError: If a folder is missing or holds neither weights nor an adapter, or adapters stand
            on one another in a circle.
    """
    adapters: list[Path] = []
    while is_adapter(folder := Path(model).expanduser()):
        if folder.resolve() in [known.resolve() for known in adapters]:
            raise UserError(f"the adapter {folder} stands on itself; correct its {ADAPTER_CONFIG}")
        if not (folder / ADAPTER_WEIGHTS).exists():
            raise UserError(
                f"the adapter folder {model} holds no {ADAPTER_WEIGHTS}; only safetensors are "
                "loaded, since pickled weights can run code"
            )
        adapters.append(folder)
        model = base_of(folder)
    return ModelReference(_base(model), tuple(reversed(adapters)))


def read_config(model: str, *, trust_remote_code: bool = False) -> Any:
    """The Transformers configuration of a model's base weights.

    Args:
        model: See `resolve`.
        trust_remote_code: Whether code that the model's repository brings may run.

    Raises:
        UserError: If it cannot be found or read.
    """
    from transformers import AutoConfig

    base = resolve(model).base
    with told(f"the configuration of the model {model}"):
        return AutoConfig.from_pretrained(base, trust_remote_code=trust_remote_code)


def _base(model: str) -> str:
    """The folder or hub name of full weights."""
    if model.startswith(PREFIX):
        return str(bundled_model(model))
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if folder.is_file() or not may_be_on_hub(model):
            raise UserError(_no_folder(model, folder))
        return model
    if not (folder / "config.json").exists():
        raise UserError(_no_model(model, folder))
    if not any(next(folder.glob(pattern), None) for pattern in WEIGHTS):
        raise UserError(
            f"the model folder {model} holds no weights (*.safetensors); only safetensors and "
            "GGUF are loaded, since pickled weights can run code: have Transformers save a model "
            "that you trust anew (save_pretrained)"
        )
    return str(folder)


def _no_folder(model: str, folder: Path) -> str:
    """Why a name is neither a model's folder nor one of the hub's, and what to name."""
    if folder.is_file():
        if (folder.parent / "config.json").exists():
            return f"{model} is a file; name the model's folder, {folder.parent}"
        return (
            f"{model} is a file; name the model's folder, with config.json and the tokenizer "
            "beside the weights"
        )
    address = re.match(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/([^/]+/[^/?#]+)", model)
    if address:
        return f"{model} is an address; name the model as the hub does: {address[1]}"
    beside = [place.name for place in folder.parent.glob("*/") if (place / "config.json").exists()]
    near = nearest(folder.name, sorted(beside), count=1)
    meant = f"did you mean {folder.with_name(near[0])}?" if near else "check the path"
    return f"there is no model folder {model}; {meant}"


def _no_model(model: str, folder: Path) -> str:
    """Why a folder is no model, and which one may be meant."""
    if (folder / _RUN_MANIFEST).exists() and (folder / _RUN_MODEL).is_dir():
        return f"the folder {model} is a run; its model lies in {folder / _RUN_MODEL}: name that"
    within = sorted(file.parent for file in folder.glob("*/config.json"))
    meant = f"did you mean {within[0]}?" if within else "name the folder that holds it"
    return (
        f"the folder {model} holds no config.json, so it is no model as Transformers saves them; "
        f"{meant}"
    )


def model_fingerprint(model: str, *, trust_remote_code: bool = False) -> str:
    """Identifies a model's weights, adapter, tokenizer and template without loading them.

    Of every weight file the size and a sample are read, which tells files apart in a moment even
    at 70B. A hub model is identified by its name and commit.

    Args:
        model: See `resolve`.
        trust_remote_code: As for `load`.

    Raises:
        UserError: If it cannot be found, or a file is cut or only the stand-in of git-lfs.
    """
    reference = resolve(model)
    digest = hashlib.sha256()
    for folder in reference.folders:
        check_files(folder)
        for file in sorted(f for pattern in _IDENTIFYING for f in folder.glob(pattern)):
            digest.update(file.name.encode())
            _update_with_sample(digest, file)
    if not Path(reference.base).is_dir():
        config = read_config(reference.base, trust_remote_code=trust_remote_code)
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
