"""Which rise the held-out prompts of a run will show."""

from pathlib import Path

from primum.errors import UserError
from primum.evaluation.gate import levels_of
from primum.evaluation.strength import before_a_run
from primum.evaluation.summary import read_evaluation
from primum.run.inputs import Inputs
from primum.run.layout import GATE


def power(inputs: Inputs, run: Path) -> str:
    """Which rise the held-out prompts will show, in a sentence.

    Args:
        inputs: The inputs of the run.
        run: The run directory; how far gains differ is known from a run that it holds.
    """
    # One examiner always judges, beside those that the recipe names.
    examiners = 1 + len(inputs.recipe.gate.judges)
    objectives = len(inputs.constitution.objectives)
    levels = levels_of(inputs.recipe.evaluation, objectives, examiners, inputs.recipe.seed)
    return before_a_run(len(inputs.heldout), levels.superiority, _spread(run))


def _spread(run: Path) -> float | None:
    """How far gains on the first objective differed, by the examiner that saw them differ least."""
    try:
        found = read_evaluation(run / GATE)
    except UserError:
        return None
    spreads = [shown.spread for shown in found.objectives[0].by] if found.objectives else []
    return min((spread for spread in spreads if spread), default=None)
