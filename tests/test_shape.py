"""The rules of the house that can be counted; benchmarks/shape.py counts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def figures():
    pytest.importorskip("grimp", reason="comes with import-linter, in the extra `check`")
    program = [sys.executable, ROOT / "benchmarks" / "shape.py"]
    found = subprocess.run(program, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    return {line["figure"]: line for line in lines if line["figure"] != "room_files"}


def test_rooms_and_files_can_be_taken_in(figures):
    assert figures["rooms_too_full"]["rooms"] == []
    assert figures["largest_lines"]["value"] <= 320, figures["largest_lines"]["file"]
    assert figures["median_lines"]["value"] <= 110


@pytest.mark.parametrize(
    "name", ["imports_upwards", "names_for_two_things", "glossary_names_unknown"]
)
def test_one_direction_and_one_word_for_one_thing(figures, name):
    assert figures[name]["found"] == []
