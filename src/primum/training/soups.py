"""Merges trained models by weight (Reward Soups, Ramé et al. 2023, arXiv 2306.04488).

θ = Σ λ_k θ_k with λ_k ≥ 0 and Σ λ_k = 1. With adapters on the same weights W that is
W + Σ λ_k ΔW_k, which is again an adapter.
"""

import json
import re
import shutil
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import safe_open
from torch import Tensor
from transformers import AutoModelForCausalLM

from primum.engines.models.failures import told
from primum.engines.models.lineage import ADAPTER_CONFIG, is_adapter, name_base
from primum.engines.models.reference import ADAPTER_WEIGHTS, read_config, resolve
from primum.errors import UserError
from primum.recipe.combination import soup_shares
from primum.training.saving import whole_folder

_SOUP, _PART = "primum-soup", "primum-part-"
_FACTOR = re.compile(r"\.lora_[AB]\.weight$|\.lora_embedding_[AB]$|\.base_layer\.weight$")
"""The last are the base's own embeddings, which PEFT saves beside an adapter of them."""
_NAMED = 3
"""As many names of weights a message gives."""


def soup_of(
    models: Sequence[str | Path],
    weights: Sequence[float],
    out: str | Path,
    *,
    trust_remote_code: bool = False,
) -> None:
    """Merges models, and writes the result as a model of the same form.

    Full weights are averaged one by one, so that no more than one of each model is in memory. Of
    LoRA adapters the two factors are put side by side, each update times its weight: the rank is
    the sum of their ranks, and the update exactly Σ λ_k ΔW_k. To average the factors themselves
    would give something else, (Σ √λ_k B_k)(Σ √λ_k A_k).

    Args:
        models: Folders, all of full weights or all of LoRA adapters on the same model.
        weights: How much each counts; they are divided by their sum. A model of weight 0, or
            without one, is left out.
        out: The folder of the merged model; what is there is replaced. It appears whole.
        trust_remote_code: Whether code that the base model's repository brings may run.

    Raises:
        UserError: If the models cannot be merged, or there is no weight above 0.
    """
    shares = soup_shares(weights, len(models))
    kept = [(Path(model), share) for model, share in zip(models, shares, strict=True) if share]
    folders, shares = [folder for folder, _ in kept], tuple(share for _, share in kept)
    adapters = [is_adapter(folder) for folder in folders]
    if any(adapters) and not all(adapters):
        raise UserError(
            f"{folders[adapters.index(True)]} is an adapter and {folders[adapters.index(False)]} "
            "holds full weights; merge models of one form"
        )
    for folder in folders:
        check_mergeable(folder)
    with whole_folder(Path(out)) as draft:
        shutil.copytree(folders[0], draft, dirs_exist_ok=True)
        if len(folders) == 1:
            return
        if all(adapters):
            _check_one_base(folders)
            _merge_adapters(folders, shares, draft, trust_remote_code=trust_remote_code)
        else:
            _average_weights(folders, shares, draft)


def check_mergeable(folder: Path) -> None:
    """Whether a model is of a kind that can be merged by weight.

    Raises:
        UserError: If it is no folder, or an adapter whose updates do not add up: of another kind
            than LoRA, with DoRA, or with whole layers beside the factors.
    """
    if not is_adapter(folder):
        if not any(folder.glob("*.safetensors")):
            raise UserError(f"{folder} holds no weights (*.safetensors), so it cannot be merged")
        return
    with told(f"the adapter {folder}"), safe_open(folder / ADAPTER_WEIGHTS, "pt") as file:
        others = sorted(name for name in file.keys() if not _FACTOR.search(name))  # noqa: SIM118
    if others:
        raise UserError(
            f"the adapter {folder} cannot be merged by weight: beside the factors of LoRA it holds "
            f"{', '.join(others[:_NAMED])}, and only updates made of such factors add up; train "
            "plain LoRA (training.lora.dora=false) or all weights"
        )


def _check_one_base(folders: Sequence[Path]) -> None:
    """Updates of different weights do not add up."""
    first, *others = [resolve(str(folder)) for folder in folders]
    below = [place.resolve() for place in first.adapters[:-1]]
    for folder, found in zip(folders[1:], others, strict=True):
        if found.base != first.base or [p.resolve() for p in found.adapters[:-1]] != below:
            raise UserError(
                f"the adapters {folders[0]} and {folder} stand on different models; merge adapters "
                "that were trained on the same one"
            )


def _merge_adapters(
    folders: Sequence[Path], shares: Sequence[float], draft: Path, *, trust_remote_code: bool
) -> None:
    """Puts Σ λ_k ΔW_k into a copy of the first adapter's folder.

    Args:
        folders: The adapters.
        shares: λ_k.
        draft: The copy.
        trust_remote_code: As for `soup_of`.
    """
    network = _unfilled(str(folders[0]), trust_remote_code=trust_remote_code)
    # No name may be part of a layer's: PEFT would leave such layers out of what it saves.
    names = [f"{_PART}{number}" for number in range(len(folders))]
    with warnings.catch_warnings(), told(f"the adapters {', '.join(map(str, folders))}"):
        # PEFT warns of tied weights, which are not touched here.
        warnings.simplefilter("ignore")
        adapted: Any = PeftModel.from_pretrained(network, folders[0], adapter_name=names[0])
        for name, folder in zip(names[1:], folders[1:], strict=True):
            adapted.load_adapter(str(folder), name)
        for config in adapted.peft_config.values():
            # The scales of all are in the factors from here on. PEFT gives the sum α = rank, and
            # would scale it by α / √rank.
            config.use_rslora = False
        adapted.add_weighted_adapter(names, list(shares), _SOUP, combination_type="cat")
        adapted.save_pretrained(draft, selected_adapters=[_SOUP], save_embedding_layers=False)
    for file in (ADAPTER_CONFIG, ADAPTER_WEIGHTS):
        (draft / _SOUP / file).replace(draft / file)
    shutil.rmtree(draft / _SOUP)
    (draft / "README.md").unlink(missing_ok=True)
    name_base(draft, str(folders[0]))


def _unfilled(model: str, *, trust_remote_code: bool) -> Any:
    """The base model with no weights read: PEFT only needs the places of its layers."""
    config = read_config(model, trust_remote_code=trust_remote_code)
    with torch.device("meta"), told(f"the model {model}"):
        # PEFT keeps a merged adapter in its base's format, and half precision would round it.
        network = AutoModelForCausalLM.from_config(
            config, dtype=torch.float32, trust_remote_code=trust_remote_code
        )
    return network.to_empty(device="cpu")


def _average_weights(folders: Sequence[Path], shares: Sequence[float], draft: Path) -> None:
    """Puts Σ λ_k θ_k into a copy of the first model's folder, tensor by tensor.

    Args:
        folders: The models.
        shares: λ_k.
        draft: The copy.
    """
    found = [_tensors(folder) for folder in folders]
    for folder, names in zip(folders[1:], found[1:], strict=True):
        if different := sorted(set(names) ^ set(found[0])):
            raise UserError(
                f"{folders[0]} and {folder} do not have the same weights "
                f"({', '.join(different[:_NAMED])}); merge models that were trained from one start"
            )
    for file in sorted(draft.glob("*.safetensors")):
        with file.open("r+b") as stream:
            for name, place in _places(file).items():
                parts = [_read(names[name], name) for names in found]
                stream.seek(place)
                stream.write(_bytes(_average(name, parts, shares, folders)))


def _tensors(folder: Path) -> dict[str, Path]:
    """In which file each tensor of a model lies."""
    return {name: file for file in sorted(folder.glob("*.safetensors")) for name in _places(file)}


def _places(file: Path) -> Mapping[str, int]:
    """At which byte of a safetensors file each tensor begins: its head says where."""
    with told(f"the file {file}"), file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        head = json.loads(stream.read(length))
    head.pop("__metadata__", None)
    return {name: 8 + length + entry["data_offsets"][0] for name, entry in head.items()}


def _read(file: Path, name: str) -> Tensor:
    with told(f"the file {file}"), safe_open(file, "pt") as opened:
        tensor: Tensor = opened.get_tensor(name)
    return tensor


def _average(
    name: str, parts: Sequence[Tensor], shares: Sequence[float], folders: Sequence[Path]
) -> Tensor:
    """Σ λ_k θ_k of one tensor, in the first one's format.

    Args:
        name: The tensor's.
        parts: θ_k.
        shares: λ_k.
        folders: Where they come from, for errors.
    """
    first = parts[0]
    for part, folder in zip(parts, folders, strict=True):
        same = part.shape == first.shape and part.dtype == first.dtype
        # What is no weight, such as a table of positions, must be the same to be kept.
        if not same or not (first.is_floating_point() or torch.equal(part, first)):
            raise UserError(
                f"{name} is not the same kind of tensor in {folders[0]} and {folder}; merge models "
                "that were trained from one start"
            )
    if not first.is_floating_point():
        return first
    wide = first.dtype if first.dtype.itemsize > 4 else torch.float32
    total = sum(share * part.to(wide) for share, part in zip(shares, parts, strict=True))
    assert isinstance(total, Tensor)
    return total.to(first.dtype)


def _bytes(tensor: Tensor) -> bytes:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
