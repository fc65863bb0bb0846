"""Runs the stages of a run with stand-ins in the models' places: what would they ask for?"""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from primum.cache import cache_folder
from primum.engines.base import Engine, GenerateRequest, SequenceClassifier
from primum.engines.build import build_engine
from primum.engines.local.classifier import load_classifier
from primum.forecast.standin import Asked, Notebook, StandIn, StandInClassifier, unread
from primum.messages import Message, Messages
from primum.progress import Silent
from primum.run.directory import RunDirectory
from primum.run.inputs import Inputs
from primum.run.layout import CALLS, MODEL, of_seed
from primum.run.models import LoadedModels
from primum.run.plan import steps
from primum.run.stage import given_to
from primum.store.calls import CallStore, Work

_WORD = "the "
_WORDS = 64


@dataclass
class RealModels:
    """The models of a run, each loaded once.

    Args:
        inputs: The inputs of the run.
        load: Makes an engine from a model's name, in the place of the recipe's engine.

    Attributes:
        engines: Those loaded so far, by name.
        classifiers: Reward models loaded so far, by name.
        loading_seconds: How long loading them took.
    """

    inputs: Inputs
    load: Callable[[str], Engine | None] | None
    engines: dict[str, Engine] = field(default_factory=dict)
    classifiers: dict[str, SequenceClassifier] = field(default_factory=dict)
    loading_seconds: float = 0.0
    _counts: dict[str, Callable[[Messages], int]] = field(default_factory=dict)

    def engine(self, name: str) -> Engine:
        """An engine."""
        if name not in self.engines:
            began = time.monotonic()
            settings = self.inputs.recipe.engine
            self.engines[name] = (self.load and self.load(name)) or build_engine(settings, name)
            self.loading_seconds += time.monotonic() - began
            self._counts[name] = cache(self.engines[name].count)
        return self.engines[name]

    def classifier(self, name: str) -> SequenceClassifier:
        """A reward model."""
        if name not in self.classifiers:
            began = time.monotonic()
            place = self.inputs.recipe.engine
            self.classifiers[name] = load_classifier(
                name,
                device=place.device,
                dtype=place.dtype,
                trust_remote_code=place.trust_remote_code,
            )
            self.loading_seconds += time.monotonic() - began
        return self.classifiers[name]

    def count(self, name: str) -> Callable[[Messages], int]:
        """Length of conversations for a model; each one is counted once."""
        self.engine(name)
        return self._counts[name]


@dataclass(frozen=True)
class Rehearsal:
    """What a run would ask for.

    Attributes:
        asked: Every call that it would make.
        hits: Requests that finished calls answer, by stage and purpose.
        stored_bytes: How much `calls.sqlite` would grow.
    """

    asked: tuple[Asked, ...]
    hits: dict[tuple[str, str], int]
    stored_bytes: int


def rehearse(
    inputs: Inputs, models: RealModels, run: Path, length: Callable[[GenerateRequest], int]
) -> Rehearsal:
    """Goes through the stages of a run that call models.

    Nothing is written into the run directory or into the user's cache. Calls that the base model
    or another judge has finished are known from a copy of the run's store; those of a model that
    training makes are taken to be still to be made.

    Args:
        inputs: The inputs of the run.
        models: Its models.
        run: The run directory, which need not exist.
        length: Tokens of the answer to a request.

    Raises:
        UserError: As the run itself, where an input is wrong.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        _copy_store(run, folder)
        with CallStore(folder / CALLS) as calls:
            before, size = calls.work(), calls.size
            low, high = inputs.constitution.scale
            notebook = Notebook(
                stage=lambda: calls.stage,
                length=length,
                words=_words(models.count(inputs.model)),
                rating=f"Rating: {fmean((low, high)):g}",
            )
            _go_through(inputs, models, calls, notebook, folder)
            hits = _new_hits(before, calls.work())
            return Rehearsal(tuple(notebook.asked), hits, calls.size - size)


def _go_through(
    inputs: Inputs, models: RealModels, calls: CallStore, notebook: Notebook, folder: Path
) -> None:
    """The run's own list of stages; those that call no model have nothing to ask."""
    recipe, seeds = inputs.recipe, inputs.recipe.seeds
    plan = list(steps(inputs.model, recipe.iterations, folder, seeds, recipe.method))
    further = {str(folder / of_seed(MODEL, seed)) for seed in range(2, seeds + 1)}
    trained = {step.policy for step in plan} - {inputs.model} | further
    run = RunDirectory(folder, inputs.identity)
    with _stand_ins(inputs, models, calls, notebook, trained, _copy_probes(folder)) as stand_ins:
        for step in plan:
            if step.stage.asks:
                with calls.during(step.name):
                    step.stage.body(given_to(step, run, inputs, stand_ins, Silent()))
            else:
                stand_ins.release()


def _stand_ins(
    inputs: Inputs,
    models: RealModels,
    calls: CallStore,
    notebook: Notebook,
    trained: set[str],
    probes: Path,
) -> LoadedModels:
    """Stand-ins for all models, those among them that training has yet to make."""

    def load(name: str) -> Engine:
        behind = inputs.model if name in trained else name
        engine = models.engine(behind)
        fingerprint = engine.fingerprint if behind == name else f"{engine.fingerprint}{name}"
        return StandIn(engine, behind, fingerprint, models.count(behind), notebook)

    return LoadedModels(
        inputs.recipe,
        inputs.constitution,
        calls,
        Silent(),
        load,
        base=inputs.model,
        classifier=lambda name: StandInClassifier(models.classifier(name), name, notebook),
        function=unread,
        probes=probes,
    )


def _copy_store(run: Path, folder: Path) -> None:
    """Copies the finished calls: even reading the store would leave a file beside it."""
    for name in (CALLS, f"{CALLS}-wal"):
        if (run / name).exists():
            shutil.copyfile(run / name, folder / name)


def _copy_probes(folder: Path) -> Path:
    """A folder with the probes that were fitted before; those of stand-ins stay in it."""
    probes = folder / "probes"
    probes.mkdir()
    for file in cache_folder("probes").glob("*.npz"):
        (probes / file.name).symlink_to(file)
    return probes


def _words(count: Callable[[Messages], int]) -> Callable[[int], str]:
    """Texts of about so many tokens."""
    lengths = [count((Message("user", _WORD * words),)) for words in (1, 1 + _WORDS)]
    per_word = max((lengths[1] - lengths[0]) / _WORDS, 1 / _WORDS)
    return lambda tokens: (_WORD * round(tokens / per_word)).strip()


def _new_hits(before: Iterable[Work], after: Iterable[Work]) -> dict[tuple[str, str], int]:
    known = {(work.stage, work.purpose): work.hits for work in before}
    found = {(work.stage, work.purpose): work.hits for work in after}
    return {place: hits - known.get(place, 0) for place, hits in found.items()}
