"""Every block of YAML, JSON and TOML in README and docs is read by what reads such a file."""

import json
import tomllib

import pytest
from pydantic import TypeAdapter

from primum.constitution import Exemplar, load_constitution
from primum.documents import parse_yaml
from primum.prompts import load_prompts
from primum.recipe import load_recipe
from tests.docs.blocks import BLOCKS, LANGUAGES, of_kind

ELLIPSIS = ", …}"
"""Says in a block that more of the same may follow."""
LOADED_ELSEWHERE = (".github/", "pre-commit", "mkdocs")


def read_yaml(block, folder):
    """A constitution has objectives; whatever else primum reads as YAML is a recipe."""
    file = folder / "file.yaml"
    file.write_text(block.text.replace(ELLIPSIS, "}"), encoding="utf-8")
    if block.text.startswith("#") and any(
        name in block.text.partition("\n")[0] for name in LOADED_ELSEWHERE
    ):
        assert parse_yaml(block.text, str(block)).data
    elif "objectives" in parse_yaml(file.read_text(encoding="utf-8"), str(block)).data:
        load_constitution(file)
    else:
        load_recipe(file)


def read_json(block, folder):
    """Whole, or line by line; prompts and exemplars by what reads them."""
    try:
        rows = [json.loads(block.text)]
    except json.JSONDecodeError:
        rows = [json.loads(line) for line in block.text.splitlines() if line.strip()]
    assert rows
    if block.page == "docs/prompts.md":
        file = folder / "prompts.jsonl"
        file.write_text(block.text, encoding="utf-8")
        assert len(load_prompts(file, heldout=0.5, seed=0).prompts) == len(rows)
    if block.page == "docs/constitution.md":
        TypeAdapter(list[Exemplar]).validate_python(rows)


@pytest.mark.parametrize("block", of_kind("data"), ids=str)
def test_a_block_is_read(block, workshop):
    match block.language:
        case "yaml":
            read_yaml(block, workshop)
        case "toml":
            assert tomllib.loads(block.text)
        case _:
            read_json(block, workshop)


def test_every_block_says_what_it_holds():
    known = [name for names in LANGUAGES.values() for name in names]
    odd = [f"{block}: {block.language}" for block in BLOCKS if block.language not in known]
    assert odd == [], "a block's language is one of tests/docs/blocks.py, or a new one with a test"
    assert len(BLOCKS) > 60
