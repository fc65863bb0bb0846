"""Writes the report and the model card, from the run's files alone."""

from primum.recipe import Recipe
from primum.report.model_card import write_model_card
from primum.report.page import write_report
from primum.run.layout import CALLS, CARD, GATE, MANIFEST, REPORT, TABLES, TRAINING
from primum.run.reading import run_data, tables_of
from primum.run.stage import Given, Stage, StageFacts


def write_pages(given: Given) -> StageFacts:
    """The report and the model card."""
    data = run_data(
        given.settings,
        {name: given.table(TABLES[name]) for name in tables_of(given.settings)},
        manifest=given.path(MANIFEST),
        training=given.path(TRAINING) if given.settings.method == "train" else None,
        gate=given.path(GATE),
        calls=given.path(CALLS),
    )
    write_report(data, given.path(REPORT))
    write_model_card(data, given.path(CARD))
    return {}


STAGE = Stage(
    name="report",
    body=write_pages,
    settings=tuple(Recipe.model_fields),
    reads=(*TABLES.values(), TRAINING, GATE, MANIFEST, CALLS),
    writes=(REPORT, CARD),
)
