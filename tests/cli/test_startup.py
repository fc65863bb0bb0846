"""Help, checks and reports wait for no library that they do not use."""

import json
import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "peft", "datasets", "pandas", "sklearn", "scipy", "matplotlib")

PROGRAM = f"""
import json, sys
from primum.cli import main
sys.argv = ["primum", *sys.argv[1:]]
status = 0
try:
    main()
except SystemExit as end:
    status = end.code
found = [name for name in {HEAVY} if name in sys.modules]
print(json.dumps([status, found]))
"""


def started(*arguments):
    """Exit status, the heavy libraries that the command imported, and what it said on stderr."""
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    status, libraries = json.loads(found.stdout.splitlines()[-1])
    return status, libraries, found.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["align", "--help"], 0),
        (["evaluate", "--help"], 0),
        (["gate", "--help"], 0),
        (["doctor", "--help"], 0),
        (["init", "--help"], 0),
        (["init", "absent"], 2),
        (["recipe", "show", "quickstart"], 0),
        (["constitution", "check", "harmless-helpful"], 0),
        (["mark", "draw", "--help"], 0),
        (["mark", "add", "absent.csv", "--constitution", "medical"], 2),
        (["train", "pairs.jsonl", "--model", "m", "--out", "o", "training.lerning_rate=1"], 2),
    ],
)
def test_commands_without_a_run(arguments, status):
    assert started(*arguments)[:2] == (status, [])


@pytest.mark.parametrize(
    "name",
    [
        "report",
        "gate",
        "calls",
        "fork",
    ],
)
def test_commands_on_a_run(finished, tmp_path, name):
    new = [tmp_path / "new"] if name == "fork" else []
    status, libraries, said = started(name, finished.path, *new)
    assert status == 0 or name == "gate", said
    assert libraries == []


@pytest.mark.parametrize(
    ("command", "needed"), [("audit", ["scipy"]), ("calls", []), ("gate", []), ("report", [])]
)
def test_a_folder_that_holds_no_run(tmp_path, command, needed):
    for folder in (tmp_path, tmp_path / "absent"):
        said = f"primum: {folder} holds no run (no manifest.json); check the path\n"
        assert started(command, folder) == (2, needed, said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"settings": "training.lerning_rate=1"}, "did you mean training.learning_rate"),
        ({"prompts": "absent.jsonl"}, "absent.jsonl: there is no such file"),
        ({"constitution": "absent.yaml"}, "absent.yaml: there is no such file"),
    ],
)
def test_a_mistake_in_what_a_run_is_given(tiny_folder, tmp_path, change, said):
    given = {"prompts": "seed", "constitution": "harmless-helpful", "settings": "seed=1", **change}
    job = ["align", given["prompts"], "--constitution", given["constitution"], given["settings"]]
    status, libraries, error = started(
        *job, "--model", "bundled:smollm2-135m", "--out", tmp_path / "new"
    )
    assert status == 2
    assert said in error
    assert error.count("\n") == 1
    assert libraries == []
