"""Settings of `PriorityTrainer`."""

import math
from copy import copy
from dataclasses import dataclass, field, fields
from typing import Any, Self, get_args

from transformers import TrainingArguments

from primum.documents import nearest
from primum.engines.base import Thinking
from primum.errors import UserError
from primum.recipe.losses import (
    CONSTANTS,
    NAMES,
    GapName,
    LossName,
    constants_of,
    default_learning_rate,
)
from primum.recipe.trl import trl_answer
from primum.training.limits import LIFTED, check_learning_rate, check_margin
from primum.training.step.loss import LossSettings

_NOT_NEGATIVE = ("gamma", "alpha", "likelihood", "odds", "offset", "shift", "reward_scale")


@dataclass
class PriorityConfig(TrainingArguments):
    """`TrainingArguments`, and what preference optimisation adds to them.

    An optimizer step is a number of prompts (with all their responses and pairs), however they
    are dealt to ranks and micro-batches: `prompts_per_step`, or else batch size × accumulation ×
    ranks as usual.

    Attributes:
        learning_rate: Peak learning rate; None for 1e-5 with an adapter, and for all weights 1e-6,
            or 5e-7 with a loss that compares with the starting model.
        loss: `spa`, `simpo`, `dpo`, `sft`, `ipo`, `orpo`, `safedpo`, `bfpo` or `modpo`; see
            `losses`.
        beta: spa, simpo: scale of the difference of average log-probabilities; dpo, ipo, safedpo,
            bfpo, modpo: strength of the pull towards the starting model. None for 2; 0.1 for the
            latter, and 0.01 for bfpo.
        gamma: spa, simpo: target margin; None for 1.
        alpha: spa: exponent of the pair weights; None for 1.
        gap: spa: how two responses' scores make a gap, `paper` or `l1`; None for `paper`.
        likelihood: spa, simpo, dpo, ipo, safedpo: weight of the preferred response's negative
            average log-probability, added to the loss; None for 0.
        odds: orpo: weight λ of the odds ratio; None for 0.1.
        offset: safedpo: Δ, how much more is asked of a pair of a safe and an unsafe response; None
            for 10.
        shift: bfpo: α, what is taken from the factor of the safety marks; None for 0.5.
        objective_weight: modpo: weight w of the last objective, by which the pairs are preferred;
            None for 0.5.
        reward_scale: modpo: reward for a point of a score; None for 1.
        max_length: Longest prompt and response, in tokens.
        thought_weight: How much a thought's tokens count in the average log-probability; 0 trains
            the answer alone, given the thought.
        thinking: Whether the prompts are written for a model that thinks, where its template lets
            one choose: as the responses were sampled.
        prompts_per_step: Prompts in one optimizer step over all ranks.
        tokens_per_batch: Most tokens forwarded at once; None forwards
            `per_device_train_batch_size` prompts at once, with all their responses.
        max_drift: Stop once the preferred responses' average log-probability has fallen by this
            much (nats per token) against the starting model.
        watched_responses: Preferred responses whose log-probability is compared with the starting
            model's now and then (see `drift`); 0 turns that off.
        allow_unsafe: Settings (`learning_rate`, `gamma`) whose safety limit is lifted on purpose.
    """

    learning_rate: float | None = field(  # type: ignore[assignment]
        default=None, metadata={"help": "Peak learning rate; null: by loss and adapter."}
    )
    loss: LossName = field(default="spa", metadata={"help": ", ".join(CONSTANTS)})
    beta: float | None = field(default=None, metadata={"help": "Scale of the difference."})
    gamma: float | None = field(default=None, metadata={"help": "Target margin of spa, simpo."})
    alpha: float | None = field(default=None, metadata={"help": "Exponent of spa's weights."})
    gap: GapName | None = field(default=None, metadata={"help": "spa's score gap: paper or l1."})
    likelihood: float | None = field(
        default=None, metadata={"help": "Weight of the preferred response's likelihood."}
    )
    odds: float | None = field(default=None, metadata={"help": "Weight of orpo's odds ratio."})
    offset: float | None = field(default=None, metadata={"help": "Safety offset of safedpo."})
    shift: float | None = field(default=None, metadata={"help": "Shift of bfpo's factor."})
    objective_weight: float | None = field(
        default=None, metadata={"help": "Weight of the last objective in modpo."}
    )
    reward_scale: float | None = field(
        default=None, metadata={"help": "Reward for a point of a score in modpo."}
    )
    max_length: int = field(default=2048, metadata={"help": "Prompt and response, in tokens."})
    thought_weight: float = field(default=1.0, metadata={"help": "What a thought's token counts."})
    thinking: Thinking = field(default="auto", metadata={"help": "Prompts: auto, on or off."})
    prompts_per_step: int | None = field(
        default=None, metadata={"help": "Prompts in one optimizer step over all ranks."}
    )
    tokens_per_batch: int | None = field(
        default=8192, metadata={"help": "Most tokens forwarded at once; null counts prompts."}
    )
    max_drift: float | None = field(
        default=None, metadata={"help": "Stop at this fall of the preferred log-probability."}
    )
    watched_responses: int = field(
        default=32, metadata={"help": "Preferred responses compared with the starting model."}
    )
    allow_unsafe: list[str] = field(
        default_factory=list, metadata={"help": "Safety limits lifted: learning_rate, gamma."}
    )

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Answers the names of settings that there are not."""
        known = [entry.name for entry in fields(cls)]
        for name in kwargs:
            if name not in known:
                raise UserError(trl_answer(name) or _unknown(name, known))
        return super().__new__(cls)

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[no-untyped-call]
        self.loss_settings()
        unknown = sorted(set(self.allow_unsafe) - set(LIFTED))
        if unknown:
            raise UserError(f"allow_unsafe takes {' and '.join(LIFTED)}, not {', '.join(unknown)}")
        for name in ("prompts_per_step", "tokens_per_batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UserError(f"{name} must be at least 1, not {value}")
        if not 0 <= self.thought_weight < math.inf:
            raise UserError(f"thought_weight must not be below 0, as {self.thought_weight:g} is")
        if self.thinking not in get_args(Thinking):
            raise UserError(f"thinking takes auto, on or off, not {self.thinking!r}")
        if self.max_drift is not None and self.watched_responses < 1:
            raise UserError("max_drift needs watched_responses of at least 1")
        if self.max_length < 2:
            raise UserError(f"max_length must be at least 2, not {self.max_length}")

    def loss_settings(self) -> LossSettings:
        """The loss with its constants, defaults filled in.

        Raises:
            UserError: If the loss is unknown, does not have a constant that is set, or γ/β is
                beyond its limit.
        """
        try:
            found = constants_of(self.loss, {name: getattr(self, name) for name in NAMES})
        except ValueError as error:
            raise UserError(str(error)) from error
        if found["gap"] not in (None, "paper", "l1"):
            raise UserError(f"there is no gap {found['gap']!r}; the gaps are paper and l1")
        beta, gamma = found["beta"], found["gamma"]
        if beta is not None and beta <= 0:
            raise UserError(f"beta must be above 0, not {beta:g}")
        for name in _NOT_NEGATIVE:
            value = found[name]
            if value is not None and value < 0:
                raise UserError(f"{name} must not be below 0, as {value:g} is")
        weight = found["objective_weight"]
        if weight is not None and not 0 < weight <= 1:
            raise UserError(f"objective_weight must be above 0 and at most 1, not {weight:g}")
        check_margin(beta, gamma, self.allow_unsafe)
        constants = {name: value for name, value in found.items() if value is not None}
        return LossSettings(self.loss, **constants, thought_weight=self.thought_weight)

    def settled(self, *, adapter: bool) -> Self:
        """These settings with a learning rate: the one that is set, or the default.

        Args:
            adapter: Whether an adapter is trained, rather than all weights.

        Raises:
            UserError: If it is beyond its limit and `allow_unsafe` does not lift it.
        """
        if self.learning_rate is not None:
            check_learning_rate(self.learning_rate, self.allow_unsafe, adapter=adapter)
            return self
        settled = copy(self)
        settled.learning_rate = default_learning_rate(self.loss, adapter=adapter)
        return settled


def _unknown(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else "docs/trainer.md lists them"
    return f"PriorityConfig has no setting {name!r}; {hint}"
