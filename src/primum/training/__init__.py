"""Preference training: exact, and at the price of responses rather than pairs."""

from primum.training.config import PriorityConfig
from primum.training.trainer import PriorityTrainer

__all__ = ["PriorityConfig", "PriorityTrainer"]
