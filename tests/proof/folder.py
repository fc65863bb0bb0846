"""A folder as a gate leaves it, for tests."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.gate import decide
from primum.evaluation.gathering import gather
from primum.evaluation.hashes import SETTINGS, settings_hash, table_hashes, versions
from primum.evaluation.judges_file import write_judges
from primum.evaluation.summary import write_evaluation
from primum.recipe import Recipe, dump_recipe
from primum.recipe.schema import Evaluation
from primum.store.files import read_table, write_table, write_text
from primum.store.schemas import GUARD_VALUES, LABELS
from tests.evaluation.tables import EXAMINER, TEACHER, answers_of, judgements_of

OBJECTIVES = ("safe", "kind")
RECIPE = Recipe(evaluation=Evaluation(bootstrap=200), seed=3)


def write_gate(folder, *, gains=(0.6, 0.1), prompts=30, hashed=True):
    """Writes the files of a gate, and gives its verdict."""
    rng = np.random.default_rng(1)
    before = {name: list(rng.normal(5, 1, prompts)) for name in OBJECTIVES}
    after = {
        name: list(np.array(before[name]) + rng.normal(gain, 0.4, prompts))
        for name, gain in zip(OBJECTIVES, gains, strict=True)
    }
    answers = answers_of(
        {
            # The guards of form find nothing lost.
            BEFORE: [f"{place} of them." for place in range(prompts)],
            AFTER: [f"{place} of these." for place in range(prompts)],
        }
    )
    judgements = pa.concat_tables(
        judgements_of({BEFORE: before, AFTER: after}, judge) for judge in ("examiner", "teacher")
    )
    judges = (TEACHER, EXAMINER)
    settings = {"gate": RECIPE.gate, "evaluation": RECIPE.evaluation, "seed": RECIPE.seed}
    guards, labels = GUARD_VALUES.empty_table(), LABELS.empty_table()
    evidence = gather(
        OBJECTIVES, answers, judgements, judges, guard_values=guards, labels=labels, **settings
    )
    result = decide(evidence, RECIPE.gate, RECIPE.evaluation, RECIPE.seed)
    if hashed:
        hashes = table_hashes(answers, judgements, guards, judges)
        hashes[SETTINGS] = settings_hash(**settings)
        result = replace(result, evidence=hashes, versions=versions())
    for name, table in (("answers", answers), ("judgements", judgements), ("guards", guards)):
        write_table(folder / f"{name}.parquet", table)
    write_judges(judges, folder / "judges.json")
    write_text(folder / "recipe.yaml", dump_recipe(RECIPE))
    write_evaluation(result, folder / "evaluation.json")
    return result


def change(file, column, place, value):
    """Changes one cell of a table."""
    table = read_table(file)
    cells = table.column(column).to_pylist()
    cells[place] = value
    at = table.schema.get_field_index(column)
    write_table(
        file,
        table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.field(at).type)),
    )
