"""`primum gate RUN --labels FILE`: the gate decided again, with what people say."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from primum.constitution import load_constitution
from primum.errors import UserError
from primum.evaluation.hashes import MODEL_BEFORE
from primum.evaluation.people import PEOPLE
from primum.evaluation.summary import read_evaluation
from primum.progress import Silent
from primum.proof.labels.read import read_labels
from primum.recipe import load_recipe
from primum.run.directory import (
    RunDirectory,
    check_finished,
    digest_path,
    open_run,
    read_manifest,
)
from primum.run.inputs import Inputs
from primum.run.layout import ANSWERS, CONSTITUTION, GATE, LABELS, RECIPE
from primum.run.outcome import outcome_of
from primum.run.plan import plan_of
from primum.run.stage import Models, Step, is_finished, run_step
from primum.run.stages import gate, label, report
from primum.store.manifest import LAST_STAGE, StageRecord


def add_labels(run: str | Path, files: Sequence[Path]) -> str:
    """Takes labels into a finished run, and makes its verdict, report and model card anew.

    They take the place of labels that were added before: all people's files are named at once. They
    are the output of the stage `label`, so that the same `primum align` finds the run finished, and
    keeps them as long as the answers are the same.

    Args:
        run: A finished run.
        files: Filled sheets, one of each person.

    Returns:
        Who labelled, and how far to trust it, in words.

    Raises:
        UserError: If the run is not finished, or the labels are not of its answers.
    """
    folder = Path(run)
    check_finished(folder)
    manifest = read_manifest(folder)
    inputs = _inputs(folder, manifest["model"])
    identity = {name: manifest[name] for name in inputs.identity}
    with open_run(folder, identity) as opened:
        plan = plan_of(inputs, folder)
        again = [step for step in plan if step.stage.name in (gate.STAGE.name, report.STAGE.name)]
        (kept,) = (step for step in plan if step.stage is label.STAGE)
        _check_unchanged([kept, *again], opened, inputs)
        objectives = [objective.name for objective in inputs.constitution.objectives]
        labels = read_labels(folder, files, opened.table(ANSWERS), objectives)
        record = opened.records[kept.name]
        # The run is unfinished from here on, until the last stage has run again. Should this be
        # cut off, the same `primum align` keeps the labels that lie there, and decides by them.
        del opened.records[LAST_STAGE], opened.records[kept.name]
        opened.save()
        opened.put_table(LABELS, labels)
        outputs = {LABELS: digest_path(folder / LABELS)}
        facts = {"labels": labels.num_rows}
        opened.record(kept.name, StageRecord(record.inputs, outputs, record.seconds, facts))
        for step in again:
            # Neither asks a model.
            run_step(step, opened, inputs, cast(Models, None), Silent())
        result = outcome_of(opened, inputs.recipe).gate
    (facts_of_people,) = (judge for judge in result.judges if judge.name == PEOPLE)
    trust = [f"{name}: {words}" for name, words in facts_of_people.trust.items()]
    return "\n".join([facts_of_people.description, *trust])


def _inputs(run: Path, model: str) -> Inputs:
    """Of a run's inputs, those that its last stages depend on."""
    return Inputs(
        model=model,
        fingerprint=_fingerprint(run / GATE),
        constitution=load_constitution(run / CONSTITUTION),
        recipe=load_recipe(run / RECIPE),
        train=(),
        heldout=(),
        duplicates=0,
    )


def _fingerprint(file: Path) -> str:
    """The starting model's, as the verdict holds it: the model may be elsewhere by now."""
    return read_evaluation(file).evidence.get(MODEL_BEFORE, "") if file.exists() else ""


def _check_unchanged(last: Sequence[Step], run: RunDirectory, inputs: Inputs) -> None:
    """Refuses a run whose last stages would give something else even without labels.

    Args:
        last: These stages.
        run: The run.
        inputs: What they depend on.
    """
    changed = [step.name for step in last if not is_finished(step, run, inputs)]
    if changed:
        raise UserError(
            f"the settings or files of {run.path} have changed since it was finished "
            f"({', '.join(changed)}); run the same primum align again, and then add the labels"
        )
