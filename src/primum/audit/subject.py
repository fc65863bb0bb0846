"""What is audited, and what the audit needs to know of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from primum.audit.measures.labels import Labelled
from primum.audit.measures.sampled import Sampled
from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.engines.recorded import RecordedEngine
from primum.errors import UserError
from primum.judging import Judge
from primum.judging.kinds import judging_model
from primum.progress import Progress, Silent
from primum.prompts import Prompt
from primum.run.layout import CALLS
from primum.run.models import LoadedModels
from primum.store.calls import CallStore


@dataclass(frozen=True)
class Subject:
    """A model as a judge.

    Attributes:
        model: Its name as the user gave it.
        models: Load it; hold the recipe and the constitution.
        labelled: The user's own labels.
        prompts: To sample from; empty for none.
        run: Candidates that a run already scored; None for none.
        second: The name of a second judging model; None for none.
        progress: Is told of what takes time.
    """

    model: str
    models: LoadedModels
    labelled: tuple[Labelled, ...]
    prompts: tuple[Prompt, ...]
    run: Sampled | None
    second: str | None
    progress: Progress

    @property
    def constitution(self) -> Constitution:
        """What is judged by."""
        return self.models.constitution

    @property
    def seed(self) -> int:
        """The recipe's."""
        return self.models.recipe.seed

    @property
    def judging_layers(self) -> int:
        """Layers that the judging model's engine can read; 0 where it cannot."""
        name = judging_model(
            self.models.recipe.judging, policy=self.model, base=self.models.base or self.model
        )
        return self.models.engine(name).layers

    def judge_for(self, constitution: Constitution) -> Judge:
        """The same kind of judge for some of the objectives, with other exemplars if need be."""
        names = {objective.name for objective in constitution.objectives}
        recipe = self.models.recipe
        own = {
            key: {at: named for at, named in getattr(recipe.judging, key).items() if at in names}
            for key in ("kinds", "reward_models")
        }
        judging = recipe.judging.model_copy(update=own)
        other = replace(
            self.models,
            recipe=recipe.model_copy(update={"judging": judging}),
            constitution=constitution,
            progress=Silent(),
            _judges={},
        )
        return other.judge(self.model)

    def second_judge(self, model: str, first: str) -> Judge:
        """Another judging model with the same kind of judge.

        Args:
            model: Its name.
            first: The first judge's fingerprint.

        Raises:
            UserError: If it is the first judge over again.
        """
        recipe = self.models.recipe
        own = recipe.judging.model_copy(update={"model": "policy"})
        other = replace(self.models, recipe=recipe.model_copy(update={"judging": own}), _judges={})
        judge = other.judge(model)
        if judge.fingerprint == first:
            raise UserError(
                f"the second judge {model} is the first one over again; name another model"
            )
        return judge

    @contextmanager
    def fresh_judge(self) -> Iterator[Judge]:
        """The judge, built again and without memory of calls made before."""
        with (
            TemporaryDirectory() as folder,
            CallStore(Path(folder) / CALLS) as calls,
        ):
            again = LoadedModels(
                self.models.recipe,
                self.constitution,
                calls,
                Silent(),
                self._forgetful,
                self.models.base,
            )
            yield again.judge(self.model)

    def _forgetful(self, model: str) -> Engine:
        """The engine without its memory of finished calls."""
        engine = self.models.engine(model)
        return engine.engine if isinstance(engine, RecordedEngine) else engine
