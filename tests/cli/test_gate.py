"""`primum gate` of a finished run: replay and summary."""

import shutil
import subprocess
import sys

import pytest

from primum.cli import main
from primum.evaluation.summary import read_evaluation
from tests.proof.folder import change, write_gate


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished.path, tmp_path / "moved")


@pytest.fixture
def gate(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["primum", "gate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr()

    return call


def test_a_moved_run_agrees_with_every_hash(run, gate):
    stored = read_evaluation(run / "evaluation.json")
    assert set(stored.evidence) == {
        *("prompts", "answers", "judgements", "guard values", "judges", "labels"),
        *("constitution", "settings", "model before", "model after"),
    }
    assert "primum" in stored.versions
    code, said = gate(run, "--replay")
    assert code == stored.exit_code
    assert said.out.startswith(stored.sentence)
    # The held-out prompts stand in two tables.
    assert "Replay: it agrees." in said.out
    assert "so are 11 of 11 hashes" in said.out
    assert "Not checked" not in said.out


def test_a_changed_model_prompt_and_constitution_are_named(run, gate):
    with (run / "model" / "adapter_model.safetensors").open("ab") as weights:
        weights.write(b"\0")
    with (run / "constitution.yaml").open("a") as constitution:
        constitution.write("# Never mind.\n")
    change(run / "prompts.parquet", "category", -1, "everyday")
    code, said = gate(run, "--replay")
    assert code == 65
    for name in ("model after", "constitution", "prompts.parquet"):
        assert f"changed since the verdict: {name} (hash" in said.out
    assert "so are 8 of 11 hashes" in said.out


def test_the_models_hash_is_what_the_shell_gives(run):
    line = "find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum"
    done = subprocess.run(
        ["bash", "-c", line], cwd=run / "model", capture_output=True, text=True, check=True
    )
    stored = read_evaluation(run / "evaluation.json")
    assert done.stdout.split()[0] == stored.evidence["model after"]


def test_the_summary_goes_to_a_file_or_to_the_terminal(run, gate, tmp_path):
    file = tmp_path / "summary.md"
    code, said = gate(run, "--markdown", file)
    stored = read_evaluation(run / "evaluation.json")
    assert code == stored.exit_code
    assert said.out == f"{stored.sentence}\n"
    text = file.read_text()
    assert text.startswith(f"## primum gate: {stored.verdict}")
    assert gate(run, "--markdown", "-")[1].out == text


def test_a_folder_that_a_gate_of_two_files_left_is_replayed_too(gate, tmp_path):
    write_gate(tmp_path, gains=(0.0, 0.0))
    code, said = gate(tmp_path, "--replay")
    assert code == 3
    assert "Replay: it agrees." in said.out
    change(tmp_path / "answers.parquet", "text", 0, "else")
    assert gate(tmp_path, "--replay")[0] == 65


def test_another_folder_is_no_run(gate, tmp_path):
    code, said = gate(tmp_path, "--replay")
    assert code == 2
    assert "holds no run" in said.err
