"""Writes down what a comparison is about, and refuses a command about something else."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from primum.compare.layout import PROMPTS
from primum.compare.runs.methods import Common, Method, load_methods
from primum.compare.runs.plan import (
    ComparisonPlan,
    changed,
    extended,
    planned,
    read_plan,
    write_plan,
)
from primum.compare.runs.prompts import heldout_digest, prompts_digest, split_prompts
from primum.constitution import Constitution
from primum.errors import UserError
from primum.progress import Progress
from primum.prompts import PromptSource
from primum.run.inputs import Inputs, prepare_inputs
from primum.store.files import write_table


def agree(
    out: Path,
    methods: Sequence[Method],
    seeds: Sequence[int],
    prompts: PromptSource,
    model: str,
    constitution: Constitution,
    common: Common,
    progress: Progress,
) -> dict[str, Inputs]:
    """Checks that the folder is about the same, and writes down what is added.

    Args:
        out: The comparison, whose lock is held.
        methods: Those of this command.
        seeds: Of the runs.
        prompts: Their source.
        model: The starting model's name.
        constitution: The objectives.
        common: What all methods are laid over and under.
        progress: Is told what changes.

    Returns:
        The inputs of every method's runs, by name.

    Raises:
        UserError: If an input is wrong, or the folder is about something else.
    """
    measure = methods[0].recipe
    table, notes = split_prompts(prompts, heldout=measure.heldout, seed=measure.seed)
    rows = table.to_pylist()
    inputs = {
        method.name: prepare_inputs(rows, model, constitution, method.recipe, ())
        for method in methods
    }
    first = inputs[methods[0].name]
    new = ComparisonPlan(
        model=model,
        model_fingerprint=first.fingerprint,
        constitution=constitution.name,
        constitution_fingerprint=constitution.fingerprint,
        recipe=None if common.recipe is None else str(common.recipe),
        methods=planned(methods),
        seeds=tuple(sorted(seeds)),
        prompts=prompts_digest(table),
        heldout=heldout_digest(prompt.prompt_id for prompt in first.heldout),
    )
    known = read_plan(out)
    if known is None:
        write_table(out / PROMPTS, table)
    else:
        new = extended(known, new, out)
        _check_others(known, methods, common, constitution)
        if names := changed(known, new):
            notes = (
                *notes,
                f"the settings of {', '.join(names)} have changed, or primum has: their runs are "
                "made anew as far as they depend on that",
            )
    write_plan(out, new)
    for note in notes:
        progress.note(note)
    return inputs


def _check_others(
    known: ComparisonPlan,
    methods: Sequence[Method],
    common: Common,
    constitution: Constitution,
) -> None:
    """Methods of the folder that this command does not name must be under the same common settings.

    Args:
        known: What the folder holds.
        methods: Those of this command.
        common: What all methods are laid over and under.
        constitution: The objectives.
    """
    named = {method.name for method in methods}
    others = [method for method in known.methods if method.name not in named]
    if not others:
        return
    names = ", ".join(method.name for method in others)
    try:
        now = load_methods([one.reference for one in others], common, constitution)
    except UserError as error:
        raise UserError(
            f"the comparison also holds {names}, whose recipes cannot be read with these settings "
            f"({error}); name these methods, too, with their files"
        ) from error
    stale = changed(known, replace(known, methods=planned(now)))
    if stale:
        raise UserError(
            f"the comparison also holds {', '.join(stale)}, made with other settings than this "
            "command's; name these methods, too, so that they are made anew, or repeat the recipe "
            "and the settings that they were made with"
        )
