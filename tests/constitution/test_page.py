"""What the page about constitutions shows and counts is so."""

import re
from pathlib import Path

import pytest

from primum.constitution import (
    builtin_constitutions,
    check_constitution,
    count_exemplars,
    load_constitution,
)

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "constitution.md").read_text("utf-8")


@pytest.fixture
def constitution(tmp_path):
    file = tmp_path / "pharmacy.yaml"
    file.write_text(re.search(r"```yaml\n(.*?)```", PAGE, re.S)[1], encoding="utf-8")
    lines = re.search(r"```json\n(.*?)```", PAGE, re.S)[1]
    (tmp_path / "exemplars").mkdir()
    for name in ("cautious", "useful"):
        (tmp_path / "exemplars" / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return load_constitution(file)


def test_example(constitution):
    assert [(o.name, len(o.exemplars)) for o in constitution.objectives] == [
        ("cautious", 4),
        ("useful", 3),
    ]
    useful = constitution.objectives[1]
    assert (len(useful.contrasts), len(useful.equal_pairs)) == (1, 1)
    assert [one.meets for one in useful.marked] == [True, True, False]


def test_the_example_lacks_nothing_but_exemplars_and_a_rubric(constitution):
    found = {one.message for one in check_constitution(constitution)}
    words = ("too few for a probe", "a threshold needs marks", "there is no rubric")
    assert [one for one in found if not any(word in one for word in words)] == []


@pytest.mark.parametrize("name", builtin_constitutions())
def test_the_library_is_counted(name):
    counts = [count_exemplars(one.exemplars) for one in load_constitution(name).objectives]
    columns = [
        ", ".join(str(getattr(count, column)) for count in counts)
        for column in ("contrasts", "equal_pairs", "marked_answers")
    ]
    [row] = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.M)
    assert [cell.strip() for cell in row.split("|")[3:6]] == columns
