"""Preference training: exact, and at the price of responses rather than pairs.

The trainer is imported when it is first used: checking settings need not wait for PyTorch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from primum.training.config import PriorityConfig
    from primum.training.trainer import PriorityTrainer

_HOMES = {
    "PriorityConfig": "primum.training.config",
    "PriorityTrainer": "primum.training.trainer",
}

__all__ = ["PriorityConfig", "PriorityTrainer"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'primum.training' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
