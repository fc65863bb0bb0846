"""Cards, processor and memory."""

import os
import shutil
from collections.abc import Iterator

from primum.report.drawing.text import size_text
from primum.setup.doctor.health import HealthCheck

_LITTLE_MEMORY = 4 * 2**30
"""Bytes of free main memory below which even the bundled model's run may fail: it holds 0.6 GB of
weights with their optimiser, and a batch's caches. A choice."""


def check_cards() -> Iterator[HealthCheck]:
    """The cards that PyTorch sees, their memory and number format."""
    import torch

    if torch.cuda.is_available():
        built = torch.version.cuda or torch.version.hip
        for index in range(torch.cuda.device_count()):
            card = torch.cuda.get_device_properties(index)
            memory = size_text(card.total_memory)
            said = f"cuda:{index} {card.name}, {memory}, PyTorch built for {built}"
            if torch.cuda.is_bf16_supported():
                yield HealthCheck("card", "ok", f"{said}, computes in bfloat16")
            else:
                remedy = "answers are computed in float16; train a small model, or in float32"
                yield HealthCheck("card", "note", f"{said}, has no bfloat16", remedy)
    elif torch.backends.mps.is_available():
        yield HealthCheck("card", "ok", "Apple's GPU (mps)")
    elif shutil.which("nvidia-smi") is not None:
        build = torch.version.cuda
        yield HealthCheck(
            "card",
            "problem",
            "there is a driver of NVIDIA's, but PyTorch sees no card "
            + (f"(it is built for CUDA {build})" if build else "(it is built for CPUs alone)"),
            "update the driver for that CUDA, and see that CUDA_VISIBLE_DEVICES names a card"
            if build
            else "install a build of PyTorch for CUDA (pytorch.org says which)",
        )
    else:
        yield HealthCheck(
            "card",
            "note",
            "PyTorch sees no GPU; the bundled model runs in minutes on a CPU, a 7B one in days",
            "take a small model here, or a machine with a GPU",
        )


def check_processor() -> HealthCheck:
    """Cores, and whether they compute in bfloat16."""
    import torch

    from primum.engines.models.devices import choose_dtype

    able = choose_dtype("auto", torch.device("cpu")) == torch.bfloat16
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    said = f"{cores} cores, {'bfloat16' if able else 'float32 (no bfloat16)'}"
    return HealthCheck("processor", "ok", said)


def check_memory() -> HealthCheck:
    """Main memory, all of it and what is free."""
    import psutil

    memory = psutil.virtual_memory()
    said = f"{size_text(memory.available)} of {size_text(memory.total)} free"
    if memory.available >= _LITTLE_MEMORY:
        return HealthCheck("memory", "ok", said)
    return HealthCheck(
        "memory", "note", f"{said}, little for a run", "end other programs, or take a small model"
    )
