"""What the stages of a run share: the call store, and models that load when first needed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from platformdirs import user_cache_path

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.engines.build import build_engine
from primum.engines.classifying import SequenceClassifier, load_classifier
from primum.engines.durable import DurableClassifier, DurableEngine
from primum.judging import Judge, build_judge
from primum.judging.function import function_judge
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
        classifier: Loads a reward model by name; None for where the recipe says.
        function: Makes a judge of the user's function, by its name.
        probes: Where fitted probes are kept.
    """

    recipe: Recipe
    constitution: Constitution
    calls: CallStore
    progress: Progress
    load: Callable[[str], Engine] | None = None
    base: str | None = None
    classifier: Callable[[str], SequenceClassifier] | None = None
    function: Callable[[str, Constitution], Judge] = function_judge
    probes: Path = field(default_factory=lambda: user_cache_path("primum") / "probes")
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
                cache=self.probes,
                progress=self.progress,
                classifier=self._classifier,
                function=self.function,
            )
        return self._judges[name]

    def _classifier(self, model: str) -> SequenceClassifier:
        if self.classifier:
            return DurableClassifier(self.classifier(model), self.calls)
        place = self.recipe.engine
        loaded = load_classifier(
            model,
            device=place.device,
            dtype=place.dtype,
            trust_remote_code=place.trust_remote_code,
        )
        return DurableClassifier(loaded, self.calls)

    def release(self) -> None:
        """Gives the memory of all models back."""
        self._engines.clear()
        self._judges.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
