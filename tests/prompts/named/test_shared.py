"""The real data, where it lies beside the project."""

import gzip
from pathlib import Path

import pytest

from primum.prompts import NamedPrompts, load_prompts
from primum.prompts.named import named_rows
from tests.prompts.named.copies import GATHERED

DATA = Path(__file__).parents[3].parent / "shared" / "data"

CATEGORIES = {
    "safe-rlhf": 0,
    "wildguard": 13,
    "honeset": 6,
    "jailbreak-trigger": 14,
    "xstest": 18,
    "mt-bench": 8,
}


def lines(file):
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as text:
        return sum(bool(line.strip()) for line in text)


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("name", GATHERED)
def test_each_set_is_read_whole(name):
    source = NamedPrompts(name, DATA)
    rows, _ = named_rows(source)
    found = load_prompts(source, heldout=0.2, seed=0)
    assert len(rows) == lines(DATA / GATHERED[name]) > 50
    assert len(found.prompts) > 50
    categories = {prompt.category for prompt in found.prompts} - {None}
    assert len(categories) == CATEGORIES[name]


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside this checkout")
def test_xstest_says_what_is_safe():
    rows, _ = named_rows(NamedPrompts("xstest", DATA))
    assert [row.values["label"] for row in rows].count("safe") == 250
