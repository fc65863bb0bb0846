from dataclasses import replace

import pyarrow as pa

from primum.report.page import assemble, render
from primum.report.thoughts import ThoughtScores, thought_scores
from primum.store.schemas import SCORES
from tests.report.sample import empty_run, make_run


def scored(**values):
    rows = [
        {"response_id": name, "prompt_id": "p", "objective": "harmless", "value": value}
        for name, value in values.items()
    ]
    return pa.Table.from_pylist(rows, schema=SCORES)


def test_thoughts_stand_beside_their_answers_and_are_never_mixed_with_them():
    run = make_run()
    tables = {"scores": scored(a=8.0, b=4.0, c=1.0), "thought_scores": scored(a=2.0, b=4.0, c=None)}
    found = replace(run, tables={**run.tables, **tables})
    assert thought_scores(found) == (ThoughtScores("harmless", "3.00", "6.00", "2", "1"),)
    unread = {**tables, "scores": scored(a=8.0, b=None, c=1.0)}
    [row] = thought_scores(replace(run, tables={**run.tables, **unread}))
    assert (row.n, row.missing) == ("1", "2")
    assert "What was thought" in render(assemble(found))
    assert assemble(found).effects == assemble(run).effects


def test_nothing_is_said_where_no_thought_was_scored():
    for run in (make_run(), empty_run()):
        assert thought_scores(run) == ()
        assert "What was thought" not in render(assemble(run))
