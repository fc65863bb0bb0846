"""The section of the recipe about preference optimisation."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from primum.recipe.losses import GapName, LossName, constants_of, default_learning_rate
from primum.recipe.section import Section
from primum.recipe.trl import trl_answer

OptimizerName = Literal["adamw", "adamw_8bit", "paged_adamw_8bit"]
"""As Transformers calls them (`optim`), but for `adamw`: its default."""


class Lora(Section):
    """A low-rank adapter."""

    rank: int = Field(16, ge=1, description="Rank of the two factors.")
    alpha: float = Field(
        32.0,
        gt=0,
        description="The update is scaled by alpha / rank, with rslora by alpha / √rank.",
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="Dropout on the adapter's input.")
    targets: str | tuple[str, ...] = Field(
        "all-linear",
        description="Which modules get one: PEFT's all-linear, a pattern, or a list of names.",
    )
    dora: bool = Field(
        False,
        description="Learn the length of every weight's columns apart from their direction (DoRA, "
        "arXiv 2402.09353): slower, and closer to training every weight.",
    )
    rslora: bool = Field(
        False,
        description="Scale the update by alpha / √rank (rsLoRA, arXiv 2312.03732), so that high "
        "ranks learn as fast as low ones.",
    )
    quantize: Literal["nf4"] | None = Field(
        None,
        description="nf4 keeps the linear layers under the adapter in four bits while it is "
        "trained (QLoRA, arXiv 2305.14314): less memory, slower; see docs/trainer.md. Needs "
        "primum[quantized].",
    )


class Training(Section):
    """Preference optimisation (docs/method.md, step 7).

    A constant that the loss does not have is null. Left out or null, a constant and the learning
    rate take their defaults by the loss and by what is trained (see `primum.recipe.losses`).
    """

    loss: LossName = Field(
        "spa",
        description="Weighted SimPO (spa), plain SimPO (simpo), DPO (dpo), fine-tuning on the "
        "preferred responses (sft), IPO (ipo), ORPO (orpo), SafeDPO (safedpo), BFPO (bfpo) or "
        "MODPO (modpo); docs/trainer.md has their formulas and what they ask of the pairs.",
    )
    beta: float | None = Field(
        None,
        gt=0,
        description="spa, simpo: scale of the difference of average log-probabilities, by default "
        "2; dpo, ipo, safedpo, bfpo, modpo: strength of the pull towards the starting model, by "
        "default 0.1, and 0.01 for bfpo.",
    )
    gamma: float | None = Field(
        None,
        ge=0,
        description="spa, simpo: target margin, in units of the scaled difference. By default 1.",
    )
    alpha: float | None = Field(
        None,
        ge=0,
        description="spa: exponent of the pair weight (Δ / mean Δ)^α. By default 1.",
    )
    gap: GapName | None = Field(
        None,
        description="spa: Δ = |Σ G(y) − Σ G(y⁻)| (paper, the default) or Σ |G(y) − G(y⁻)| (l1).",
    )
    likelihood: float | None = Field(
        None,
        ge=0,
        description="spa, simpo, dpo, ipo, safedpo: weight of a likelihood term, the preferred "
        "response's negative average log-probability (as in RPO, arXiv 2404.19733), which keeps it "
        "likely. By default 0.",
    )
    odds: float | None = Field(
        None,
        ge=0,
        description="orpo: weight λ of the odds ratio beside the likelihood. By default 0.1.",
    )
    offset: float | None = Field(
        None,
        ge=0,
        description="safedpo: Δ, how much more is asked of a pair of a safe and an unsafe "
        "response, in units of the scaled gain. By default 10.",
    )
    shift: float | None = Field(
        None,
        ge=0,
        description="bfpo: α, what is taken from the factor of the safety marks. By default 0.5.",
    )
    objective_weight: float | None = Field(
        None,
        gt=0,
        le=1,
        description="modpo: weight w of the last objective, by which the pairs are preferred; the "
        "others share 1 − w. By default 0.5.",
    )
    reward_scale: float | None = Field(
        None,
        ge=0,
        description="modpo: reward for a point of a score. By default 1.",
    )
    learning_rate: float = Field(
        default_learning_rate("spa", adapter=True),
        gt=0,
        description="Peak learning rate of AdamW. By default 1e-5 for an adapter; for all weights "
        "1e-6, and 5e-7 with losses that compare with the starting model.",
    )
    optimizer: OptimizerName = Field(
        "adamw",
        description="AdamW with its moments in float32; in 8 bits (adamw_8bit); or in 8 bits, and "
        "in main memory where the card has no room for them (paged_adamw_8bit). The latter two "
        "need primum[quantized].",
    )
    epochs: float = Field(1.0, gt=0, description="Passes over the pairs.")
    prompts_per_step: int = Field(16, ge=1, description="Prompts in one optimizer step.")
    # A choice: it sets the memory that training needs, and changes nothing of the optimisation.
    tokens_per_batch: int = Field(4096, ge=1, description="Tokens forwarded at once.")
    max_length: int = Field(2048, ge=2, description="Prompt and response, in tokens.")
    thought_weight: float = Field(
        1.0,
        ge=0,
        description="How much a thought's tokens count in the average log-probability; 0 trains "
        "the answer alone, given the thought (docs/thoughts.md).",
    )
    warmup_ratio: float = Field(
        0.1, ge=0, lt=1, description="Share of the steps over which the learning rate rises."
    )
    scheduler: Literal["constant", "linear", "cosine"] = Field(
        "cosine", description="Course of the learning rate after the warm-up."
    )
    weight_decay: float = Field(0.0, ge=0, description="AdamW's weight decay.")
    max_grad_norm: float = Field(1.0, gt=0, description="Longer gradients are cut to this norm.")
    gradient_checkpointing: bool = Field(
        False, description="Recompute activations in the backward pass: slower, in less memory."
    )
    lora: Lora | None = Field(Lora(), description="Adapter settings; null trains every weight.")
    max_drift: float | None = Field(
        None,
        gt=0,
        description="Stop once the preferred responses' average log-probability has fallen by "
        "this much (nats per token) against the starting model.",
    )
    checkpoint_steps: int = Field(10, ge=1, description="Optimizer steps between checkpoints.")
    accelerate: str | None = Field(
        None,
        min_length=1,
        description="A file of Accelerate: training runs under `accelerate launch` with it, on as "
        "many processes as it says.",
    )
    allow_unsafe: tuple[Literal["learning_rate", "gamma"], ...] = Field(
        (), description="Settings whose safety limit is lifted on purpose."
    )

    @model_validator(mode="before")
    @classmethod
    def _by_loss(cls, data: Any) -> Any:
        """Fills in what depends on the loss and on the adapter, so that a dump shows numbers."""
        if not isinstance(data, Mapping):
            return data
        for name in data:
            if answer := trl_answer(str(name)):
                raise ValueError(answer)
        loss = data.get("loss", "spa")
        if loss not in get_args(LossName):
            return data  # The field itself says so.
        filled = {**data, **constants_of(loss, data)}
        if filled.get("learning_rate") is None:
            adapter = data.get("lora", True) is not None
            filled["learning_rate"] = default_learning_rate(loss, adapter=adapter)
        return filled
