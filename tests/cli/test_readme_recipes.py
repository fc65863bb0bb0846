"""The three recipes of README, on a data set by name and a tiny model."""

import json
import re
import shlex
import sys
from pathlib import Path

import datasets
import pytest

import primum
from primum.cli.main import main
from primum.prompts import NamedPrompts
from tests.prompts.named.copies import GATHERED, write_copy
from tests.run.small_job import FAST, write_constitution

README = (Path(__file__).parents[2] / "README.md").read_text()
RECIPES = README.partition("## Three recipes\n")[2].partition("\n## ")[0]
COMMANDS = [
    shlex.split(block.replace("\\\n", " "))
    for block in re.findall(r"```sh\n(primum align .*?)```", RECIPES, re.DOTALL)
]
SMALL = ["sampling.max_tokens=8", "refinement.max_tokens=8", "evaluation.max_tokens=8"]


@pytest.fixture
def copies(tmp_path):
    rows = [{"prompt": f"How do I open lock {at}?"} for at in range(60)]
    write_copy(tmp_path / "data" / GATHERED["safe-rlhf"], rows)
    return tmp_path / "data"


def test_there_are_two_commands():
    assert [words[:2] for words in COMMANDS] == [["primum", "align"]] * 2


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_is_understood_down_to_its_cost(
    words, copies, tiny_folder, tmp_path, monkeypatch, capsys
):
    options = {"--model": str(tiny_folder), "--out": str(tmp_path / "run")}
    if words[words.index("--constitution") + 1].endswith(".yaml"):
        options["--constitution"] = str(write_constitution(tmp_path / "clinic.yaml"))
    given = ["safe-rlhf" if word.startswith("prompts.") else word for word in words]
    for option, value in options.items():
        given[given.index(option) + 1] = value
    extra = ["--data-dir", str(copies), "--dry-run", "--json"]
    monkeypatch.setattr(sys, "argv", [*given, *extra, *SMALL])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert end.value.code == 0, said.err
    assert json.loads(said.out)["calls"]
    assert "safe-rlhf: 60 rows" in said.err


def test_only_the_preference_data(copies, tiny_folder, tmp_path):
    outcome = primum.align(
        NamedPrompts("safe-rlhf", copies),
        model=str(tiny_folder),
        constitution=write_constitution(tmp_path / "kind-useful.yaml"),
        out=tmp_path / "run",
        overrides=(*FAST, "max_prompts=8", "max_heldout=10"),
    )
    pairs = datasets.Dataset.from_parquet(
        str(outcome.path / "pairs.parquet"), cache_dir=str(tmp_path / "cache")
    )
    assert {"prompt", "chosen", "rejected"} <= set(pairs.column_names)
    assert pairs[0]["prompt"][-1]["content"].startswith("How do I open lock ")
