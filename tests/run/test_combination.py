"""Runs whose objectives are trained apart: one after another, or merged by weight."""

import json
import math

import pyarrow as pa
import pytest
from safetensors.torch import load_file

import primum
from primum.errors import UserError
from primum.export.source import read_source
from primum.progress import Silent
from primum.recipe import load_recipe
from primum.recipe.combination import Combination
from primum.run.checks import check_settings
from primum.run.directory import open_run
from primum.run.inputs import Inputs, prepare_inputs
from primum.run.layout import PAIRS, of_objective
from primum.run.plan import plan_of, steps
from primum.run.reading import read_run
from primum.run.stage import Stage, Step, run_step
from primum.run.stages.apart import apart
from primum.store import schemas
from primum.store.files import read_table
from primum.training.summary import read_summary
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST, PROMPTS, write_constitution
from tests.synthesis.goals import GOALS

APART = (*FAST, "pairing={rule: apart, bin: {within_prompt_sd: 1.5}}")
SOUP = "combination={kind: soup, weights: [6, 4]}"
SEQUENCE = "combination={kind: sequence}"
TRAININGS = ("objectives/1/train", "objectives/2/train")


@pytest.fixture
def align(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")

    def run(*settings, real=False, out="run"):
        return primum.align(
            PROMPTS,
            model=str(tiny_folder),
            constitution=constitution,
            out=tmp_path / out,
            overrides=(*APART, *settings),
            progress=Silent(),
            engine=None if real else lambda name: scripted_engine(name, tmp_path / "log"),
        )

    return run


def plan(run, rounds=1, **settings):
    combination = Combination(**settings)
    return list(steps("start", rounds, run, combination=combination, objectives=2))


def trained(found, run):
    """What trains or merges, and the model that it starts from, relative to the run."""
    return [
        (step.name, step.policy.removeprefix(f"{run}/"))
        for step in found
        if step.name.endswith(("train", "merge", "joined"))
    ]


def test_a_soup_trains_every_objective_from_one_start(tmp_path):
    assert trained(plan(tmp_path, 2, kind="soup"), tmp_path) == [
        *((f"iteration-1/{name}", "start") for name in (*TRAININGS, "merge")),
        *((name, "iteration-1/model") for name in (*TRAININGS, "merge")),
    ]


def test_a_sequence_trains_each_objective_from_the_model_before(tmp_path):
    one, two = TRAININGS
    found = plan(tmp_path, kind="sequence")
    assert trained(found, tmp_path)[:2] == [(one, "start"), (two, "objectives/1/model")]
    assert found[-1].policy == str(tmp_path / "model")
    backwards = plan(tmp_path, 2, kind="sequence", last_first=True)
    assert [entry for entry in trained(backwards, tmp_path) if "train" in entry[0]] == [
        (f"iteration-1/{two}", "start"),
        (f"iteration-1/{one}", "iteration-1/objectives/2/model"),
        (two, "iteration-1/model"),
        (one, "objectives/2/model"),
    ]


@pytest.mark.parametrize("kind", ["sequence", "soup"])
def test_every_file_that_a_stage_reads_is_written_by_one_before_it(kind, tmp_path):
    # The run itself keeps these, and no stage.
    written = {"manifest.json", "calls.sqlite"}
    for step in plan(tmp_path, 2, kind=kind):
        assert {step.place(file) for file in step.stage.reads} <= written, step.name
        places = {step.place(file) for file in step.stage.writes}
        assert not places & written, step.name
        written |= places
    assert {"model", "training.json"} <= written


def test_objectives_that_are_trained_together_are_the_plan_that_it_was(tmp_path):
    assert plan(tmp_path, 2, kind="together") == list(steps("start", 2, tmp_path))


@pytest.mark.slow
def test_a_whole_soup_of_which_another_ratio_trains_nothing(align, tmp_path):
    run = tmp_path / "run"
    outcome = align(SOUP, real=True)
    assert set(outcome.executed) >= {"apart", *TRAININGS, "merge", "evaluate", "gate", "report"}
    ranks = [
        json.loads((run / place / "adapter_config.json").read_text())["r"]
        for place in ("objectives/1/model", "objectives/2/model", "model")
    ]
    assert ranks == [16, 16, 32]
    parts = [read_table(run / of_objective(PAIRS, number)) for number in (1, 2)]
    decided = [set(part.column("decided_by").to_pylist()) for part in parts]
    assert decided == [{"kind"}, {"useful"}]
    assert sum(part.num_rows for part in parts) == read_table(run / PAIRS).num_rows
    each = [read_summary(run / of_objective("training.json", number)) for number in (1, 2)]
    found = read_run(run)
    assert found.training.pairs == sum(part.num_rows for part in parts)
    assert found.training.steps == sum(summary.steps for summary in each)
    assert [entry["step"] for entry in found.training.history] == [
        *range(1, found.training.steps + 1)
    ]
    assert "soup of kind 0.6, useful 0.4" in (run / "report.html").read_text()
    assert read_source(run, despite_gate=True).is_adapter
    other = align("combination={kind: soup, weights: [1, 9]}", real=True)
    assert other.executed[0] == "merge"
    assert not {*TRAININGS, "apart", "synthesis"} & set(other.executed)
    assert "evaluate" in other.executed
    assert align("combination={kind: soup, weights: [1, 9]}", real=True).executed == ()
    alone = align("combination={kind: soup, weights: [0, 1]}", real=True)
    weights = "adapter_model.safetensors"
    second = (run / "objectives/2/model" / weights).read_bytes()
    assert alone.executed[0] == "merge"
    assert (run / "model" / weights).read_bytes() == second


@pytest.mark.slow
def test_the_second_training_of_a_sequence_has_the_first_one_s_model_as_reference(align, tmp_path):
    fast = "training={loss: dpo, epochs: 3, learning_rate: 0.01, allow_unsafe: [learning_rate]}"
    outcome = align(SEQUENCE, fast, "training.prompts_per_step=4")
    assert [name for name in outcome.executed if "train" in name] == list(TRAININGS)
    run = tmp_path / "run"
    assert not (run / "objectives/2/model").exists()
    second = read_summary(run / "objectives/2/training.json")
    # Before its first update a model is its own reference, so that no pair has a margin.
    assert second.history[0]["loss"] == pytest.approx(math.log(2), abs=1e-6)
    assert abs(second.history[-1]["loss"] - math.log(2)) > 0.01
    weights = [
        (run / place / "adapter_model.safetensors").read_bytes()
        for place in ("objectives/1/model", "model")
    ]
    assert len(weights[0]) == len(weights[1])
    assert weights[0] != weights[1]
    assert read_run(run).training.steps > second.steps


@pytest.mark.parametrize("kind", [SOUP, "combination={kind: sequence, last_first: true}"])
@pytest.mark.slow
def test_two_rounds(kind, align, tmp_path):
    outcome = align(kind, "iterations=2")
    run = tmp_path / "run"
    executed = [name for name in outcome.executed if name.endswith("train")]
    assert sorted(executed) == sorted((*TRAININGS, *(f"iteration-1/{name}" for name in TRAININGS)))
    assert (run / "iteration-1/model/adapter_config.json").exists()
    rank = json.loads((run / "model/adapter_config.json").read_text())["r"]
    assert rank == (64 if kind == SOUP else 16)
    assert align(kind, "iterations=2").executed == ()


@pytest.mark.slow
def test_a_soup_of_all_weights(align, tmp_path):
    run = tmp_path / "run"
    outcome = align(SOUP, "training.lora=null", "training.learning_rate=1e-6")
    assert outcome.gate.verdict in ("pass", "hold", "fail")
    parts = [
        load_file(run / place / "model.safetensors")
        for place in ("objectives/1/model", "objectives/2/model", "model")
    ]
    name = "model.layers.0.mlp.up_proj.weight"
    first, second, merged = (part[name] for part in parts)
    assert not first.equal(second)
    assert merged.equal(0.6 * first + 0.4 * second)


@pytest.mark.slow
def test_what_another_combination_has_overwritten_is_trained_again(align, tmp_path):
    run = tmp_path / "run"
    together = ("combination={kind: together}", "pairing.rule=lexicographic")
    align(*together)
    weights = run / "model" / "adapter_model.safetensors"
    as_one = weights.read_bytes()
    assert "train" not in align(SOUP).executed
    assert weights.read_bytes() != as_one
    after = align(SEQUENCE)
    assert after.executed[0] == "objectives/2/train"  # The first is the soup's own.
    again = align(*together)
    assert again.executed[:2] == ("pairs", "train")
    assert weights.read_bytes() == as_one


def test_a_recipe_says_which_plan_its_run_has(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    given = prepare_inputs(PROMPTS, str(tiny_folder), constitution, None, (*APART, SOUP))
    found = plan_of(given, tmp_path)
    assert [step.name for step in found if "objectives" in step.name] == list(TRAININGS)


def pairs_table(*decided):
    said = [{"role": "assistant", "content": "a"}]
    row = dict.fromkeys(schemas.PAIRS.names)
    texts = {"prompt": said, "chosen": said, "rejected": said}
    return pa.Table.from_pylist(
        [{**row, **texts, "decided_by": name} for name in decided], schemas.PAIRS
    )


def part(folder, table):
    inputs = Inputs("m", "m", GOALS, load_recipe(None), (), (), 0)
    with open_run(folder, inputs.identity) as run:
        put = Stage("pairs", lambda given: given.put_table(PAIRS, table) or {}, writes=(PAIRS,))
        for stage in (put, apart(2)):
            run_step(Step(stage, 1, "", "m"), run, inputs, None, Silent())
        return run.records["apart"].facts


def test_an_objective_without_pairs_is_refused_before_anything_is_trained(tmp_path):
    first, second = (objective.name for objective in GOALS.objectives)
    facts = part(tmp_path / "both", pairs_table(first, second, first))
    assert facts == {"pairs": {first: 2, second: 1}}
    with pytest.raises(
        UserError, match=f"no pair tells responses apart by the objective '{second}'"
    ):
        part(tmp_path / "one", pairs_table(first, first))
    assert not (tmp_path / "one" / of_objective(PAIRS, 2)).exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["pairing.rule=lexicographic", SEQUENCE], "set pairing.rule=apart"),
        ([SEQUENCE, "seeds=2"], "seeds is 2, but combination.kind=sequence"),
        (["combination={kind: soup}"], "no objective's model a weight above 0"),
        (["combination={kind: soup, weights: [0, 0]}"], "a weight above 0"),
        (["combination={kind: soup, weights: [1, 2, 3]}"], "3 numbers, but there are 2 objectives"),
        ([SOUP, "training.lora.dora=true"], "training.lora.dora"),
    ],
)
def test_settings_that_do_not_go_with_it_are_refused(settings, said):
    recipe = load_recipe(None, ("pairing.rule=apart", *settings))
    with pytest.raises(UserError, match=said):
        check_settings(recipe, GOALS)


def test_one_objective_is_not_trained_apart():
    alone = GOALS.model_copy(update={"objectives": GOALS.objectives[:1]})
    with pytest.raises(UserError, match="has only one"):
        check_settings(load_recipe(None, ("pairing.rule=apart", SOUP)), alone)
