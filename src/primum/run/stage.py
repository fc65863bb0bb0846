"""A stage: what it depends on, what it writes, and a body that is handed nothing else."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import pyarrow as pa

from primum.engines.base import Engine
from primum.judging.base import Judge
from primum.judging.facts import Examiner
from primum.machine import disk_errors
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Recipe
from primum.run.declared import Declared, UndeclaredError
from primum.run.directory import RunDirectory, digest_path
from primum.run.inputs import Inputs
from primum.store.calls import Spent
from primum.store.files import TableParts, digest_json
from primum.store.manifest import StageRecord

StageFacts = Mapping[str, Any]
"""Counts worth keeping in the manifest, as plain data."""

SPENT = "spent"
"""The fact that says how many tokens a stage's calls read and wrote; see `store.calls.Spent`."""


class Models(Protocol):
    """Where a stage gets engines and judges; see `run.models.LoadedModels`."""

    def engine(self, model: str) -> Engine:
        """The engine that runs a model."""
        ...

    def local_engine(self, model: str) -> Engine:
        """The engine that runs a model on this machine, whatever the recipe says."""
        ...

    def judge(self, model: str) -> Judge:
        """The judge for a policy."""
        ...

    def teacher(self, model: str) -> Examiner:
        """The judge for a policy, and how far to trust it."""
        ...

    def examiners(self, model: str) -> Sequence[Examiner]:
        """Judges that did not make the pairs of a run that starts from a model."""
        ...


@dataclass(frozen=True)
class Stage:
    """A step of a run.

    Whether it has to run again follows from these declarations alone, so that its body is handed
    what they name and nothing else: reading anything more fails at once.

    Attributes:
        name: What the manifest calls it.
        body: Does the work; returns facts for the manifest.
        settings: Dotted names of the recipe's settings that it reads, or of whole sections.
        inputs: What it reads of the run's inputs, beside the settings: fields of `Inputs`,
            `policy` (the model as it is by then), `round` (its number), `prompts` (its training
            prompts), `judge` and `examiners` (other models and functions that judge), `asked` (what
            guards ask of models).
        reads: Files of earlier stages that it reads.
        writes: Files and folders that it writes.
        scratch: Files that it may leave besides, on which nothing depends.
        asks: Whether it calls models.
    """

    name: str
    body: Callable[["Given"], StageFacts]
    settings: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    scratch: tuple[str, ...] = ()
    asks: bool = False


@dataclass(frozen=True)
class Step:
    """A stage at its place in a run.

    Attributes:
        stage: The stage.
        round: The round that it belongs to, counted from 1.
        folder: Where its files lie, relative to the run; empty for the run itself.
        policy: The model as it is when the step begins.
    """

    stage: Stage
    round: int
    folder: str
    policy: str

    @property
    def name(self) -> str:
        """What manifest and call store book it under, such as `iteration-1/synthesis`."""
        return self.place(self.stage.name)

    def place(self, file: str) -> str:
        """A file of this step's round, relative to the run."""
        return f"{self.folder}/{file}" if self.folder else file


@dataclass(frozen=True)
class Given:
    """All that a stage's body can reach.

    Attributes:
        settings: The declared settings.
        inputs: The declared inputs.
        progress: Is told how far the stage is.
    """

    settings: Recipe
    inputs: Inputs
    progress: Progress
    _step: Step
    _run: RunDirectory
    _models: Models
    _prompts: tuple[Prompt, ...]

    @property
    def policy(self) -> str:
        """The model as it is by now."""
        self._check("policy", self._step.stage.inputs)
        return self._step.policy

    @property
    def round(self) -> int:
        """The number of the round, counted from 1."""
        self._check("round", self._step.stage.inputs)
        return self._step.round

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The training prompts of the round."""
        self._check("prompts", self._step.stage.inputs)
        return self._prompts

    @property
    def models(self) -> Models:
        """Engines and judges."""
        if not self._step.stage.asks:
            raise UndeclaredError(f"the stage {self._step.stage.name!r} does not say that it asks")
        return self._models

    def table(self, file: str) -> pa.Table:
        """A table of an earlier stage."""
        self._check(file, self._step.stage.reads)
        return self._run.table(self._step.place(file))

    def parts(self, file: str, columns: Sequence[str] | None = None) -> TableParts:
        """A table of an earlier stage, part by part, where all of it may not fit into memory.

        Args:
            file: The file.
            columns: Names of the columns wanted; None for all.
        """
        self._check(file, self._step.stage.reads)
        return self._run.parts(self._step.place(file), columns)

    def path(self, file: str) -> Path:
        """Where a file lies that the stage declares."""
        stage = self._step.stage
        self._check(file, (*stage.reads, *stage.writes, *stage.scratch))
        return self._run.path / self._step.place(file)

    def put_table(self, file: str, table: pa.Table) -> None:
        """Writes a table, whole or not at all."""
        self._check(file, self._step.stage.writes)
        self._run.put_table(self._step.place(file), table)

    def writer(
        self, file: str, schema: pa.Schema
    ) -> AbstractContextManager[Callable[[pa.Table], None]]:
        """Writes a table part by part, whole or not at all.

        Args:
            file: The file.
            schema: Of every part.
        """
        self._check(file, self._step.stage.writes)
        return self._run.writer(self._step.place(file), schema)

    def _check(self, name: str, declared: Sequence[str]) -> None:
        if name not in declared:
            raise UndeclaredError(
                f"the stage {self._step.stage.name!r} uses {name!r}, which it does not declare"
            )


def given_to(
    step: Step, run: RunDirectory, inputs: Inputs, models: Models, progress: Progress
) -> Given:
    """What the body of a step is handed.

    Args:
        step: The step.
        run: Where files are read and written.
        inputs: The inputs of the run; the declared ones are passed on.
        models: Engines and judges.
        progress: Is told how far the stage is.
    """
    stage = step.stage
    whole = set(stage.settings) == set(Recipe.model_fields)
    settings = inputs.recipe if whole else Declared(inputs.recipe, stage.settings, stage.name)
    named = Declared(inputs, stage.inputs, stage.name)
    prompts = inputs.train_of(step.round) if "prompts" in stage.inputs else ()
    return Given(cast(Recipe, settings), cast(Inputs, named), progress, step, run, models, prompts)


def is_finished(step: Step, run: RunDirectory, inputs: Inputs) -> bool:
    """Whether the step has finished with just these inputs, and its files are still there.

    Args:
        step: The step.
        run: The run directory.
        inputs: The inputs of the run as they are now.
    """
    known = run.records.get(step.name)
    return (
        known is not None
        and known.inputs == fingerprint(step, run, inputs)
        and all((run.path / step.place(file)).exists() for file in step.stage.writes)
    )


def run_step(
    step: Step,
    run: RunDirectory,
    inputs: Inputs,
    models: Models,
    progress: Progress,
    *,
    spent: Spent | None = None,
) -> None:
    """Runs a step, and records that it is finished.

    Args:
        step: The step.
        run: The run directory.
        inputs: The inputs of the run.
        models: Engines and judges.
        progress: Is told how far the stage is.
        spent: Counts the tokens of the step's calls, for the fact `spent`; None keeps no count.
    """
    wanted = fingerprint(step, run, inputs)
    places = [step.place(file) for file in step.stage.writes]
    run.claim(step.name, places)
    started = time.monotonic()
    with disk_errors(run.path):
        facts = dict(step.stage.body(given_to(step, run, inputs, models, progress)))
    if spent is not None and step.stage.asks:
        facts[SPENT] = asdict(spent)
    outputs = {place: digest_path(run.path / place) for place in places}
    seconds = round(time.monotonic() - started, 3)
    run.record(step.name, StageRecord(wanted, outputs, seconds, facts))


def fingerprint(step: Step, run: RunDirectory, inputs: Inputs) -> str:
    """Identifies all that a step depends on: settings, inputs, and the files that it reads.

    Args:
        step: The step.
        run: Knows what the files of earlier steps hold.
        inputs: The inputs of the run.
    """
    stage = step.stage
    return digest_json(
        {
            "stage": stage.name,
            "settings": inputs.settings(stage.settings),
            "inputs": {
                name: inputs.identify(name, policy=step.policy, round_number=step.round)
                for name in stage.inputs
            },
            "reads": {file: run.digest(step.place(file)) for file in stage.reads},
        }
    )
