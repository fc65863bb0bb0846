"""Settings of `PriorityTrainer`."""

from dataclasses import dataclass, field

from transformers import TrainingArguments

from primum.errors import UserError
from primum.recipe.schema import SAFE_GAMMA_OVER_BETA, SAFE_LEARNING_RATE
from primum.training.losses import GapName, LossName
from primum.training.step.loss import LossSettings

DEFAULT_BETA: dict[LossName, float] = {"spa": 2.0, "simpo": 2.0, "dpo": 0.1, "sft": 1.0}
UNSAFE = ("learning_rate", "gamma")


@dataclass
class PriorityConfig(TrainingArguments):
    """`TrainingArguments`, and what preference optimisation adds to them.

    An optimizer step is a number of prompts (with all their responses and pairs), however they
    are dealt to ranks and micro-batches: `prompts_per_step`, or else batch size × accumulation ×
    ranks as usual.

    Attributes:
        loss: `spa`, `simpo`, `dpo` or `sft`; see `losses`.
        beta: Scale of the (average) log-probability difference; None for 2 (spa, simpo) or
            0.1 (dpo).
        gamma: Target margin of spa and simpo.
        alpha: Exponent of spa's pair weights.
        gap: How two responses' scores make a gap: `paper` or `l1`.
        max_length: Longest prompt and response, in tokens.
        prompts_per_step: Prompts in one optimizer step over all ranks.
        tokens_per_batch: Most tokens forwarded at once; None forwards
            `per_device_train_batch_size` prompts at once, with all their responses.
        max_drift: Stop once the preferred responses' average log-probability has fallen by this
            much (nats per token) against the starting model.
        watched_responses: Preferred responses whose log-probability is compared with the starting
            model's now and then (see `drift`); 0 turns that off.
        allow_unsafe: Settings (`learning_rate`, `gamma`) whose safety limit is lifted on purpose.
    """

    learning_rate: float = field(default=1e-5, metadata={"help": "1e-5 suits an adapter."})
    loss: LossName = field(default="spa", metadata={"help": "spa, simpo, dpo or sft."})
    beta: float | None = field(default=None, metadata={"help": "Scale of the difference."})
    gamma: float = field(default=1.0, metadata={"help": "Target margin of spa and simpo."})
    alpha: float = field(default=1.0, metadata={"help": "Exponent of spa's pair weights."})
    gap: GapName = field(default="paper", metadata={"help": "Score gap: paper or l1."})
    max_length: int = field(default=2048, metadata={"help": "Prompt and response, in tokens."})
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

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[no-untyped-call]
        self.loss_settings()
        unknown = sorted(set(self.allow_unsafe) - set(UNSAFE))
        if unknown:
            raise UserError(f"allow_unsafe takes {' and '.join(UNSAFE)}, not {', '.join(unknown)}")
        for name in ("prompts_per_step", "tokens_per_batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UserError(f"{name} must be at least 1, not {value}")
        if self.max_drift is not None and self.watched_responses < 1:
            raise UserError("max_drift needs watched_responses of at least 1")
        if self.max_length < 2:
            raise UserError(f"max_length must be at least 2, not {self.max_length}")

    def loss_settings(self) -> LossSettings:
        """The loss with its constants.

        Raises:
            UserError: If the loss is unknown, or γ/β is beyond the known-safe 2.
        """
        if self.loss not in DEFAULT_BETA:
            raise UserError(
                f"there is no loss {self.loss!r}; the losses are {', '.join(DEFAULT_BETA)}"
            )
        if self.gap not in ("paper", "l1"):
            raise UserError(f"there is no gap {self.gap!r}; the gaps are paper and l1")
        beta = DEFAULT_BETA[self.loss] if self.beta is None else self.beta
        if beta <= 0 or self.gamma < 0 or self.alpha < 0:
            raise UserError(
                f"beta must be above 0, gamma and alpha not below: they are {beta:g}, "
                f"{self.gamma:g} and {self.alpha:g}"
            )
        margins = self.loss in ("spa", "simpo") and self.gamma / beta > SAFE_GAMMA_OVER_BETA
        if margins and "gamma" not in self.allow_unsafe:
            raise UserError(
                f"gamma/beta is {self.gamma / beta:g}, beyond {SAFE_GAMMA_OVER_BETA:g}; lower "
                "gamma, or add gamma to allow_unsafe"
            )
        return LossSettings(self.loss, beta, self.gamma, self.alpha)

    def check_learning_rate(self, *, adapter: bool) -> None:
        """Refuses a learning rate that is known to break models.

        Args:
            adapter: Whether an adapter is trained, rather than all weights.

        Raises:
            UserError: If it is beyond the limit and `allow_unsafe` does not lift it.
        """
        limit = SAFE_LEARNING_RATE["lora" if adapter else "full"]
        if self.learning_rate > limit and "learning_rate" not in self.allow_unsafe:
            kind = "an adapter" if adapter else "all weights"
            raise UserError(
                f"learning_rate {self.learning_rate:g} is beyond {limit:g}, the most known to be "
                f"safe for {kind}; lower it, or add learning_rate to allow_unsafe"
            )
