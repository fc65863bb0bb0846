"""A finished step of a sibling run is taken over, and nothing but that."""

import json
from dataclasses import replace

import pytest

from primum.progress import Silent
from primum.run.directory import open_run
from primum.run.executing.adoption import ADOPTED_FROM, Sibling, adopt
from primum.run.inputs import prepare_inputs
from primum.run.stage import Stage, Step, fingerprint, is_finished, run_step
from primum.run.stages import label, report
from tests.run.small_job import FAST, PROMPTS, write_constitution

IDENTITY = {"model": "m", "constitution": "c", "recipe": "r"}
FILES = ("table.txt", "folder")


def write(given):
    given.path("table.txt").write_text("a table")
    given.path("folder").mkdir(exist_ok=True)
    (given.path("folder") / "part").write_text("a part")
    return {"rows": 3}


STAGE = Stage(
    name="make", body=write, settings=("pairing",), inputs=("constitution",), writes=FILES
)


@pytest.fixture(scope="module")
def inputs(tiny_folder, tmp_path_factory):
    goals = write_constitution(tmp_path_factory.mktemp("goals") / "goals.yaml")
    return prepare_inputs(PROMPTS, str(tiny_folder), goals, None, FAST)


@pytest.fixture
def sibling(tmp_path, inputs):
    """A run that has finished the stage in its first round of two."""
    path = tmp_path / "first"
    with open_run(path, IDENTITY) as run:
        (path / "iteration-1").mkdir()
        run_step(Step(STAGE, 1, "iteration-1", "m"), run, inputs, None, Silent())
    return Sibling("spa/0", path)


def attempt(tmp_path, inputs, *siblings, stage=STAGE):
    """Whether the step was adopted, the new run, and its records."""
    step = Step(stage, 1, "", "m")
    with open_run(tmp_path / "second", IDENTITY) as run:
        taken = adopt(step, run, inputs, siblings)
        assert is_finished(step, run, inputs) == taken
        assert run.executed == []
        assert not (run.path / ".adopted").exists()
        return taken, run


def test_files_and_record_are_taken_over_from_whichever_round(tmp_path, inputs, sibling):
    taken, run = attempt(tmp_path, inputs, Sibling("absent", tmp_path / "absent"), sibling)
    assert taken
    assert (run.path / "table.txt").read_text() == "a table"
    assert (run.path / "folder" / "part").read_text() == "a part"
    with open_run(tmp_path / "second", IDENTITY) as again:
        record = again.records["make"]
    assert set(record.outputs) == set(FILES)
    assert record.facts == {"rows": 3, ADOPTED_FROM: "spa/0"}
    third = Sibling("dpo/0", run.path)
    with open_run(tmp_path / "third", IDENTITY) as last:
        assert adopt(Step(STAGE, 1, "", "m"), last, inputs, [third])
        # The run that made it, not the one that it was copied from.
        assert last.records["make"].facts[ADOPTED_FROM] == "spa/0"


def test_what_is_replaced_later_in_one_run_stays_as_it_is_in_the_other(tmp_path, inputs, sibling):
    taken, run = attempt(tmp_path, inputs, sibling)
    assert taken
    with open_run(sibling.path, IDENTITY) as first:
        (tmp_path / "new").write_text("another table")
        first.put("iteration-1/table.txt", tmp_path / "new")
    assert (run.path / "table.txt").read_text() == "a table"


@pytest.mark.parametrize("name", ["table.txt", "folder/part"])
@pytest.mark.parametrize("change", ["changed", "lost"])
def test_what_is_not_as_it_was_recorded_is_not_taken(tmp_path, inputs, sibling, name, change):
    file = sibling.path / "iteration-1" / name
    file.unlink()
    if change == "changed":
        file.write_text("something else")
    taken, run = attempt(tmp_path, inputs, sibling)
    assert not taken
    assert not (run.path / "table.txt").exists()


def test_other_settings_adopt_nothing(tmp_path, inputs, sibling):
    pairing = inputs.recipe.pairing.model_copy(update={"delta": 2.5})
    other = replace(inputs, recipe=inputs.recipe.model_copy(update={"pairing": pairing}))
    assert not attempt(tmp_path, other, sibling)[0]


def test_a_damaged_manifest_is_passed_over(tmp_path, inputs, sibling):
    (sibling.path / "manifest.json").write_text("{")
    assert not attempt(tmp_path, inputs, sibling)[0]


def test_a_manifest_names_no_path_outside_its_run(tmp_path, inputs, sibling):
    file = sibling.path / "manifest.json"
    content = json.loads(file.read_text())
    record = content["stages"].pop("iteration-1/make")
    outside = {
        f"../first/iteration-1/{name}": record["outputs"][f"iteration-1/{name}"] for name in FILES
    }
    content["stages"]["../first/iteration-1/make"] = {**record, "outputs": outside}
    file.write_text(json.dumps(content))
    assert not attempt(tmp_path, inputs, sibling)[0]


@pytest.mark.parametrize("stage", [label.STAGE, report.STAGE], ids=lambda stage: stage.name)
def test_people_s_labels_and_the_report_are_each_run_s_own(tmp_path, inputs, stage):
    own = replace(STAGE, name=stage.name)
    step = Step(own, 1, "", "m")
    with open_run(tmp_path / "first", IDENTITY) as run:
        run_step(step, run, inputs, None, Silent())
        assert run.records[stage.name].inputs == fingerprint(step, run, inputs)
    assert not attempt(tmp_path, inputs, Sibling("spa/0", tmp_path / "first"), stage=own)[0]
