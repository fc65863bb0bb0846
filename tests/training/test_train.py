"""`primum train` in one process, and how it reads pairs and hands over to other processes."""

import io
import json
import sys

import pytest
from typer.testing import CliRunner

from primum import UserError
from primum.cli import train as command
from primum.cli.main import app
from primum.recipe import Recipe, load_recipe
from primum.run import layout
from primum.run.inputs import prepare_inputs
from primum.training import launch as launching
from primum.training.data.preferences import read_preferences
from primum.training.data.sources import load_pairs
from primum.training.files import TrainingFiles
from primum.training.train import train
from tests.training.samples import preference_rows, preferences

QUICK = (
    "engine.device=cpu",
    "engine.dtype=float32",
    "training.prompts_per_step=3",
    "training.learning_rate=1e-4",
)


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.parquet"
    preferences().to_parquet(path)
    return path


def assistant(text):
    return {"role": "assistant", "content": text}


def files(folder) -> TrainingFiles:
    return TrainingFiles(
        folder / layout.MODEL,
        folder / layout.TRAINING,
        folder / layout.CHECKPOINTS,
        folder / layout.TRAINING_LOG,
    )


def test_pairs_of_a_file(pairs, tmp_path):
    lines = tmp_path / "pairs.jsonl"
    lines.write_text("\n".join(map(json.dumps, preference_rows())))
    expected = list(read_preferences(load_pairs(str(pairs)), loss="spa"))
    assert len(expected) == 36
    assert list(read_preferences(load_pairs(str(lines)), loss="spa")) == expected


def test_rows_of_a_file_may_have_unlike_shapes_and_scores_as_text(tmp_path):
    rows = [
        {"prompt": "Hi", "chosen": [assistant("a")], "rejected": [assistant("b")], "id": 7},
        {
            "conversations": [{"from": "human", "value": "Hi"}],
            "chosen": {"from": "gpt", "value": "a"},
            "rejected": {"from": "gpt", "value": "b"},
            "system": "Be brief.",
            "score_chosen": "7.5",
            "score_rejected": 2,
        },
        {"question": "Hi", "chosen": "a", "rejected": "b", "tools": [{"name": "f"}]},
    ]
    for row in rows:
        row.setdefault("score_chosen", 3)
        row.setdefault("score_rejected", 1.25)
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    found = list(read_preferences(load_pairs(str(file)), loss="spa"))
    assert [[turn.role for turn in one.prompt] for one in found] == [
        ["user"],
        ["system", "user"],
        ["tools", "user"],
    ]
    assert [(one.chosen.text, one.rejected.text) for one in found] == [("a", "b")] * 3
    assert [one.chosen_scores for one in found] == [(3.0,), (7.5,), (3.0,)]
    assert [one.rejected_scores for one in found] == [(1.25,), (2.0,), (1.25,)]


def test_pairs_of_a_table_of_text(tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("prompt, chosen,rejected,score_chosen,score_rejected\nQ, a, b,7.5,2\n")
    [found] = read_preferences(load_pairs(str(file)), loss="spa")
    assert (found.prompt, found.chosen.text, found.chosen_scores) == ("Q", " a", (7.5,))


MIXED = b"""{"prompt": "Q", "chosen": "a", "rejected": "b"}
{"question": "Q", "chosen": "a", "rejected": "b"}"""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.parquet", None, "there is no such file"),
        ("pairs.txt", b"a", "pairs are read from .parquet, .jsonl"),
        ("empty", None, "pairs are read from .parquet, .jsonl"),
        ("bad.parquet", b"PAR1", "is no readable Parquet file"),
        ("bad.jsonl", b'{"prompt": "a"', "line 1"),
        ("list.jsonl", b"[1, 2]", "line 1: a row is a JSON object"),
        ("none.jsonl", b'{"prompt": "a"}\n{"prompt": [1]}', "has no column chosen and no column"),
        (
            "mixed.jsonl",
            MIXED,
            "line 2: the prompt is chat messages, and in the rows before it text",
        ),
        (
            "short.jsonl",
            b'{"chosen": "x a", "rejected": "x b"}\n{"chosen": "a"}',
            "line 2 mixes text",
        ),
        ("tab.csv", b"prompt;chosen;rejected\na;b;\n", "line 2 has an empty rejected response"),
    ],
)
def test_what_holds_no_pairs_is_named(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as raised:
        load_pairs(str(tmp_path / name))
    assert message in str(raised.value)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_no_run_and_a_hub_name_that_is_none(tmp_path):
    with pytest.raises(UserError, match=r"holds no pairs\.parquet"):
        command._pairs(str(tmp_path))
    (tmp_path / "pairs.parquet").touch()
    assert command._pairs(str(tmp_path)) == str(tmp_path / "pairs.parquet")
    assert command._pairs("hub:OWNER/NAME") == "hub:OWNER/NAME"
    with pytest.raises(UserError, match="hub:OWNER/NAME"):
        load_pairs("hub:nobody")


def test_the_command_trains_and_goes_on(pairs, tiny_folder, tmp_path):
    arguments = ["train", str(pairs), "--model", str(tiny_folder), "--out", str(tmp_path / "out")]
    first = CliRunner().invoke(app, [*arguments, "--json", *QUICK], catch_exceptions=False)
    steps = [json.loads(line) for line in first.stdout.splitlines() if line.startswith("{")]
    assert [(step["step"], step["steps"]) for step in steps] == [(1, 2), (2, 2)]
    assert all(step["loss"] > 0 for step in steps)
    written = json.loads((tmp_path / "out" / "training.json").read_text())
    assert (written["pairs"], written["steps"], written["stop"]) == (36, 2, "finished")
    assert (tmp_path / "out" / "model" / "adapter_model.safetensors").exists()
    again = CliRunner().invoke(app, [*arguments, *QUICK], catch_exceptions=False)
    assert "36 pairs, 2 steps (finished)" in again.stdout


def test_a_file_of_accelerate_that_is_not_there(pairs, tiny_folder, tmp_path):
    recipe = load_recipe(None, ["training.accelerate=nowhere.yaml"])
    with pytest.raises(UserError, match=r"there is no file nowhere\.yaml"):
        train(str(pairs), str(tiny_folder), files(tmp_path / "out"), recipe)
    # A run says so before it computes anything.
    with pytest.raises(UserError, match=r"there is no file nowhere\.yaml"):
        prepare_inputs("seed", str(tiny_folder), "harmless-helpful", recipe, ())


def test_steps_are_read_between_the_messages_of_libraries():
    lines = io.StringIO('hello\n{"step": 1, "steps": 2, "loss": 0.5}\n[1]\n"x"\n{"a": 1}\n')
    assert list(launching._steps(lines)) == [(1, 2, {"loss": 0.5})]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("print('x', file=sys.stderr); print('primum: no such model', file=sys.stderr); exit(2)",
         "no such model"),
        ("exit(7)", "ended with status 7"),
    ],
)  # fmt: skip
def test_what_the_processes_said_is_handed_on(tmp_path, monkeypatch, program, message):
    config = tmp_path / "accelerate.yaml"
    config.write_text("num_processes: 2\n")
    recipe = load_recipe(None, [f"training.accelerate={config}"])
    monkeypatch.setattr(
        launching, "_command", lambda *given: [sys.executable, "-c", f"import sys; {program}"]
    )
    with pytest.raises(UserError, match=message):
        launching.launch("pairs.parquet", "model", files(tmp_path / "out"), recipe)


def test_where_something_runs_is_no_input_of_a_stage(tiny_folder, tmp_path):
    config = tmp_path / "accelerate.yaml"
    config.write_text("num_processes: 2\n")
    here, there = (
        prepare_inputs("seed", str(tiny_folder), "harmless-helpful", None, overrides)
        for overrides in (
            (),
            ("engine.replicas=3", "engine.cluster=auto", f"training.accelerate={config}"),
        )
    )
    assert here.settings(["engine", "training"]) == there.settings(["engine", "training"])
    assert "replicas" not in here.settings(["engine"])["engine"]
    assert Recipe().engine.replicas == 1
