"""Puts adapters on a model, so that what is computed is what was trained."""

import warnings
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from peft import PeftModel
from peft.tuners.tuners_utils import BaseTunerLayer
from peft.utils import AuxiliaryTrainingWrapper
from torch import nn
from transformers import PreTrainedModel

from primum.engines.models.failures import told
from primum.errors import UserError

_NAMED = 3
"""As many names of weights a message gives."""


def put_on(network: PreTrainedModel, adapters: Sequence[Path], *, trainable: bool) -> Any:
    """Puts adapters on a model, one upon another.

    Args:
        network: The base model, which is changed.
        adapters: Their folders, the lowest first.
        trainable: Whether the uppermost one stays an adapter that can be trained further; all
            others are merged into the weights.

    Returns:
        The model; a `PeftModel` only where an adapter stays one.

    Raises:
        UserError: If an adapter cannot be read, is made for another model, or cannot be merged.
    """
    for folder in adapters:
        stays = trainable and folder == adapters[-1]
        with warnings.catch_warnings(), told(f"the adapter {folder}"):
            # PEFT warns of tied weights and of weights that it misses: see below for both.
            warnings.simplefilter("ignore")
            adapted = PeftModel.from_pretrained(network, folder, is_trainable=stays)
            _check_kind(folder, adapted)
            # A second time, since only this call says which weights found no place.
            found = adapted.load_adapter(str(folder), "default", is_trainable=stays)
        _check_fit(folder, found.missing_keys, found.unexpected_keys)
        if stays:
            return adapted
        network = _merged(adapted, folder)
    return network


def _check_kind(folder: Path, adapted: PeftModel) -> None:
    if not hasattr(adapted.base_model, "merge_and_unload"):
        kind = adapted.active_peft_config.peft_type
        raise UserError(
            f"the adapter {folder} is of the kind {getattr(kind, 'value', kind)}, which cannot be "
            "merged into weights; use LoRA or another adapter of weights"
        )


def _check_fit(folder: Path, missing: Collection[str], unexpected: Collection[str]) -> None:
    """Refuses an adapter of which a part would silently do nothing.

    Args:
        folder: The adapter's.
        missing: Weights that its configuration announces and its file lacks.
        unexpected: Weights in its file that have no place in the model.
    """
    if missing:
        raise UserError(
            f"the adapter {folder} is not whole: it lacks {_some(missing)}; download or train it "
            "again"
        )
    if unexpected:
        raise UserError(
            f"the adapter {folder} was not made for its base model, which has no place for "
            f"{_some(unexpected)}; correct base_model_name_or_path in adapter_config.json"
        )


def _some(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:_NAMED])


def _merged(adapted: PeftModel, folder: Path) -> PreTrainedModel:
    """The model with the adapter in its weights.

    An adapter of the embeddings or of the output layer was trained beside the weights that both
    share. Merged into them it would change both layers, so that they are parted first.
    """
    network: Any = adapted.get_base_model()
    ends = [network.get_input_embeddings(), network.get_output_embeddings()]
    adapter_layers = (BaseTunerLayer, AuxiliaryTrainingWrapper)
    if any(isinstance(layer, adapter_layers) for layer in ends):
        _part(*map(_inside, ends))
    with warnings.catch_warnings(), told(f"the adapter {folder}"):
        warnings.simplefilter("ignore")
        merged: PreTrainedModel = adapted.merge_and_unload()
    _note_parted(merged)
    return merged


def _part(embeddings: Any, head: Any) -> None:
    if head is not None and head.weight is embeddings.weight:
        head.weight = nn.Parameter(head.weight.detach().clone(), head.weight.requires_grad)


def _inside(layer: Any) -> Any:
    """The model's own layer below those of an adapter."""
    for name in ("original_module", "base_layer"):
        if isinstance(own := getattr(layer, name, None), nn.Module):
            return _inside(own)
    return layer


def _note_parted(network: PreTrainedModel) -> None:
    """Lets the configuration say so where embeddings and output layer share no weights any more.

    Otherwise a saved copy would be loaded with one of them for both.
    """
    tied: dict[str, str] = network.all_tied_weights_keys
    for name, source in list(tied.items()):
        if network.get_parameter(name) is not network.get_parameter(source):
            del tied[name]
            for config in (network.config, network.config.get_text_config()):
                config.tie_word_embeddings = False
