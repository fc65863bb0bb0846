"""Settings beyond which models are known to break; nothing heavy is imported to check them."""

from collections.abc import Collection
from importlib.util import find_spec

from primum.engines.extras import how_to_install
from primum.errors import UserError
from primum.recipe.training import Training

SAFE_LEARNING_RATE = {"adapter": 2e-4, "all weights": 2e-6}
"""Highest peak rates that are taken without `allow_unsafe`.

All weights: twice the highest rate of SimPO's authors, who warn that 1e-5 breaks a 7B model (arXiv
2405.14734 and their advice on settings). Adapter: a choice, the rate of the recipe quickstart.
"""

SAFE_GAMMA_OVER_BETA = 2.0
"""A choice: more than twice what SimPO's authors use, 0.1 to 0.8 (arXiv 2405.14734)."""

LIFTED = ("learning_rate", "gamma")
"""What `allow_unsafe` may name."""


def check_training(settings: Training) -> None:
    """Checks the training section of a recipe, before anything is computed.

    Raises:
        UserError: If a setting is beyond its limit and `training.allow_unsafe` does not lift it.
    """
    check_margin(settings.beta, settings.gamma, settings.allow_unsafe, keys="training.")
    check_learning_rate(
        settings.learning_rate,
        settings.allow_unsafe,
        adapter=settings.lora is not None,
        keys="training.",
    )
    check_quantized(settings)


def check_quantized(settings: Training) -> None:
    """Makes sure that bitsandbytes is there where it is needed.

    Raises:
        UserError: If it is not.
    """
    if find_spec("bitsandbytes") is not None:
        return
    wanted = []
    if settings.lora is not None and settings.lora.quantize is not None:
        wanted.append(f"training.lora.quantize={settings.lora.quantize}")
    if settings.optimizer != "adamw":
        wanted.append(f"training.optimizer={settings.optimizer}")
    if wanted:
        raise UserError(
            f"{' and '.join(wanted)} need{'s' if len(wanted) == 1 else ''} bitsandbytes, which is "
            f"not installed; {how_to_install('quantized')}"
        )


def check_margin(
    beta: float | None, gamma: float | None, allow_unsafe: Collection[str], *, keys: str = ""
) -> None:
    """Refuses a target margin that is too large for its β.

    Args:
        beta: β; None where the loss has none.
        gamma: γ; None where the loss has none.
        allow_unsafe: Settings whose limit is lifted.
        keys: Goes before the names of settings in the message.

    Raises:
        UserError: If γ/β is beyond the limit and `allow_unsafe` does not lift it.
    """
    if beta is None or gamma is None or "gamma" in allow_unsafe:
        return
    if gamma / beta > SAFE_GAMMA_OVER_BETA:
        raise UserError(
            f"{keys}gamma/beta is {gamma / beta:g}, beyond {SAFE_GAMMA_OVER_BETA:g}; lower "
            f"{keys}gamma, or add gamma to {keys}allow_unsafe"
        )


def check_learning_rate(
    rate: float, allow_unsafe: Collection[str], *, adapter: bool, keys: str = ""
) -> None:
    """Refuses a learning rate that is known to break models.

    Args:
        rate: The peak learning rate.
        allow_unsafe: Settings whose limit is lifted.
        adapter: Whether an adapter is trained, rather than all weights.
        keys: Goes before the names of settings in the message.

    Raises:
        UserError: If it is beyond the limit and `allow_unsafe` does not lift it.
    """
    limit = SAFE_LEARNING_RATE["adapter" if adapter else "all weights"]
    if rate > limit and "learning_rate" not in allow_unsafe:
        trained = "an adapter" if adapter else "all weights"
        raise UserError(
            f"{keys}learning_rate {rate:g} is beyond {limit:g}, the most known to be safe for "
            f"{trained}; lower it, or add learning_rate to {keys}allow_unsafe"
        )
