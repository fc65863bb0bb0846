"""A finished run whose gate says pass, made once; every test gets a copy of its own."""

import json
import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer

import primum
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST, PROMPTS, write_constitution
from tests.tiny import save_tiny

STRONG = ("training.learning_rate=0.01", "training.allow_unsafe=[learning_rate]")
"""So that the adapter changes answers."""


@pytest.fixture(scope="session")
def aligned(tmp_path_factory):
    """The run, and the model that it started from."""
    folder = tmp_path_factory.mktemp("aligned")
    model = save_tiny(folder / "base")
    # A random model writes every id, so every id has a token.
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.add_tokens([f"[w{number}]" for number in range(400 - len(tokenizer))])
    tokenizer.save_pretrained(model)
    primum.align(
        PROMPTS,
        model=str(model),
        constitution=write_constitution(folder / "kind-useful.yaml"),
        out=folder / "run",
        overrides=(*FAST, "judging.kind=rating-expected", *STRONG),
        engine=lambda name: scripted_engine(name, folder / "log"),
    )
    return folder / "run"


@pytest.fixture
def run(aligned, tmp_path):
    return copy_of(aligned, tmp_path / "run", verdict="pass")


@pytest.fixture
def failed_run(aligned, tmp_path):
    return copy_of(aligned, tmp_path / "run", verdict="fail")


@pytest.fixture
def whole_run(run, tmp_path):
    """A run that trained all weights."""
    shutil.rmtree(run / "model")
    save_tiny(run / "model", seed=7)
    recipe = run / "recipe.yaml"
    text = recipe.read_text()
    start = text.index("  lora:")
    end = text.index("\n  max_drift", start)
    recipe.write_text(text[:start] + "  lora: null" + text[end:])
    return run


def copy_of(run: Path, to: Path, *, verdict: str) -> Path:
    shutil.copytree(run, to)
    change(to / "evaluation.json", verdict=verdict, failed="kind" if verdict == "fail" else None)
    return to


def change(file: Path, **fields) -> None:
    """Changes fields of a JSON file."""
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))
