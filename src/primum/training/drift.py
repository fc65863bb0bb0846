"""Watches how far the preferred responses fall, and stops a run that lets them fall too far."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

logger = logging.getLogger(__name__)

COLLAPSE = 0.2
"""Nats per token by which preferred responses may fall before a rising margin is suspect."""

DRIFT, MARGIN = "drift/chosen", "rewards/margins"
History = Sequence[Mapping[str, Any]]


def fell_too_far(history: History, max_drift: float | None) -> bool:
    """Whether a run was stopped for its drift.

    Args:
        history: What was logged, in order.
        max_drift: Fall, in nats per token, at which a run stops; None never stops it.
    """
    drifts = [entry[DRIFT] for entry in history if DRIFT in entry]
    return max_drift is not None and bool(drifts) and drifts[-1] < -max_drift


def collapsed(history: History) -> bool:
    """Whether preferred responses became unlikely while the margin rose.

    SimPO can raise its margin by making both sides unlikely, the other one more so. Then answers
    degrade while every logged reward looks fine.

    Args:
        history: What was logged, in order.
    """
    entries = [entry for entry in history if DRIFT in entry and MARGIN in entry]
    return any(entry[DRIFT] < -COLLAPSE and entry[MARGIN] > entries[0][MARGIN] for entry in entries)


class DriftWatch(TrainerCallback):
    """Compares preferred responses with the starting model, at logging steps or every step.

    Args:
        measure: Change of the watched responses' average log-probability since the start, in nats
            per token; None where none are watched.
        max_drift: Fall at which the run stops; None never stops it.

    Attributes:
        latest: The latest measurement; None before the first.
    """

    def __init__(self, measure: Callable[[], float] | None, max_drift: float | None) -> None:
        self._measure = measure
        self._max_drift = max_drift
        self._warned = False
        self.latest: float | None = None

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Measures, and stops the run where the fall is too deep."""
        if self._measure is None or not (control.should_log or self._max_drift is not None):
            return
        self.latest = self._measure()
        if self._max_drift is not None and self.latest < -self._max_drift:
            control.should_training_stop = control.should_save = control.should_log = True

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Warns once of a collapse."""
        if not self._warned and collapsed(state.log_history):
            self._warned = True
            logger.warning(
                "the margin rises while the preferred responses become unlikely (%.2f nats per "
                "token since the start): answers may degrade. Lower learning_rate or beta, train "
                "for fewer epochs, or set max_drift",
                self.latest,
            )
