"""Every Python block of README and docs: compiled, its names of primum looked up, and run."""

import ast
import importlib
import shutil

import datasets
import pytest

import primum
from primum.training import PriorityTrainer
from tests.docs.blocks import Block, of_kind
from tests.docs.listed import PYTHON, reason
from tests.docs.test_shell_blocks import SMALL, lay_out

BLOCKS = of_kind("python")
HUB_MODEL = '"Qwen/Qwen2.5-0.5B-Instruct"'


def imported(tree: ast.Module) -> list[tuple[str, str]]:
    """The modules of primum that a block imports from, with the names."""
    return [
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("primum")
        for alias in node.names
    ]


def attributes(tree: ast.Module) -> list[str]:
    """What a block takes from `primum` itself."""
    return [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "primum"
    ]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_python_and_its_names_are_there(block):
    tree = ast.parse(block.text)
    for module, name in imported(tree):
        assert hasattr(importlib.import_module(module), name), f"{module}.{name}"
    assert [name for name in attributes(tree) if name not in primum.__all__] == []


@pytest.fixture
def small(monkeypatch):
    """Whole runs made small: the settings go over those that a block gives."""
    from primum.run.align import align

    def quick(prompts, **given):
        laid = {"constitution": "goals.yaml", **given}
        overrides = (*given.get("overrides", ()), *SMALL)
        return align(prompts, **{**laid, "overrides": overrides})

    monkeypatch.setattr(primum, "align", quick, raising=False)


@pytest.fixture
def preferences(monkeypatch):
    """A small data set in TRL's format, whatever is loaded from the hub."""
    talk = [
        {
            "chosen": [{"role": "user", "content": f"Hi {at}?"}, _says(f"Good day, {at}.")],
            "rejected": [{"role": "user", "content": f"Hi {at}?"}, _says(f"Go, {at}!")],
        }
        for at in range(6)
    ]
    found = datasets.Dataset.from_list(talk)
    monkeypatch.setattr(datasets, "load_dataset", lambda *given, **named: found)


def _says(text):
    return {"role": "assistant", "content": text}


RUN = [block for block in BLOCKS if reason(PYTHON, block.page, block.text) is None]


@pytest.mark.parametrize("block", RUN, ids=str)
def test_a_block_runs(block: Block, workshop, small, preferences, monkeypatch):
    lay_out(block)
    monkeypatch.syspath_prepend(str(workshop))
    shutil.copytree("runs/first", "runs/medical")
    text = block.text.replace(HUB_MODEL, f'"{workshop / "my-model"}"').replace(
        'constitution="medical"', 'constitution="goals.yaml"'
    )
    given = {"primum": primum} if "import primum" not in text else {}
    made = {**given, "__name__": "block"}
    exec(compile(text, str(block), "exec"), made)
    trainer = made.get("trainer")
    assert not isinstance(trainer, PriorityTrainer) or trainer.state.global_step > 0


def test_what_is_listed_is_there():
    for entry in PYTHON:
        assert any(reason((entry,), block.page, block.text) for block in BLOCKS), entry
