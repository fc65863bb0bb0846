"""What the stages of a run share: the call store, and models that load when first needed."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from platformdirs import user_cache_path

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.engines.build import build_engine
from primum.engines.durable import DurableEngine
from primum.judging import Judge, build_judge
from primum.progress import Progress
from primum.recipe.schema import Recipe
from primum.store.calls import CallStore


@dataclass
class Workbench:
    """Engines and judges by model, each loaded once and only if a stage needs it.

    Args:
        recipe: Says which engine and which judge.
        constitution: What judges judge by.
        calls: Where finished calls are kept.
        progress: Is told of what takes time.
        load: Makes an engine from settings and a model's name.
    """

    recipe: Recipe
    constitution: Constitution
    calls: CallStore
    progress: Progress
    load: Callable[[str], Engine] | None = None
    _engines: dict[str, DurableEngine] = field(default_factory=dict)
    _judges: dict[str, Judge] = field(default_factory=dict)

    def engine(self, model: str) -> Engine:
        """The engine that runs a model."""
        if model not in self._engines:
            made = self.load(model) if self.load else build_engine(self.recipe.engine, model)
            self._engines[model] = DurableEngine(made, self.calls)
        return self._engines[model]

    def judge(self, model: str) -> Judge:
        """The judge that a model makes."""
        if model not in self._judges:
            self._judges[model] = build_judge(
                self.recipe.judging,
                self.engine(model),
                self.constitution,
                cache=user_cache_path("primum") / "probes",
                progress=self.progress,
            )
        return self._judges[model]

    def release(self) -> None:
        """Gives the memory of all models back."""
        self._engines.clear()
        self._judges.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
