"""What is checked before vLLM starts: that it is there, and that it can run the model."""

import os
from importlib.util import find_spec

from primum.engines.extras import how_to_install
from primum.engines.models.files import tensor_names
from primum.engines.models.reference import ADAPTER_WEIGHTS, ModelReference, read_config
from primum.engines.vllm.host import RANKS, Adapter
from primum.errors import UserError
from primum.recipe.schema import EngineSettings


def installed_vllm(device: str) -> tuple[str, str]:
    """vLLM's version, and the kind of device that it was built for (`cuda`, `cpu`, ...).

    Args:
        device: The recipe's `engine.device`.

    Raises:
        UserError: If vLLM is missing or broken, or was built for another device.
    """
    # Progress is told by primum, and what runs here is told to nobody.
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    # A forked process would keep the run's lock and the call store open.
    os.environ.setdefault("VLLM_WORKER_MULTIPROC_METHOD", "spawn")
    if find_spec("vllm") is None:
        raise UserError(
            "engine.kind=vllm needs the package vllm, which is not installed; "
            f"{how_to_install('vllm')} (docs/engines.md says how without a GPU)"
        )
    try:
        from vllm import __version__
        from vllm.platforms import current_platform
    except ImportError as error:
        raise UserError(f"vLLM is installed, but cannot be imported: {error}") from error
    kind = str(current_platform.device_type)
    if device not in ("auto", kind):
        raise UserError(
            f"engine.device is {device}, but this vLLM runs on {kind}; leave engine.device at auto "
            "and choose cards with CUDA_VISIBLE_DEVICES"
        )
    return __version__, kind


def context_of(weights: str, settings: EngineSettings) -> int:
    """The longest sequence that vLLM is to hold, in tokens.

    Args:
        weights: A local folder or a hub name.
        settings: The recipe's engine section.

    Raises:
        UserError: If more is wanted than the model has, or neither says how much.
    """
    config = read_config(weights, trust_remote_code=settings.trust_remote_code)
    longest = getattr(config.get_text_config(), "max_position_embeddings", None)
    wanted = settings.vllm.max_length
    if wanted is None:
        if longest is None:
            raise UserError(
                f"the model {weights} does not say how long its context is; set "
                "engine.vllm.max_length"
            )
        return int(longest)
    if longest is not None and wanted > longest:
        raise UserError(
            f"engine.vllm.max_length is {wanted}, beyond the model's context of {longest}; lower it"
        )
    return wanted


def adapter_of(reference: ModelReference, identity: str) -> Adapter | None:
    """The model's adapter, if it is one.

    Args:
        reference: Where the model lies.
        identity: Its fingerprint, which becomes the adapter's name in vLLM.

    Raises:
        UserError: If it has parts that vLLM does not know, or there are several.
    """
    if reference.adapter is None:
        return None
    _check_layers(reference)
    from vllm.config.lora import LoRAConfig
    from vllm.lora.peft_helper import PEFTHelper

    folder = str(reference.adapter)
    try:
        helper = PEFTHelper.from_local_dir(folder, None)
        rank = max([helper.r, *helper.rank_pattern.values()])
        allowed = min((known for known in RANKS if known >= rank), default=RANKS[-1])
        helper.validate_legal(LoRAConfig(max_lora_rank=allowed))
    except ValueError as error:
        raise UserError(
            f"vLLM cannot run the adapter {folder}: {str(error).rstrip('.')}; merge it into full "
            "weights, or use engine.kind=transformers"
        ) from error
    return Adapter(identity, folder, rank)


_ENDS = frozenset(
    {"embed_tokens", "wte", "embed_in", "word_embeddings", "lm_head", "embed_out", "output_layer"}
)
"""What Transformers' models call their embeddings and output layers."""


def _check_layers(reference: ModelReference) -> None:
    """Refuses adapters that are not the ones trained once vLLM applies them."""
    *below, folder = reference.adapters
    if below:
        raise UserError(
            f"the adapter {folder} stands on the adapter {below[-1]}, and vLLM puts one adapter "
            "alone on a model; merge the lower one into full weights, or use "
            "engine.kind=transformers"
        )
    names = tensor_names(folder / ADAPTER_WEIGHTS)
    ends = sorted({part for name in names for part in name.split(".")} & _ENDS)
    if ends:
        raise UserError(
            f"vLLM cannot run the adapter {folder}: it changes {' and '.join(ends)}, which vLLM "
            "may hold as one layer; merge it into full weights, or use engine.kind=transformers"
        )
