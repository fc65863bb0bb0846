"""Which device and number format a model runs in, where the recipe leaves it open."""

import torch

from primum.errors import UserError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_MACOS_WITH_BFLOAT16 = (14, 0)
"""The first macOS whose Metal computes in bfloat16; PyTorch refuses the format on earlier ones."""

USABLE = 0.9
"""Share of the memory that is planned with. A choice: kernels take some hundred megabytes beside
what is counted, and allocators leave gaps."""


def choose_device(device: str) -> torch.device:
    """The device named, or the best one at hand for `auto`.

    Raises:
        UserError: If there is no such device.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        place = torch.device(device)
    except RuntimeError as error:
        raise UserError(
            f"engine.device={device} names no device; use auto, cpu, cuda, cuda:1 or mps"
        ) from error
    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    lacking = place.type == "mps" and not torch.backends.mps.is_available()
    if place.type == "cuda":
        lacking = (place.index or 0) >= cards
    if lacking:
        raise UserError(
            f"engine.device={device} is not at hand (PyTorch sees {cards} CUDA cards); use auto"
        )
    return place


def choose_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """The number format named; for `auto`, bfloat16 where the hardware computes in it."""
    if dtype != "auto":
        return DTYPES[dtype]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "mps":
        able = torch.backends.mps.is_macos_or_newer(*_MACOS_WITH_BFLOAT16)
    else:
        able = device.type == "cpu" and _cpu_computes_in_bfloat16()
    return torch.bfloat16 if able else torch.float32


def _cpu_computes_in_bfloat16() -> bool:
    found = torch.cpu.get_capabilities()
    if found.get("avx512_bf16") or found.get("amx_bf16"):
        return True
    # An ARM processor has the instructions; PyTorch uses them through oneDNN.
    return bool(found.get("bf16")) and bool(torch.backends.mkldnn.is_available())
