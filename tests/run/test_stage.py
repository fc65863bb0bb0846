"""A stage is handed what it declares, and runs again when that changes and only then."""

from dataclasses import replace

import pyarrow as pa
import pytest

from primum.constitution import load_constitution
from primum.messages import Message
from primum.progress import Silent
from primum.prompts import Prompt
from primum.recipe import Recipe
from primum.recipe.schema import Sampling
from primum.run.declared import UndeclaredError
from primum.run.directory import open_run
from primum.run.inputs import Inputs
from primum.run.layout import PAIRS, PROMPTS
from primum.run.plan import steps
from primum.run.stage import Stage, Step, is_finished, run_step

TABLE = pa.table({"x": [1]})


@pytest.fixture
def inputs():
    prompt = Prompt("p", (Message("user", "Hello?"),), None, "train")
    return Inputs(
        model="model",
        fingerprint="weights",
        constitution=load_constitution("harmless-helpful"),
        recipe=Recipe(),
        train=(prompt,),
        heldout=(),
        duplicates=0,
    )


def run_once(tmp_path, given_inputs, body, **declared):
    """Runs a stage of one's own, if it has to run; says whether it did."""
    step = Step(Stage("own", body, **declared), 1, "", given_inputs.model)
    with open_run(tmp_path / "run", given_inputs.identity) as run:
        if is_finished(step, run, given_inputs):
            return False
        run_step(step, run, given_inputs, None, Silent())
        return True


@pytest.mark.parametrize(
    "body",
    [
        lambda given: {"n": given.settings.sampling.top_p},
        lambda given: {"n": given.settings.seed},
        lambda given: {"n": given.settings.model_dump()},
        lambda given: {"n": len(given.inputs.heldout)},
        lambda given: {"n": given.inputs.recipe.seed},
        lambda given: {"n": given.policy},
        lambda given: {"n": given.round},
        lambda given: {"n": given.table(PROMPTS).num_rows},
        lambda given: {"n": str(given.path(PAIRS))},
        lambda given: given.put_table(PAIRS, TABLE),
        lambda given: {"n": len(list(given.parts(PROMPTS)))},
        lambda given: given.writer(PAIRS, TABLE.schema),
        lambda given: given.models.engine("model"),
    ],
)
def test_reading_what_was_not_declared_fails_at_once(tmp_path, inputs, body):
    with pytest.raises(UndeclaredError, match="own"):
        run_once(tmp_path, inputs, body, settings=("sampling.n",), inputs=("train",))
    with open_run(tmp_path / "run", inputs.identity) as run:
        assert run.records == {}


def test_what_was_declared_can_be_read(tmp_path, inputs):
    found = {}

    def body(given):
        found.update(
            n=given.settings.sampling.n,
            judging=given.settings.judging,
            train=given.inputs.train,
            policy=given.policy,
        )
        given.put_table(PROMPTS, TABLE)
        return {}

    declared = {"settings": ("sampling.n", "judging"), "inputs": ("train", "policy")}
    assert run_once(tmp_path, inputs, body, writes=(PROMPTS,), **declared)
    recipe = inputs.recipe
    assert found == {
        "n": recipe.sampling.n,
        "judging": recipe.judging,
        "train": inputs.train,
        "policy": "model",
    }


def test_a_stage_runs_again_for_what_it_declares_and_for_nothing_else(tmp_path, inputs):
    declared = {"settings": ("sampling.n",), "inputs": ("train",)}

    def ran(changed):
        return run_once(tmp_path, changed, lambda given: {}, **declared)

    def sampling(**settings):
        return replace(inputs, recipe=Recipe(sampling=Sampling(**settings)))

    assert ran(inputs)
    assert not ran(inputs)
    assert not ran(sampling(top_p=0.5))
    assert not ran(replace(inputs, duplicates=3))
    assert ran(sampling(n=7))
    assert not ran(sampling(n=7))
    assert ran(replace(sampling(n=7), train=()))


def test_a_stage_runs_again_when_its_file_is_gone_and_when_an_earlier_one_wrote_another(
    tmp_path, inputs
):
    def write(number):
        def body(given):
            given.put_table(PROMPTS, pa.table({"x": [number]}))
            return {}

        return body

    def first(number):
        step = Step(Stage("first", write(number), writes=(PROMPTS,)), 1, "", "model")
        with open_run(tmp_path / "run", inputs.identity) as run:
            run_step(step, run, inputs, None, Silent())

    def second():
        return run_once(tmp_path, inputs, lambda given: {}, reads=(PROMPTS,))

    first(1)
    assert second()
    first(1)
    assert not second()
    first(2)
    assert second()
    step = Step(Stage("first", write(2), writes=(PROMPTS,)), 1, "", "model")
    with open_run(tmp_path / "run", inputs.identity) as run:
        assert is_finished(step, run, inputs)
        (run.path / PROMPTS).unlink()
        assert not is_finished(step, run, inputs)


def test_a_stage_that_fails_is_not_recorded(tmp_path, inputs):
    def fail(given):
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        run_once(tmp_path, inputs, fail)
    with open_run(tmp_path / "run", inputs.identity) as run:
        assert "own" not in run.records


def test_the_steps_of_two_rounds(tmp_path):
    plan = list(steps("start", 2, tmp_path))
    assert [step.name for step in plan] == [
        "prompts",
        *(f"iteration-1/{name}" for name in ("synthesis", "thoughts", "filters", "pairs", "train")),
        *("synthesis", "thoughts", "filters", "pairs", "train"),
        *("evaluate", "guard", "label", "gate", "report"),
    ]
    first, last = str(tmp_path / "iteration-1" / "model"), str(tmp_path / "model")
    assert [step.policy for step in plan] == ["start"] * 6 + [first] * 5 + [last] * 5


def test_every_file_that_a_stage_reads_is_written_by_one_before_it(tmp_path):
    written = {"manifest.json", "calls.sqlite"}
    for step in steps("start", 2, tmp_path):
        assert {step.place(file) for file in step.stage.reads} <= written, step.name
        written |= {step.place(file) for file in step.stage.writes}
