"""All weights of the aligned model, the adapter merged into them."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from primum.engines.models.loading import Loaded, load
from primum.errors import UserError
from primum.export.source import Source
from primum.export.tokenizer import write_tokenizer

Formats = dict[str, torch.dtype]
"""Number formats by the names of tensors."""

_FLOATS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def merged_model(source: Source, dtype: str = "base") -> Loaded:
    """The model with its adapter merged in float32, then rounded to the format it is stored in.

    Args:
        source: The run.
        dtype: `base` for the format in which the base's weights are stored, tensor by tensor;
            otherwise `float32`, `bfloat16` or `float16`.

    Raises:
        UserError: If the base is stored in a quantised format, which nothing can be merged into.
    """
    loaded = load(
        str(source.model), device="cpu", dtype="float32", trust_remote_code=source.trusts_code
    )
    _check_plain(loaded, source)
    if dtype == "base":
        round_weights(loaded.model, *stored_formats(loaded.source))
    else:
        round_weights(loaded.model, {}, getattr(torch, dtype))
    return loaded


def write_merged(loaded: Loaded, folder: Path) -> None:
    """Writes a model with its tokenizer, chat template and generation settings.

    Args:
        loaded: The model, already in the format that it is to be stored in.
        folder: Where the files go.
    """
    loaded.model.config.name_or_path = ""  # Otherwise the config names a folder of this machine.
    loaded.model.save_pretrained(folder)
    write_tokenizer(loaded.chat, folder)


def round_weights(model: Any, known: Formats, usual: torch.dtype) -> None:
    """Rounds every floating-point weight to the format in which it is to be stored.

    Args:
        model: The model, in float32.
        known: Formats of single tensors, by their names in the file.
        usual: The format of all others.
    """
    kept = set(model.state_dict())
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if tensor.is_floating_point() and name in kept:
            tensor.data = tensor.data.to(known.get(name, usual))
    model.config.dtype = usual


def stored_formats(base: str) -> tuple[Formats, torch.dtype]:
    """The formats in which a model's weights are stored, and the one that most have.

    Args:
        base: The folder or hub name of full weights.

    Returns:
        The format of every floating-point tensor that has another format than most, and the one
        that most have; float32 where no file tells.
    """
    formats: Formats = {}
    sizes: Counter[torch.dtype] = Counter()
    for file in sorted(_folder(base).glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118, it is no dictionary
                part = tensors.get_slice(name)
                if found := _FLOATS.get(part.get_dtype()):
                    formats[name] = found
                    sizes[found] += int(torch.Size(part.get_shape()).numel())
    usual = sizes.most_common(1)[0][0] if sizes else torch.float32
    return {name: found for name, found in formats.items() if found != usual}, usual


def _folder(base: str) -> Path:
    if Path(base).is_dir():
        return Path(base)
    from huggingface_hub import snapshot_download

    # The weights have just been loaded, so they are in the hub's cache.
    return Path(snapshot_download(base, local_files_only=True))


def _check_plain(loaded: Loaded, source: Source) -> None:
    quantised = getattr(loaded.model.config, "quantization_config", None)
    if quantised is not None:
        kind = re.sub(r"\W", "", str(_method(quantised))) or "a quantised format"
        raise UserError(
            f"the base of {source.path} is stored in {kind}, which an adapter cannot be merged "
            "into without loss; export the adapter with --adapter"
        )


def _method(config: Any) -> Any:
    known = config if isinstance(config, dict) else vars(config)
    return getattr(known.get("quant_method"), "value", known.get("quant_method"))
