"""The real command."""

import subprocess
import sys
from pathlib import Path

import pytest

from primum.compare import read_comparison
from tests.compare.job import write_methods
from tests.run.small_job import FAST, PROMPTS, write_constitution

ROOT = Path(__file__).resolve().parents[2]


def command(folder, model, *words):
    """What the command says, and its exit status."""
    named = {"--model": model, "--out": folder / "out", "--constitution": folder / "goals.yaml"}
    options = [str(part) for pair in named.items() for part in pair]
    done = subprocess.run(
        [sys.executable, "-m", "primum", "compare", *words, *options],
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_two_methods_from_the_shell(tiny_folder, tmp_path):
    write_constitution(tmp_path / "goals.yaml")
    words = [*write_methods(tmp_path, "spa", "none"), *FAST, "--prompts", str(PROMPTS)]
    status, said, _ = command(tmp_path, tiny_folder, *words, "--seeds", "1,2", "--only", "spa")
    assert status == 0
    assert {"spa", "Gate", "Front"} <= set(said.split())
    assert "has not been run yet" in " ".join(said.split())
    assert (tmp_path / "out" / "index.html").is_file()
    status, said, error = command(tmp_path, tiny_folder, *words)
    assert status == 0
    assert "none of seed 1: " in error
    assert "gave no pair" in " ".join(said.split())
    status, said, error = command(tmp_path, tiny_folder, *words, "--only", "none")
    assert status == 2
    assert "no run could be finished; none of seed 1: " in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_two_processes_share_one_folder(tiny_folder, tmp_path):
    write_constitution(tmp_path / "goals.yaml")
    words = [*write_methods(tmp_path, "spa", "dpo"), *FAST, "--prompts", str(PROMPTS)]
    named = ["--model", tiny_folder, "--out", tmp_path / "out"]
    options = [*map(str, named), "--constitution", str(tmp_path / "goals.yaml")]
    program = [sys.executable, "-m", "tests.run.scripted_align"]
    started = [
        subprocess.Popen(
            [*program, str(tmp_path / only), "compare", *words, *options, "--only", only],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for only in ("spa", "dpo")
    ]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    found = read_comparison(tmp_path / "out")
    assert [run.method for run in found.finished] == ["spa", "dpo"]
    assert found.missing == ()


def test_a_mistake_is_one_sentence(tiny_folder, tmp_path):
    write_constitution(tmp_path / "goals.yaml")
    words = ["absent", "--prompts", str(PROMPTS), "training.epochs=1"]
    status, _, error = command(tmp_path, tiny_folder, *words)
    assert status == 2
    assert "there is no recipe 'absent'" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()
    status, _, error = command(tmp_path, tiny_folder, *words, "--seeds", "one")
    assert (status, error.count("\n")) == (2, 1)
    assert "--seeds is 'one'" in error
