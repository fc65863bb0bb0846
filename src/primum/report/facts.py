"""What made the run: model, settings, versions, hardware."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from primum.recipe.combination import soup_shares
from primum.report.data import RunData
from primum.report.drawing.text import count, one_line
from primum.report.judge import judge_name

Facts = tuple[tuple[str, str], ...]

_REASONS = 8
"""Reasons for missing scores that are named; every unread reply is one of its own. A choice."""


def run_facts(data: RunData) -> Facts:
    """What went in."""
    recipe = data.recipe
    facts = [
        ("Model", one_line(data.model)),
        ("Constitution", one_line(data.constitution_name)),
        ("Objectives, in order", ", ".join(one_line(name) for name in data.objectives)),
        ("Recipe", one_line(recipe.name)),
        ("Seed", str(recipe.seed)),
        ("Held-out prompts", count(data.tables["evaluation"].num_rows)),
        ("Judge", judge_name(recipe.judging, data.objectives)),
        *(_training_facts(data) if data.training else (("Method", recipe.method),)),
    ]
    if recipe.combination.kind != "together":
        facts.append(("Objectives combined", _combined(data)))
    if recipe.iterations > 1:
        facts.append(("Rounds", f"{recipe.iterations}; prompts, pairs and training show the last"))
    return tuple(facts)


def _training_facts(data: RunData) -> Facts:
    lora = data.recipe.training.lora
    return (
        ("Training prompts", count(data.tables["verdicts"].num_rows)),
        ("Filters", _filters(data)),
        ("Loss", _loss(data)),
        ("Trained", f"LoRA of rank {lora.rank}" if lora else "every weight"),
    )


def missing_scores(data: RunData) -> Facts:
    """Scores that could not be read, by reason; the most frequent first, the last ones together."""
    reasons = Counter(data.tables["scores"].column("missing").to_pylist())
    del reasons[None]
    shown = reasons.most_common(_REASONS)
    others = reasons.total() - sum(found for _, found in shown)
    facts = [(f"because “{one_line(reason)}”", count(found)) for reason, found in shown]
    return (*facts, *([("for other reasons", count(others))] if others else []))


def environment_facts(environment: Mapping[str, Any]) -> Facts:
    """Versions and hardware, whatever of them the manifest holds."""
    return tuple(_flat(environment))


def _filters(data: RunData) -> str:
    denoising = data.recipe.denoising
    parts = [f"consistency {denoising.consistency}"]
    taus = {tau for tau in data.tables["verdicts"].column("tau").to_pylist() if tau is not None}
    if denoising.informativeness and taus:
        parts.append(f"0 < det Σ ≤ {max(taus):.3g}")
    return ", ".join(parts)


_SYMBOLS = {
    "beta": "β",
    "gamma": "γ",
    "alpha": "α",
    "odds": "λ",
    "offset": "Δ",
    "shift": "shift",
    "objective_weight": "weight",
    "reward_scale": "reward per point",
}


def _loss(data: RunData) -> str:
    training = data.recipe.training
    settings = [
        f"{symbol} {getattr(training, name):g}"
        for name, symbol in _SYMBOLS.items()
        if getattr(training, name) is not None
    ]
    if training.likelihood:
        settings.append(f"likelihood {training.likelihood:g}")
    return ", ".join([training.loss, *settings, f"learning rate {training.learning_rate:g}"])


def _combined(data: RunData) -> str:
    """How the objectives, trained apart, came into one model."""
    combination = data.recipe.combination
    names = [one_line(name) for name in data.objectives]
    if combination.kind == "soup":
        shares = soup_shares(combination.weights, len(names))
        parts = [f"{name} {share:.3g}" for name, share in zip(names, shares, strict=True)]
        return f"soup of {', '.join(parts)}"
    order = names[::-1] if combination.last_first else names
    return f"one training after another: {', then '.join(order)}"


def _flat(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    for key, value in content.items():
        if isinstance(value, Mapping):
            facts += _flat(value)
        elif value is not None:
            facts.append((one_line(str(key)), one_line(str(value))))
    return facts
