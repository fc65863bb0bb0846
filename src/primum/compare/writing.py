"""Writes what a comparison found into its folder."""

from primum.compare.finished import ComparedRuns
from primum.compare.table import MethodTable, method_table
from primum.compare.views.files import write_results
from primum.evaluation.comparing.utility import LAMBDAS
from primum.recipe import load_recipe
from primum.run.layout import RECIPE

RESAMPLES = 2000
"""A choice: with 25 methods and three seeds the ten thousand of the gate take minutes."""


def write_method_table(comparison: ComparedRuns) -> MethodTable:
    """Makes the table of methods from all that is finished, and writes it in every form.

    Intervals are as sure as the recipe of the first run asks.

    Args:
        comparison: What the folder holds by now; at least one run.

    Raises:
        UserError: If the runs cannot stand in one table.
    """
    settings = load_recipe(comparison.finished[0].path / RECIPE)
    table = method_table(
        comparison.finished,
        lambdas=LAMBDAS,
        confidence=settings.evaluation.confidence,
        resamples=min(settings.evaluation.bootstrap, RESAMPLES),
        seed=settings.seed,
        missing=comparison.missing,
    )
    write_results(table, comparison.path)
    return table
