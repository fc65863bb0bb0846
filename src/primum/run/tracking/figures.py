"""What a tracker gets of a run: figures and names, and no text of prompts, answers or paths."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown
from primum.evaluation.guards.result import GuardResult
from primum.recipe import Recipe
from primum.run.inputs import Inputs
from primum.run.tracking.tracker import Figures
from primum.run.usage import Calls
from primum.store.manifest import StageRecord

Plain = str | float | int | bool | None

_UNSENT = ("sampling.system_prompts", "evaluation.system_prompt", "engine.openai.base_url")
"""Text of prompts, and an address inside somebody's network."""

_LONGEST = 200
"""Most characters of a setting. A choice: names are shorter, and prose is not to be sent."""


def config_of(inputs: Inputs) -> dict[str, Plain]:
    """The resolved recipe and what it is applied to, flat.

    Lists become text; of paths only the last name is left.
    """
    return {
        "model": without_path(inputs.model),
        "constitution": without_path(inputs.constitution.name),
        "objectives": ", ".join(goal.name for goal in inputs.constitution.objectives),
        "prompts.train": len(inputs.train),
        "prompts.heldout": len(inputs.heldout),
        **recipe_config(inputs.recipe),
    }


def recipe_config(recipe: Recipe) -> dict[str, Plain]:
    """The settings alone; see `config_of`."""
    settings = recipe.model_dump(mode="json", exclude={"tracking"})
    return {
        name: value
        for name, value in _leaves(settings)
        if not name.startswith(_UNSENT) and not (isinstance(value, str) and len(value) > _LONGEST)
    }


def stage_figures(stage: str, record: StageRecord) -> dict[str, float]:
    """How long a stage took, and every count that the manifest keeps of it.

    Args:
        stage: Its name.
        record: What the manifest says.
    """
    return numbers_of(f"stages/{stage}", {**record.facts, "seconds": record.seconds})


def gate_figures(result: GateResult) -> dict[str, float]:
    """What every judge showed on every objective, and every guard."""
    found: dict[str, float] = {}
    for objective in result.objectives:
        found |= _of_objective(objective)
    for guard in result.guards:
        found |= _of_guard(guard)
    return found


def cost_figures(calls: Calls) -> dict[str, float]:
    """What all calls of the run came to."""
    return numbers_of("cost", calls.to_json())


def numbers_of(prefix: str, content: Mapping[str, Any]) -> dict[str, float]:
    """Every finite number in nested plain data, by its place; all else is left out.

    Args:
        prefix: Begins every name.
        content: The data.
    """
    return dict(_numbers(prefix, content.items()))


def without_path(text: str) -> str:
    """A name as it may leave the machine: of a path its last part, of an address nothing."""
    if "://" in text:
        return "(an address)"
    local = text.startswith(("/", "~", "./", "../")) or "\\" in text or _exists(text)
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1] if local else text


def _exists(text: str) -> bool:
    try:
        return ("/" in text or "." in text) and Path(text).exists()
    except (OSError, ValueError):
        return False


def _of_objective(result: ObjectiveResult) -> dict[str, float]:
    place = f"gate/{_part(result.objective)}"
    found = numbers_of(place, {"held": result.held, "rose": result.rose, "counted": result.counted})
    for shown in result.shown:
        found |= numbers_of(f"{place}/{_part(shown.judge)}", _of_judge(shown))
    return found


def _of_judge(shown: Shown) -> dict[str, Any]:
    return {
        "before": shown.before,
        "after": shown.after,
        "gain": shown.gain.value,
        "low": shown.gain.low,
        "high": shown.gain.high,
        "margin": shown.margin,
        "held": shown.held,
        "rose": shown.rose,
    }


def _of_guard(guard: GuardResult) -> Figures:
    found = {
        "before": guard.before,
        "after": guard.after,
        "loss": guard.loss.value,
        "low": guard.loss.low,
        "high": guard.loss.high,
        "margin": guard.margin,
        "held": guard.held,
    }
    return numbers_of(f"guards/{_part(guard.guard)}", found)


def _numbers(prefix: str, items: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, float]]:
    for key, value in items:
        name = f"{prefix}/{_part(str(key))}"
        if isinstance(value, Mapping):
            yield from _numbers(name, value.items())
        elif isinstance(value, (bool, int, float)) and math.isfinite(value):
            yield name, float(value)


def _leaves(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Plain]]:
    for key, value in content.items():
        name = f"{prefix}{without_path(str(key))}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{name}.")
        elif isinstance(value, list):
            yield name, ", ".join(without_path(str(each)) for each in value)
        else:
            yield name, without_path(value) if isinstance(value, str) else value


def _part(name: str) -> str:
    """A part of a figure's name, in characters that every tracker takes."""
    return re.sub(r"[^\w.+-]+", "_", without_path(name)).strip("_") or "_"
