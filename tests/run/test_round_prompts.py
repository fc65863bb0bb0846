"""`round_prompts: new`: which prompts each round samples from, and what depends on them."""

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import primum
from primum.audit.measures.sampled import read_sampled
from primum.errors import UserError
from primum.recipe import Recipe, load_recipe
from primum.run.directory import open_run
from primum.run.inputs import Inputs, prepare_inputs, prompts_of_round
from primum.run.plan import steps
from primum.run.stage import fingerprint
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST, PROMPTS, write_constitution
from tests.synthesis.goals import GOALS, prompt

JUDGED = (
    "judging={kind: python, function: 'tests.synthesis.goals:ByWords'}",
    "denoising.consistency='off'",
)


@given(st.integers(1, 30), st.integers(1, 4), st.one_of(st.none(), st.integers(1, 7)))
def test_rounds_have_no_prompt_in_common(size, rounds, most):
    train = [prompt(f"{(number * 7) % 31:02}") for number in range(size)]
    recipe = Recipe(round_prompts="new", iterations=rounds, max_prompts=most)
    dealt = [prompts_of_round(train, recipe, number + 1) for number in range(rounds)]
    ids = [one.prompt_id for part in dealt for one in part]
    assert len(ids) == len(set(ids)) == min(size, rounds * most if most else size)
    sizes = [len(part) for part in dealt]
    assert most or max(sizes) - min(sizes) <= 1
    for part in dealt:
        # In the order of the file.
        assert list(part) == [one for one in train if one in part]


def prepared(tiny_folder, *settings):
    return prepare_inputs(
        [f"Question {number}?" for number in range(40)],
        str(tiny_folder),
        "harmless-helpful",
        "quickstart",
        ("heldout=0.5", *settings),
    )


def test_the_first_round_has_the_prompts_that_a_single_round_would_have(tiny_folder):
    new = ("round_prompts=new", "iterations=3")
    for most in (5, 1):
        alone = prepared(tiny_folder, f"max_prompts={most}")
        several = prepared(tiny_folder, f"max_prompts={most}", *new)
        assert several.train_of(1) == alone.train
        assert len(several.train) == 3 * most
        assert {len(several.train_of(number)) for number in (2, 3)} == {most}
    whole = prepared(tiny_folder, "max_prompts=null", *new)
    assert [len(whole.train_of(number)) for number in (1, 2, 3)] == [7, 7, 6]
    same = prepared(tiny_folder, "iterations=3", "max_prompts=5")
    assert same.train_of(1) == same.train_of(3) == same.train


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            ("iterations=3", "max_prompts=7"),
            "3 rounds with max_prompts=7 each need 21 training prompts, but there are 20; bring "
            "more, lower iterations or max_prompts, or set round_prompts=same",
        ),
        (
            ("iterations=3", "heldout=0.95", "max_prompts=null"),
            "3 rounds with a prompt each need 3 training prompts, but there are 2; bring more, "
            "lower iterations, or set round_prompts=same",
        ),
    ],
)
def test_too_few_prompts_for_all_rounds_are_said_before_the_first_call(tiny_folder, settings, said):
    with pytest.raises(UserError) as failed:
        prepared(tiny_folder, "round_prompts=new", *settings)
    assert str(failed.value) == f"round_prompts is new, and {said}"


def stages(tmp_path, train, *settings):
    """Fingerprints of the stages that need no file of an earlier one, by the step's name."""
    inputs = Inputs("m", "m", GOALS, load_recipe(None, (*JUDGED, *settings)), train, (), 0)
    plan = steps("m", inputs.recipe.iterations, tmp_path)
    with open_run(tmp_path / "run", inputs.identity) as run:
        return {
            step.name.rpartition("/")[0] or "last": fingerprint(step, run, inputs)
            for step in plan
            if step.stage.name == "synthesis"
        }


def test_a_round_depends_on_its_own_prompts_alone(tmp_path):
    train = tuple(prompt(f"{number:02}") for number in range(6))
    new = ("round_prompts=new", "iterations=2", "max_prompts=3")
    both = stages(tmp_path, train, *new)
    assert list(both) == ["iteration-1", "last"]
    alone = stages(tmp_path, train[:3], "max_prompts=3")
    assert both["iteration-1"] == alone["last"]
    other = stages(tmp_path, (*train[:5], prompt("99")), *new)
    assert other["iteration-1"] == both["iteration-1"]
    assert other["last"] != both["last"]
    other = stages(tmp_path, (*train[:2], prompt("025"), *train[3:]), *new)
    assert other["iteration-1"] != both["iteration-1"]
    assert other["last"] == both["last"]


def test_every_round_of_a_run_answers_its_own_prompts(tiny_folder, tmp_path):
    out = tmp_path / "run"
    primum.align(
        PROMPTS,
        model=str(tiny_folder),
        constitution=write_constitution(tmp_path / "goals.yaml"),
        out=out,
        overrides=(*FAST, "iterations=2", "round_prompts=new", "max_prompts=4"),
        engine=lambda model: scripted_engine(model, tmp_path / "log"),
    )
    rounds = [
        {
            file: set(pq.read_table(folder / f"{file}.parquet").column("prompt_id").to_pylist())
            for file in ("responses", "verdicts", "pairs")
        }
        for folder in (out / "iteration-1", out)
    ]
    for found in rounds:
        assert len(found["responses"]) == 4
        assert found["pairs"] <= found["verdicts"] == found["responses"]
    assert not rounds[0]["responses"] & rounds[1]["responses"]
    rows = pq.read_table(out / "prompts.parquet").to_pylist()
    train = {row["prompt_id"] for row in rows if row["split"] == "train"}
    assert train == rounds[0]["responses"] | rounds[1]["responses"]
    # An audit of the run looks at what is there: the last round.
    assert set(read_sampled(out, None).prompts) == rounds[1]["responses"]
    assert set(read_sampled(out, 2).prompts) < rounds[1]["responses"]
