"""The examples in the commands' help work: each is run, in a folder such as a user has."""

import json
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
    "mark add": "tests/marking runs it; its sheet has to be filled first",
    "push": "sends an export to the hub, of which tests/export makes a stand-in",
    "view": "tests/view runs it; it serves until it is stopped",
}
"""Commands whose examples are not run here, each with the reason."""

SLOW = ("compare", "mark draw")
"""They train three models, and have one answer a hundred prompts."""
STATUS = {
    "doctor": (0, 2),  # It may find a problem of this machine.
    "gate": (0, 1, 3),  # The verdict on two files.
}
"""Exit statuses of commands that say something by them."""

EXAMPLES = {one.id: one.values for one in leaves(typer.main.get_command(app))}


@pytest.fixture(scope="module")
def folder(finished, tiny_folder, tmp_path_factory):
    """What the examples name: prompts, models, a constitution, answers, and a finished run."""
    place = tmp_path_factory.mktemp("user")
    shutil.copy(PROMPTS, place / "prompts.jsonl")
    for model in ("my-model", "base", "judge"):
        shutil.copytree(tiny_folder, place / model)
    for side in ("before", "after"):
        answers = [{"prompt": f"Twice {n}?", "answer": f"{2 * n}, {side}."} for n in range(12)]
        (place / f"{side}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in answers))
    (place / "mine.yaml").write_text("training: {loss: simpo}")
    shutil.copytree(finished.path, place / "runs" / "first")
    write_constitution(place / "clinic.yaml")
    return place


def test_every_command_is_run_here_or_known_to_be_elsewhere():
    assert set(ELSEWHERE) < set(EXAMPLES)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name
        for name in sorted(set(EXAMPLES) - set(ELSEWHERE))
    ],
)
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
    assert end.value.code in STATUS.get(name, (0,))
