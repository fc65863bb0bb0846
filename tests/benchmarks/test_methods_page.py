"""docs/results.md, from what the benchmark of methods found."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from methods_page import BEGIN, END, NOT_RUN, ROOT, page, write_page
from methods_results import JudgeLine, MethodLine, ModelResults, Passed, SetTable
from primum.statistics.interval import NOTHING, Interval

RESULTS = Path(__file__).parents[2] / "docs" / "results.md"
GAIN = Interval(0.5, 0.25, 0.75, 150)
LINE = MethodLine(
    name="spa",
    seeds=(1, 2),
    gains=((GAIN, NOTHING), (GAIN, GAIN)),
    examined=((GAIN,), (NOTHING,)),
    utilities=(GAIN, Interval(-0.125, None, None, 1)),
    opening=0.2,
    broken=("same opening", "length", "same opening"),
    verdicts=("fail", "hold"),
)


@pytest.fixture
def results() -> ModelResults:
    table = SetTable(
        title="WildGuard",
        objectives=("harmless", "helpful"),
        judges=("states", "words"),
        examiners=("probe",),
        lambdas=(5.0, 20.0),
        opening=0.1,
        lines=(LINE,),
        missing={"dpo": NOT_RUN, "sft": f"{ROOT}/a.yaml: <b>\n| no"},
        seeds=(1, 2, 3),
    )
    judge = JudgeLine("words", "words alone", "harmless", GAIN, -0.2, 0.4, 0.45)
    passed = (Passed("words", 7, 3, 2),)
    return ModelResults(
        "small", "quickstart", (judge,), (table,), passed, {"wildguard, seed 1": 61}
    )


def test_every_row_is_there_and_what_is_missing_named(results):
    text = page([results])
    assert (
        "| spa | +0.50 [0.25, 0.75] | – | +0.50 [0.25, 0.75] | +0.50 [0.25, 0.75] | "
        "+0.50 [0.25, 0.75] | -0.12 | 0.20 | same opening (2); length (1) | fail, hold | "
        f"1, 2; 3 {NOT_RUN} |"
    ) in text
    assert f"| dpo | {NOT_RUN} |" in text
    assert "| Method | harmless (probe) | helpful (probe) |" in text
    assert "| spa | +0.50 [0.25, 0.75] | – |" in text
    assert r"| sft | a.yaml: \<b\> \| no |" in text
    assert "| words | harmless | 0.50 [0.25, 0.75] | 150 | -0.20 | 0.40 | 0.45 |" in text
    assert "wildguard, seed 1: 61" in text
    assert "Of 7 runs that the gate passed" in text
    assert "for `words` in 3 and 2" in text
    assert f"- a second judge: {NOT_RUN}" in text


def test_tables_are_whole(results):
    rows = [line for line in page([results]).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {4, 8, 12}


def test_a_row_without_broken_guards_says_so(results):
    [table] = results.sets
    sound = replace(table, lines=(replace(LINE, broken=(), seeds=(1,)),))
    assert "| none | fail, hold |" in page([replace(results, sets=(sound,))])


def test_the_page_keeps_what_stands_around(results, tmp_path):
    file = tmp_path / "results.md"
    file.write_text(f"Before.\n{BEGIN}\nold\n{END}\nBehind.\n")
    write_page([results], file)
    write_page([], file)
    assert file.read_text() == f"Before.\n{BEGIN}\n\nEvery table: {NOT_RUN}.\n\n{END}\nBehind.\n"


def test_the_page_of_the_repository_has_its_marks():
    text = RESULTS.read_text()
    assert text.index(BEGIN) < text.index(END)
