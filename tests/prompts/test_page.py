"""docs/prompts.md says what is really read."""

import json
import re
from pathlib import Path

import pytest

from primum.prompts import DATASETS, load_prompts
from primum.prompts.files import _READERS
from primum.prompts.rows import CONVERSATION_KEYS
from primum.prompts.turns import ROLES, THOUGHT_KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "prompts.md").read_text()


def test_the_examples_are_prompts(tmp_path):
    example = "".join(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    file = tmp_path / "p.jsonl"
    file.write_text(example)
    rows = [json.loads(line) for line in example.splitlines()]
    found = load_prompts(file, heldout=0.5, seed=0).prompts
    assert len(found) == len(rows) == 5


@pytest.mark.parametrize("suffix", _READERS)
def test_every_kind_of_file_is_named(suffix):
    assert f"`prompts{suffix}`" in PAGE


@pytest.mark.parametrize("field", [*CONVERSATION_KEYS, "category", "split"])
def test_every_field_is_named(field):
    table = PAGE[PAGE.index("| Field |") :]
    assert f"`{field}`" in table[: table.index("\n\n")]


@pytest.mark.parametrize("name", [*ROLES, *THOUGHT_KEYS])
def test_every_role_and_key_of_a_turn_is_named(name):
    assert f"`{name}`" in PAGE


def table_rows(head):
    """The cells of the table that begins with a head, by what stands in the first one."""
    table = PAGE[PAGE.index(head) :]
    lines = table[: table.index("\n\n")].splitlines()[2:]
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {first.strip("`"): rest for first, *rest in cells}


def test_every_data_set_by_name_is_in_the_table_as_it_is():
    rows = table_rows("| Name | What it holds |")
    assert list(rows) == list(DATASETS)
    for name, (what, columns, licence, gated) in rows.items():
        known = DATASETS[name]
        assert f"]({known.page})" in what
        assert columns.startswith(f"`{known.prompt[0]}`")
        assert bool(known.category) == (", category `" in columns)
        assert bool(known.label) == (", label `" in columns)
        for column in (*known.category[:1], *known.label[:1]):
            assert f"`{column}`" in columns
        assert licence == known.licence
        assert gated == (f"yes: {known.gated}" if known.gated else "no")


def test_how_every_data_set_was_checked_is_said():
    rows = table_rows("| Name | Introduced by |")
    expected = {name: [known.paper, known.checked] for name, known in DATASETS.items()}
    assert rows == expected
