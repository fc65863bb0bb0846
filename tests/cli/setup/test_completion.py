"""Shells ask the command itself what completes a line, by the protocol that Typer documents."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path):
    """A folder with two runs, some files, and nothing else."""
    for run in ("first", "second"):
        (tmp_path / "runs" / run).mkdir(parents=True)
        (tmp_path / "runs" / run / "manifest.json").touch()
    (tmp_path / "runs" / "notes").mkdir()
    for name in ("mine.yaml", "mine.jsonl", "mine.txt", "mine.png", ".hidden.yaml"):
        (tmp_path / name).touch()
    return tmp_path


def asked(folder, shell, words, **environment):
    found = subprocess.run(
        [sys.executable, "-m", "primum", *words],
        cwd=folder,
        env={**os.environ, **environment, **({"_PRIMUM_COMPLETE": shell} if shell else {})},
        capture_output=True,
        text=True,
    )
    assert found.stderr == ""
    assert found.returncode == 0
    return found.stdout


def completed(folder, *words):
    """What bash is given for the last of the words."""
    line = {"COMP_WORDS": "\n".join(["primum", *words]), "COMP_CWORD": str(len(words))}
    return asked(folder, "complete_bash", [], **line).split()


def test_commands_and_options(folder):
    assert completed(folder, "al") == ["align"]
    assert completed(folder, "constitution", "") == ["check", "show", "schema"]
    assert "--dry-run" in completed(folder, "align", "--d")
    assert "--install-completion" in completed(folder, "--i")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["align", "seed", "--recipe", "quick"], ["quickstart"]),
        (["align", "seed", "-r", "quickstart+methods/ip"], ["quickstart+methods/ipo"]),
        (["align", "seed", "--recipe", "mine"], ["mine.yaml"]),
        (["align", "seed", "--constitution", "medi"], ["medical"]),
        (["constitution", "check", "m"], ["medical", "mine.yaml"]),
        (["align", "see"], ["seed"]),
        (["align", "mine"], ["mine.jsonl", "mine.txt"]),
        (["align", "seed", "training.learn"], ["training.learning_rate="]),
        (["align", "seed", "--model", "bund"], ["bundled:smollm2-135m"]),
        (["compare", "simp"], ["simpo"]),
        (["report", "runs/"], ["runs/first", "runs/notes/", "runs/second"]),
        (["gate", "runs/f"], ["runs/first"]),
        (["report", "absent/"], []),
        (["align", "seed", "--out", "mi"], ["mine.jsonl", "mine.png", "mine.txt", "mine.yaml"]),
    ],
)
def test_names_and_runs(folder, words, found):
    assert completed(folder, *words) == found


def test_zsh_and_fish(folder):
    line = {"_TYPER_COMPLETE_ARGS": "primum report runs/s"}
    assert '"runs/second"' in asked(folder, "complete_zsh", [], **line)
    line = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", **line}
    assert asked(folder, "complete_fish", [], **line).strip() == "runs/second"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_shown_and_installed(folder, shell):
    script = asked(folder, None, ["--show-completion", shell])
    assert f"complete_{shell}" in script
    said = asked(folder, None, ["--install-completion", shell], HOME=str(folder))
    [file] = re.findall(r"Written: (\S+)\. ", said)
    assert script.strip() in Path(file).read_text()


def test_a_real_bash_completes(folder):
    """As at the keyboard: the script is sourced, and its function called for a line."""
    command = folder / "bin" / "primum"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m primum "$@"\n')
    command.chmod(0o755)
    script = asked(folder, None, ["--show-completion", "bash"])
    lines = [
        'compopt() { echo "options: $2"; }',
        "COMP_WORDS=(primum report runs/n); COMP_CWORD=2; _primum_completion primum",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    found = subprocess.run(
        ["bash", "--norc", "-c", "\n".join([script, *lines])],
        cwd=folder,
        env={**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert found.stdout.split("\n")[:2] == ["options: nospace", "runs/notes/"]


@pytest.mark.parametrize("words", [["--show-completion"], ["--show-completion", "csh"]])
def test_a_shell_must_be_named(folder, words):
    found = subprocess.run([sys.executable, "-m", "primum", *words], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.count("\n") == 1
