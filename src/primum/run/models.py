"""The models of a run: engines and judges, each loaded once and only if a stage needs it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from primum.cache import cache_folder
from primum.constitution import Constitution
from primum.engines.base import Engine, KnowsThoughts, SequenceClassifier
from primum.engines.build import build_engine
from primum.engines.openai import SERVED, OpenAIEngine
from primum.engines.recorded import RecordedClassifier, RecordedEngine
from primum.judging import Judge, build_judge
from primum.judging.build import ALONE, Apart
from primum.judging.examiners.build import (
    Teacher,
    default_examiner,
    examined_teacher,
    named_examiner,
)
from primum.judging.examiners.halves import seen_by_teacher
from primum.judging.examiners.ways import has_default
from primum.judging.facts import Examiner, JudgeFacts
from primum.judging.kinds import judging_model, kinds_of
from primum.judging.python import function_judge
from primum.judging.rating_expected import scale_points
from primum.progress import Progress
from primum.recipe.schema import EngineSettings, Judging, Recipe
from primum.report.judge import judge_name
from primum.store.calls import CallStore


@dataclass
class LoadedModels:
    """Engines and judges by model. As a context manager it gives their memory back at the end.

    Args:
        recipe: Says which engine and which judge.
        constitution: What judges judge by.
        calls: Where finished calls are kept.
        progress: Is told of what takes time.
        load: Makes the engine for a model's name; None, or its answer None, leaves it to the
            recipe.
        base: The model that the first round starts from; None where there is only one.
        classifier: Loads a reward model by name; None for where the recipe says.
        function: Makes a judge of the user's function, by its name.
        probes: Where fitted probes are kept.
    """

    recipe: Recipe
    constitution: Constitution
    calls: CallStore
    progress: Progress
    load: Callable[[str], Engine | None] | None = None
    base: str | None = None
    classifier: Callable[[str], SequenceClassifier] | None = None
    function: Callable[[str, Constitution], Judge] = function_judge
    probes: Path = field(default_factory=lambda: cache_folder("probes"))
    _engines: dict[tuple[str, str], RecordedEngine] = field(default_factory=dict)
    _judges: dict[str, Judge] = field(default_factory=dict)
    _classifiers: dict[str, SequenceClassifier] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def engine(self, model: str) -> Engine:
        """The engine that runs a model.

        A server (`engine.kind=openai`) has the starting model alone; every other one, unless it is
        named `openai:NAME`, runs here.
        """
        if model == (self.base or model) or model.startswith(SERVED):
            return self._engine(model, self.recipe.engine)
        return self.local_engine(model)

    def local_engine(self, model: str) -> Engine:
        """The engine that runs a model here, and so the same way before and after training."""
        settings = self.recipe.engine
        if settings.kind == "openai":
            settings = settings.model_copy(update={"kind": "transformers"})
        return self._engine(model, settings)

    def _engine(self, model: str, settings: EngineSettings) -> RecordedEngine:
        place = (model, settings.kind)
        if place not in self._engines:
            made = (self.load(model) if self.load else None) or build_engine(settings, model)
            if model == self.base and isinstance(made, KnowsThoughts):
                made.check_thinking(self.recipe.sampling.thinking)
            self._engines[place] = RecordedEngine(made, self.calls)
        return self._engines[place]

    def judge(self, model: str) -> Judge:
        """The judge for a policy: the policy itself, or the model that the recipe names."""
        settings = self.recipe.judging
        name = self._judging(settings, model)
        if name not in self._judges:
            self._judges[name] = self._teaching(settings, model)
        return self._judges[name]

    def teacher(self, model: str) -> Examiner:
        """The judge for a policy, and how far to trust it.

        Args:
            model: The policy's name.
        """
        return examined_teacher(self._teacher(model), self.constitution, self.progress)

    def examiners(self, model: str) -> tuple[Examiner, ...]:
        """The judges that the gate asks: none of them made the pairs.

        Args:
            model: The starting model's name.

        Raises:
            UserError: If a judge lacks what it needs.
        """
        teacher, stand_in = self._teacher(model), self._stand_in(model)
        found: list[Examiner] = []
        if has_default(stand_in.settings, self.constitution) or not self.recipe.gate.judges:
            start = partial(self.local_engine, model)
            goals, progress = self.constitution, self.progress
            found.append(default_examiner(teacher, stand_in, goals, start, self._build, progress))
        for name, settings in self.recipe.gate.judges.items():
            examiner = named_examiner(
                JudgeFacts(name, "examiner", self._named(settings)),
                settings,
                self._judge_engine(settings, model),
                teacher,
                stand_in,
                self.constitution,
                self._build,
                self.progress,
            )
            found.append(examiner)
        return tuple(found)

    def _teacher(self, model: str) -> Teacher:
        settings = self.recipe.judging
        engine = self._judge_engine(settings, model)
        return Teacher(self.judge(model), settings, engine, self._named(settings))

    def _stand_in(self, model: str) -> Teacher:
        """The teacher that the examiners are chosen by."""
        settings = self.recipe.examined_as
        if settings is None:
            return self._teacher(model)
        judge, engine = self._teaching(settings, model), self._judge_engine(settings, model)
        return Teacher(judge, settings, engine, self._named(settings))

    def _teaching(self, settings: Judging, model: str) -> Judge:
        """A judge with the exemplars of a teacher."""
        goals = seen_by_teacher(settings, self.constitution)
        return self._build(settings, self._judge_engine(settings, model), goals)

    def _named(self, settings: Judging) -> str:
        return judge_name(settings, [one.name for one in self.constitution.objectives])

    def _judging(self, settings: Judging, model: str) -> str:
        return judging_model(settings, policy=model, base=self.base or model)

    def _judge_engine(self, settings: Judging, model: str) -> Engine:
        """The engine of the model that judges, asked now for what judging needs.

        Args:
            settings: The judge's.
            model: The policy's name.
        """
        name = self._judging(settings, model)
        self._check_server(name, settings)
        return self.engine(name)

    def _build(
        self,
        settings: Judging,
        engine: Engine,
        constitution: Constitution,
        *,
        apart: Apart = ALONE,
    ) -> Judge:
        return build_judge(
            settings,
            engine,
            constitution,
            cache=self.probes,
            progress=self.progress,
            classifier=self._classifier,
            function=self.function,
            apart=apart,
        )

    def _classifier(self, model: str) -> SequenceClassifier:
        if model not in self._classifiers:
            loaded = self.classifier(model) if self.classifier else self._load_classifier(model)
            self._classifiers[model] = RecordedClassifier(loaded, self.calls)
        return self._classifiers[model]

    def _load_classifier(self, model: str) -> SequenceClassifier:
        # Only here: it waits for PyTorch.
        from primum.engines.local.classifier import load_classifier

        place = self.recipe.engine
        return load_classifier(
            model,
            device=place.device,
            dtype=place.dtype,
            trust_remote_code=place.trust_remote_code,
        )

    def _check_server(self, judge: str, settings: Judging) -> None:
        """Asks a server now for what judging needs, before any call is paid for."""
        engine = self.engine(judge)
        kinds = kinds_of(settings, self.constitution)
        if "rating-expected" in kinds.values() and isinstance(engine, RecordedEngine):
            served = engine.engine
            if isinstance(served, OpenAIEngine):
                served.check_choices(tuple(map(str, scale_points(self.constitution.scale))))

    def release(self) -> None:
        """Gives the memory of all models back."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()
        self._judges.clear()
        self._classifiers.clear()
        torch = sys.modules.get("torch")
        if torch and torch.cuda.is_available():
            torch.cuda.empty_cache()


def loader_of(
    engine: Engine | Callable[[str], Engine] | None, model: str
) -> Callable[[str], Engine | None] | None:
    """What makes engines, from what a caller hands in.

    Args:
        engine: An engine that runs the model, or a function that makes engines by model; None for
            those of the recipe.
        model: The starting model's name.
    """
    if engine is None or callable(engine):
        return engine
    return lambda name: engine if name == model else None
