"""The examples in the commands' help work: each is run, in a folder such as a user has."""

import shlex
import shutil
import sys

import pytest
import typer

from primum.cli.main import app, main
from tests.cli.test_examples import leaves
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import PROMPTS, write_constitution

ELSEWHERE = {
    "audit": "tests/audit runs it; with its own settings it asks a model some thousand times",
    "compare": "tests/compare runs it; the example trains three models",
    "evaluate": "tests/cli/test_proof.py runs it on files of its own",
    "gate": "tests/cli/test_gate.py runs it on files of its own",
    "mark add": "tests/marking runs it; its sheet has to be filled first",
    "mark draw": "tests/marking runs it",
    "push": "sends an export to the hub, of which tests/export makes a stand-in",
    "view": "tests/view runs it; it serves until it is stopped",
    "train": "tests/training runs it; the example's settings take minutes",
}
"""Commands whose examples are not run here, each with the reason."""

EXAMPLES = {one.id: one.values for one in leaves(typer.main.get_command(app))}


@pytest.fixture(scope="module")
def folder(finished, tiny_folder, tmp_path_factory):
    """What the examples name: prompts, a model, a constitution, and a finished run."""
    place = tmp_path_factory.mktemp("user")
    shutil.copy(PROMPTS, place / "prompts.jsonl")
    shutil.copytree(tiny_folder, place / "my-model")
    shutil.copytree(finished.path, place / "runs" / "first")
    write_constitution(place / "clinic.yaml")
    return place


def test_every_command_is_run_here_or_known_to_be_elsewhere():
    assert set(ELSEWHERE) < set(EXAMPLES)


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - set(ELSEWHERE)))
def test_an_example_works(folder, monkeypatch, name):
    command, _ = EXAMPLES[name]
    words = shlex.split(command.epilog.removeprefix("Example: primum ").partition(">")[0])
    if name == "align":
        # A run of its own: the other examples read the finished one.
        words[words.index("runs/first")] = "runs/own"
        words += ["--constitution", "clinic.yaml", "training.scheduler=constant", "seed=1"]
        words += ["denoising.consistency=off", "denoising.tau={quantile: 1.0}", "engine.device=cpu"]
    if name == "export":
        words.append("--despite-gate")  # Random answers fail.
    monkeypatch.chdir(folder)
    monkeypatch.setattr(
        "primum.run.models.build_engine",
        lambda settings, model: scripted_engine(model, folder / "log"),
    )
    monkeypatch.setattr(sys, "argv", ["primum", *words])
    with pytest.raises(SystemExit) as end:
        main()
    # The example of doctor may find a problem of this machine.
    assert end.value.code in ((0, 2) if name == "doctor" else (0,))
