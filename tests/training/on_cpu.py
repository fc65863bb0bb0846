"""Runs `primum` with an Accelerate that takes this machine's CPU for an accelerator.

Accelerate shards models over accelerators alone. Here it is told that its processes are of that
kind, on the device "cpu" and over gloo; everything else is what a machine with GPUs runs.
"""

import os
from typing import Any

os.environ["ACCELERATE_TORCH_DEVICE"] = "cpu"
os.environ["DS_ACCELERATOR"] = "cpu"

from accelerate import PartialState
from accelerate.utils import DistributedType
from transformers import TrainingArguments

from primum.cli import main

_start = PartialState.__init__
_check = TrainingArguments.__post_init__


def start(self: PartialState, cpu: bool = False, **kwargs: Any) -> None:
    _start(self, cpu=False, **kwargs | {"backend": None})


def as_accelerators(self: PartialState, *args: Any) -> tuple[str, DistributedType]:
    return "gloo", DistributedType.MULTI_GPU


def check(self: TrainingArguments) -> None:
    self.use_cpu = False
    _check(self)


PartialState.__init__ = start
PartialState._prepare_backend = as_accelerators
TrainingArguments.__post_init__ = check

if __name__ == "__main__":
    main()
