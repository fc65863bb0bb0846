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
from primum.judging.kinds import judging_model
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
        base: The model that the first round starts from; None where there is only one.
    """

    recipe: Recipe
    constitution: Constitution
    calls: CallStore
    progress: Progress
    load: Callable[[str], Engine] | None = None
    base: str | None = None
    _engines: dict[str, DurableEngine] = field(default_factory=dict)
    _judges: dict[str, Judge] = field(default_factory=dict)

    def engine(self, model: str) -> Engine:
        """The engine that runs a model."""
        if model not in self._engines:
            made = self.load(model) if self.load else build_engine(self.recipe.engine, model)
            self._engines[model] = DurableEngine(made, self.calls)
        return self._engines[model]

    def judge(self, model: str) -> Judge:
        """The judge for a policy: the policy itself, or the model that the recipe names."""
        name = judging_model(self.recipe.judging, policy=model, base=self.base or model)
        if name not in self._judges:
            self._judges[name] = build_judge(
                self.recipe.judging,
                self.engine(name),
                self.constitution,
                cache=user_cache_path("primum") / "probes",
                progress=self.progress,
                hardware=self.recipe.engine,
            )
        return self._judges[name]

    def release(self) -> None:
        """Gives the memory of all models back."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()
        self._judges.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
