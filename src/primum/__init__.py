"""primum: priority alignment of language models. First do no harm, then help.

The public names are imported when first used, so that `primum --help` need not wait for PyTorch.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from primum.audit import audit
    from primum.compare import compare
    from primum.constitution import Constitution, Exemplar, Objective, load_constitution
    from primum.engines.base import Engine
    from primum.engines.scripted import ScriptedEngine
    from primum.errors import UserError
    from primum.forecast import forecast
    from primum.judging.base import Judge, Score
    from primum.messages import Message
    from primum.prompts import load_prompts
    from primum.proof.evaluate import evaluate
    from primum.proof.gate import gate
    from primum.recipe import Recipe, load_recipe
    from primum.run.align import align
    from primum.run.outcome import Outcome
    from primum.training import PriorityConfig, PriorityTrainer

    __version__: str

_HOMES = {
    "Constitution": "primum.constitution",
    "Engine": "primum.engines.base",
    "Exemplar": "primum.constitution",
    "Judge": "primum.judging.base",
    "Message": "primum.messages",
    "Objective": "primum.constitution",
    "Outcome": "primum.run.outcome",
    "PriorityConfig": "primum.training",
    "PriorityTrainer": "primum.training",
    "Recipe": "primum.recipe",
    "Score": "primum.judging.base",
    "ScriptedEngine": "primum.engines.scripted",
    "UserError": "primum.errors",
    "align": "primum.run.align",
    "evaluate": "primum.proof.evaluate",
    "gate": "primum.proof.gate",
    "load_constitution": "primum.constitution",
    "load_prompts": "primum.prompts",
    "load_recipe": "primum.recipe",
}

_CALLABLE = ("audit", "compare", "forecast")
"""Packages that are called like a function, see `primum.callable_package`."""

__all__ = [
    "Constitution",
    "Engine",
    "Exemplar",
    "Judge",
    "Message",
    "Objective",
    "Outcome",
    "PriorityConfig",
    "PriorityTrainer",
    "Recipe",
    "Score",
    "ScriptedEngine",
    "UserError",
    "__version__",
    "align",
    "audit",
    "compare",
    "evaluate",
    "forecast",
    "gate",
    "load_constitution",
    "load_prompts",
    "load_recipe",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("primum")
    if name in _CALLABLE:
        return import_module(f"primum.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'primum' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
