"""What a comparison is asked for: other seeds, some of the methods, and mistakes."""

from dataclasses import replace

import pytest

import primum
from primum.compare import entry, read_comparison
from primum.compare.finished import ComparedRuns
from primum.compare.layout import run_folder
from primum.compare.runs.plan import read_plan
from primum.compare.runs.running import Ran
from primum.progress import Silent
from primum.run.directory import open_run
from tests.compare.job import calls, compare
from tests.run.small_job import write_constitution
from tests.tiny import save_tiny


class Told(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.notes = []

    def note(self, sentence):
        self.notes.append(sentence)


@pytest.fixture
def folder(tmp_path):
    write_constitution(tmp_path / "goals.yaml")
    return tmp_path


@pytest.fixture
def asked(monkeypatch):
    """Runs nothing: keeps which runs would be executed, and on what."""
    runs = {}

    def run(out, method, seed, inputs, **words):
        runs[method, seed] = replace(inputs, recipe=inputs.recipe.model_copy(update={"seed": seed}))
        return Ran(("train",))

    monkeypatch.setattr(entry, "run_method", run)
    monkeypatch.setattr(entry, "read_comparison", lambda path, reasons: ComparedRuns(path, (), ()))
    return runs


def test_every_method_by_every_seed_on_the_same_prompts(folder, tiny_folder, asked):
    compare(
        folder,
        tiny_folder,
        "spa",
        "dpo",
        seeds=(0, 3),
        settings=("max_prompts=5", "max_heldout=10", "heldout=0.6"),
        prompts=[f"Question {number}?" for number in range(20)],
    )
    assert list(asked) == [("spa", 0), ("dpo", 0), ("spa", 3), ("dpo", 3)]
    assert {one.recipe.seed for one in asked.values()} == {0, 3}
    assert len({one.train for one in asked.values()}) == 1
    assert len({one.heldout for one in asked.values()}) == 1
    assert [len(asked["spa", 0].train), len(asked["spa", 0].heldout)] == [5, 10]


def test_the_recipes_seed_and_some_of_the_methods(folder, tiny_folder, asked):
    compare(folder, tiny_folder, "spa", "dpo", only=("dpo",))
    assert list(asked) == [("dpo", 1)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"only": ("orpo",)}, "--only names 'orpo', and the methods of this command are spa, dpo"),
        ({"only": ()}, "--only names no method"),
        ({"seeds": (1, 1)}, "--seeds names 1, 1"),
        ({"seeds": (-1,)}, "--seeds names -1"),
        ({"settings": ("seeds=2",)}, "the recipe of spa sets seeds to 2"),
    ],
)
def test_what_cannot_be_asked_for(folder, tiny_folder, asked, words, said):
    with pytest.raises(primum.UserError, match=said):
        compare(folder, tiny_folder, "spa", "dpo", **words)
    assert not (folder / "out").exists()
    assert asked == {}


def test_a_later_command_adds_methods_and_seeds(folder, tiny_folder, asked):
    compare(folder, tiny_folder, "spa", seeds=(1,))
    compare(folder, tiny_folder, "dpo", seeds=(0,))
    plan = read_plan(folder / "out")
    assert [method.name for method in plan.methods] == ["spa", "dpo"]
    assert plan.seeds == (0, 1)


def test_another_model_constitution_or_prompts_are_refused(folder, tiny_folder, asked, tmp_path):
    first = [f"Prompt {number}?" for number in range(60)]
    compare(folder, tiny_folder, "spa", prompts=first)
    before = (folder / "out" / "comparison.json").read_text()
    with pytest.raises(primum.UserError, match="holds a comparison with another model"):
        compare(folder, save_tiny(tmp_path / "other", seed=5), "spa", prompts=first)
    prompts = [f"Question {number}?" for number in range(60)]
    with pytest.raises(primum.UserError, match="holds a comparison on other prompts"):
        compare(folder, tiny_folder, "spa", prompts=prompts)
    with pytest.raises(primum.UserError, match="another number of held-out prompts"):
        compare(folder, tiny_folder, "spa", prompts=first, settings=("max_heldout=10",))
    write_constitution(folder / "goals.yaml", exemplars=14)
    with pytest.raises(primum.UserError, match="holds a comparison with another constitution"):
        compare(folder, tiny_folder, "spa", prompts=first)
    assert (folder / "out" / "comparison.json").read_text() == before


def test_changed_settings_hold_for_all_methods_or_none(folder, tiny_folder, asked):
    compare(folder, tiny_folder, "spa", "dpo")
    changed = ("training.learning_rate=1e-4",)
    with pytest.raises(primum.UserError, match="also holds spa, made with other settings"):
        compare(folder, tiny_folder, "dpo", settings=changed)
    told = Told()
    compare(folder, tiny_folder, "dpo", "spa", settings=changed, progress=told)
    assert any("the settings of spa, dpo have changed" in note for note in told.notes)
    assert compare(folder, tiny_folder, "dpo", settings=changed)


def test_a_method_of_the_folder_whose_recipe_is_gone(folder, tiny_folder, asked):
    compare(folder, tiny_folder, "spa")
    (folder / "spa.yaml").unlink()
    with pytest.raises(primum.UserError, match=r"also holds spa, whose recipes cannot be read"):
        compare(folder, tiny_folder, "dpo")


def test_a_folder_that_holds_something_else(folder, tiny_folder, asked):
    (folder / "out").mkdir()
    (folder / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(primum.UserError, match="is not empty and holds no comparison"):
        compare(folder, tiny_folder, "spa")
    (folder / "out" / "thesis.txt").unlink()
    (folder / "out" / "comparison.json").write_text('{"model": 3}')
    with pytest.raises(primum.UserError, match="no whole plan of a comparison"):
        compare(folder, tiny_folder, "spa")
    assert [file.name for file in (folder / "out").iterdir() if file.suffix] == ["comparison.json"]


def test_a_run_that_another_process_holds_is_left_to_it(folder, tiny_folder, asked, monkeypatch):
    compare(folder, tiny_folder, "dpo", "spa", only=("spa",))
    monkeypatch.undo()
    identity = {"model": str(tiny_folder), "constitution": "kind-useful", "recipe": "dpo"}
    with (
        open_run(run_folder(folder / "out", "dpo", 1), identity),
        pytest.raises(primum.UserError, match="dpo of seed 1: is being run by another process"),
    ):
        compare(folder, tiny_folder, "dpo", "spa", only=("dpo",))
    assert calls(folder).total() == 0
    left = read_comparison(folder / "out")
    assert [one.reason for one in left.missing] == ["is not finished yet", "has not been run yet"]
