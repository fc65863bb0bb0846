"""Thoughts are scored in a table of their own, and only where that is wanted."""

import pyarrow as pa
import pytest

from primum.constitution import load_constitution
from primum.judging import Score
from primum.messages import Message
from primum.progress import Silent
from primum.prompts import Prompt
from primum.recipe import Recipe
from primum.recipe.schema import Judging
from primum.run.directory import open_run
from primum.run.inputs import Inputs
from primum.run.layout import RESPONSES, THOUGHT_SCORES
from primum.run.stage import Step, run_step
from primum.run.stages.thoughts import STAGE
from primum.store import schemas

ROWS = [
    {"response_id": "a", "thought": "law and health"},
    {"response_id": "b", "thought": None},
    {"response_id": "c", "thought": ""},
    {"response_id": "d", "thought": "never closed", "missing": "the thought was not closed"},
]


class Lengths:
    """Judges by length; counts who asks for it."""

    def __init__(self):
        self.seen = []

    def judge(self, name):
        return Judge(self.seen)


class Judge:
    fingerprint = "lengths"

    def __init__(self, seen):
        self.seen = seen

    def judge(self, items):
        for at, item in enumerate(items):
            self.seen.append(item)
            yield at, (Score(float(len(item.response))), Score(None, missing="no idea"))


@pytest.mark.parametrize("wanted", [True, False])
def test_thoughts_are_scored_apart(tmp_path, wanted):
    prompt = Prompt("p", (Message("user", "Hello?"),), None, "train")
    inputs = Inputs(
        model="model",
        fingerprint="weights",
        constitution=load_constitution("harmless-helpful"),
        recipe=Recipe(judging=Judging(thoughts=wanted)),
        train=(prompt,),
        heldout=(),
        duplicates=0,
    )
    models = Lengths()
    rows = [{"prompt_id": "p", "text": "an answer", **row} for row in ROWS]
    with open_run(tmp_path / "run", inputs.identity) as run:
        run.put_table(RESPONSES, pa.Table.from_pylist(rows, schema=schemas.RESPONSES))
        run_step(Step(STAGE, 1, "", "model"), run, inputs, models, Silent())
        table = run.table(THOUGHT_SCORES)
    assert table.schema == schemas.SCORES
    assert [item.response for item in models.seen] == (["law and health"] if wanted else [])
    assert table.column("value").to_pylist() == ([14.0, None] if wanted else [])
