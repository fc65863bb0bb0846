"""docs/method.md and the code point at one another."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "primum"
PAGE = (ROOT / "docs" / "method.md").read_text()
EQUATIONS = {int(number) for number in re.findall(r"^    .* \((\d+)\)$", PAGE, re.MULTILINE)}
STEPS = {int(number) for number in re.findall(r"^## Step (\d+)\.", PAGE, re.MULTILINE)}
FILES = sorted(
    path for path in SOURCES.rglob("*") if path.suffix in {".py", ".yaml"} and path.is_file()
)


def cited(pattern, text):
    return [
        int(number) for found in re.findall(pattern, text) for number in re.findall(r"\d+", found)
    ]


def test_the_page_numbers_its_steps_and_equations():
    assert sorted(STEPS) == list(range(1, 9))
    assert sorted(EQUATIONS) == list(range(1, 11))


def test_what_the_code_cites_is_on_the_page():
    equations, steps = [], []
    for file in FILES:
        text = file.read_text()
        equations += cited(r"eqs?\. \(\d+\)(?:(?:,| and| to) \(\d+\))*", text)
        steps += cited(r"docs/method\.md,\s+steps? \d+(?:(?:,| and| to) \d+)*", text)
        if re.search(r"docs/method\.md, RV analysis", text):
            assert "## RV analysis" in PAGE
    assert equations
    assert steps
    assert set(equations) <= EQUATIONS
    assert set(steps) <= STEPS


def test_the_data_half_cites_every_equation_it_computes():
    text = "".join(file.read_text() for file in (SOURCES / "synthesis").glob("*.py"))
    assert set(cited(r"# eq\. \(\d+\)", text)) == {1, 3, 4, 5, 6, 7, 8}


def test_nothing_cites_a_page_that_does_not_exist():
    citations = {
        file.relative_to(ROOT): re.findall(r"docs/[\w/-]+\.md|\bMETHOD\b(?! *=)", file.read_text())
        for file in FILES
    }
    wrong = {
        str(file): [name for name in names if not (ROOT / name).is_file()]
        for file, names in citations.items()
    }
    assert {file: names for file, names in wrong.items() if names} == {}


PLACES = sorted(set(re.findall(r"`([\w/]+\.py)(?:: (\w+))?`", PAGE)))


@pytest.mark.parametrize(("path", "name"), PLACES)
def test_every_place_that_the_page_names_exists(path, name):
    tree = ast.parse((SOURCES / path).read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert not name or name in defined


@pytest.mark.parametrize("page", sorted(set(re.findall(r"\]\(([\w-]+\.md)\)", PAGE))))
def test_every_page_that_it_links_exists(page):
    assert (ROOT / "docs" / page).is_file()
