"""The constants of every loss: which loss has which, and their defaults."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, cast

LossName = Literal["spa", "simpo", "dpo", "sft", "ipo", "orpo", "safedpo", "bfpo", "modpo"]
GapName = Literal["paper", "l1"]

_SIMPO = {"beta": 2.0, "gamma": 1.0, "likelihood": 0.0}

CONSTANTS: Mapping[LossName, Mapping[str, float | str]] = MappingProxyType(
    {
        "spa": {**_SIMPO, "alpha": 1.0, "gap": "paper"},
        "simpo": _SIMPO,
        "dpo": {"beta": 0.1, "likelihood": 0.0},
        "sft": {},
        "ipo": {"beta": 0.1, "likelihood": 0.0},
        "orpo": {"odds": 0.1},
        "safedpo": {"beta": 0.1, "offset": 10.0, "likelihood": 0.0},
        "bfpo": {"beta": 0.01, "shift": 0.5},
        "modpo": {"beta": 0.1, "objective_weight": 0.5, "reward_scale": 1.0},
    }
)
"""Defaults by loss; a constant that is not listed does not exist in that loss.

SimPO's authors advise a β of 2 to 2.5, and a γ/β of 0.5 to start with (arXiv 2405.14734 and their
table of settings). DPO's β = 0.1 is the default of its authors (arXiv 2305.18290,
appendix B). For SPA the paper names neither α, which must be positive, nor another gap: α = 1, a
weight in proportion to the gap, is a choice. None of these papers adds a likelihood term, so its
weight is 0; DPO with one is RPO (arXiv 2404.19733).

IPO's β and ORPO's λ (`odds`) are TRL's defaults; the paper on IPO (arXiv 2310.12036) trains no
language model. SafeDPO's β is DPO's; its authors (arXiv 2505.20065) find answers as safe with every
offset that they tried from 0 to 20, and less helpful ones with 50: 10, the middle, is a choice.
BFPO's β (τ in the paper, arXiv 2408.15313) and shift (α there) are those of its authors' code, and
so are MODPO's β and weight (arXiv 2310.03708). That a point of a score is worth a reward of 1 in
MODPO is a choice: an answer a point better would then be preferred 73 times in 100.
"""

NAMES: tuple[str, ...] = (
    "beta",
    "gamma",
    "alpha",
    "gap",
    "likelihood",
    "odds",
    "offset",
    "shift",
    "objective_weight",
    "reward_scale",
)

REFERENCED: frozenset[LossName] = frozenset({"dpo", "ipo", "safedpo", "bfpo", "modpo"})
"""The losses that compare with the starting model, and need its log-probabilities."""

SCORED: frozenset[LossName] = frozenset({"spa", "modpo"})
"""The losses that need every pair's scores."""

MARKED: frozenset[LossName] = frozenset({"safedpo", "bfpo"})
"""The losses that need to know which responses meet the first objective's threshold."""

_ADAPTER_RATE = 1e-5
"""A choice: ten times the rate for all weights, a twentieth of the limit for adapters."""

_FULL_RATES: Mapping[LossName, float] = MappingProxyType(
    {
        "spa": 1e-6,
        "simpo": 1e-6,
        "dpo": 5e-7,
        "sft": 1e-6,
        "ipo": 5e-7,
        "orpo": 1e-6,
        "safedpo": 5e-7,
        "bfpo": 5e-7,
        "modpo": 5e-7,
    }
)
"""SimPO's authors train all weights at 3e-7 to 1e-6, and with DPO at 3e-7 to 7e-7 (arXiv
2405.14734); BFPO's code at 5e-7. For the others it is a choice: the rate of dpo for those that
compare with the starting model, of simpo for those that do not, so that they compare."""


def constants_of(loss: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The constants of a loss: those that are given, and the defaults of the others.

    Args:
        loss: The loss.
        given: Values by name; None takes the default. Names other than `NAMES` do not matter.

    Returns:
        A value for each of `NAMES`; None for a constant that the loss does not have.

    Raises:
        ValueError: If there is no such loss, or it does not have a constant that is given.
    """
    if loss not in CONSTANTS:
        raise ValueError(f"there is no loss {loss!r}; the losses are {', '.join(CONSTANTS)}")
    defaults = CONSTANTS[cast(LossName, loss)]
    foreign = [name for name in NAMES if given.get(name) is not None and name not in defaults]
    if foreign:
        has = f"it has {', '.join(defaults)}" if defaults else "it has no constants"
        raise ValueError(
            f"the loss {loss} has no {' and no '.join(foreign)} ({has}); leave "
            f"{'it' if len(foreign) == 1 else 'them'} out"
        )
    return {name: defaults.get(name) if given.get(name) is None else given[name] for name in NAMES}


def default_learning_rate(loss: LossName, *, adapter: bool) -> float:
    """The peak learning rate where none is set.

    Args:
        loss: The loss.
        adapter: Whether an adapter is trained, rather than all weights.
    """
    return _ADAPTER_RATE if adapter else _FULL_RATES[loss]


def keeps_its_meaning(constant: str, before: str, after: str) -> bool:
    """Whether a constant that was chosen for one loss also suits another.

    SPA and SimPO share β and γ. The β of DPO is another quantity under the same letter: it scales
    sums of log-probabilities, not averages. IPO, SafeDPO and MODPO mean by it what DPO does, and so
    does BFPO, whose authors set it ten times lower. The weight of the likelihood term that holds
    SPA or SimPO is not for the losses that the starting model holds, nor theirs for those.

    Args:
        constant: One of `NAMES`.
        before: The loss that it was chosen for.
        after: The other loss.
    """
    if before not in CONSTANTS or after not in CONSTANTS:
        return True
    if constant == "likelihood" and (before in REFERENCED) != (after in REFERENCED):
        return False
    found = [CONSTANTS[cast(LossName, loss)].get(constant) for loss in (before, after)]
    return found[0] is not None and found[0] == found[1]
