"""What each objective decided, by category: from the tables to manifest, terminal and report."""

import json
import shutil
from html import unescape
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from rich.console import Console

import primum
from primum import UserError
from primum.engines.base import Completion
from primum.engines.scripted import ScriptedEngine
from primum.report.drawing.text import one_line
from primum.report.terminal import summary
from primum.run.reading import read_run
from primum.synthesis.categories import CategoryPairs
from primum.synthesis.threshold_warnings import threshold_warnings
from tests.run.small_job import FAST, write_constitution
from tests.run.test_stages_of_pairs import do
from tests.synthesis.goals import prompt

KIND = "<b>every</b>day\x1b[1m"
SCRIPTS = {
    # How "safe" and "useful" each of five candidates is; "safe" is met from 8 on.
    "sound": ("9 1", "8 4", "4 7", "3 2", "2 5"),
    "eager": ("9 1", "8 4", "8.5 7", "3 2", "2 5"),
    "perfect": ("9 1", "8 4", "8.5 7", "8 2", "10 5"),
    "hopeless": ("1 1", "2 4", "3 7", "4 2", "5 5"),
}


def found_by(tmp_path, script, *settings):
    """The table of a run whose candidates are scored like that, and its warnings."""
    drawn = iter(SCRIPTS[script] * 6)
    prompts = tuple(prompt(f"p{number}") for number in range(6))
    facts, _ = do(
        tmp_path / "run",
        lambda request: Completion(next(drawn), 3, "stop"),
        *("sampling.n=5", "refinement.n=0", *settings),
        prompts=prompts,
    )
    stored = json.loads(json.dumps(facts["pairs"]["by_category"]))
    rows = TypeAdapter(tuple[CategoryPairs, ...]).validate_python(stored)
    return rows, threshold_warnings(rows)


def test_a_sound_run_warns_of_nothing(tmp_path):
    [row], warnings = found_by(tmp_path, "sound")
    assert warnings == ()
    assert (row.category, row.prompts, row.pairs) == (None, 6, 60)
    safe, useful = row.objectives
    # Of ten couples one meets "safe" on both sides.
    assert (safe.decided, safe.candidates, safe.met, safe.threshold) == (54, 30, 12, 8.0)
    assert (useful.decided, useful.candidates, useful.met, useful.threshold) == (6, 30, None, None)


@pytest.mark.parametrize(
    ("script", "settings", "said"),
    [
        ("eager", (), "safe decided 42 of 60 pairs, although 60% of the answers met"),
        ("eager", ("pairing.thresholds={safe: null}",), "Without a threshold safe decides"),
        ("perfect", (), "30 of 30 candidates meet the threshold of safe, so that it decides"),
        ("hopeless", (), "0 of 30 candidates meet the threshold of safe, so that safe decides"),
        ("hopeless", ("pairing.thresholds={safe: 5.5}",), "0 of 30"),
        ("hopeless", ("pairing.thresholds={safe: 1}",), "30 of 30"),
    ],
)
def test_each_fault_of_a_threshold_is_a_warning(tmp_path, script, settings, said):
    _, [sentence] = found_by(tmp_path, script, *settings)
    assert sentence.startswith(said)


def by_words(messages, response):
    """Reads "kind" and "useful" from the answer."""
    kind, useful = map(float, response.split()[:2])
    return {"kind": kind, "useful": useful}


@pytest.fixture(scope="module")
def run(tiny_folder, tmp_path_factory):
    """A whole run with two categories, of which one is untrusted text and met by most answers."""
    folder = tmp_path_factory.mktemp("by_category")
    rows = [
        {"prompt": f"Question {at}?", "category": KIND if at % 2 else "other", "split": split}
        for at, split in enumerate(["train"] * 8 + ["heldout"] * 10)
    ]
    primum.align(
        rows,
        model=str(tiny_folder),
        constitution=write_constitution(folder / "kind-useful.yaml"),
        out=folder / "run",
        overrides=(
            *FAST,
            *("sampling.n=5", "refinement.n=0", "pairing.thresholds={kind: 8}"),
            "judging={kind: python, function: 'tests.run.test_by_category:by_words'}",
        ),
        # The examiner asks in words, where the starting model has no hidden states to read.
        engine=lambda model: ScriptedEngine(answer, indifferent, fingerprint=model),
    )
    return folder / "run"


def indifferent(request):
    """All choices alike."""
    return [-1.0 for _ in request.choices]


def answer(request):
    """By the prompt's number, as one of five candidates that the seed names."""
    number = int(request.messages[-1].content.split()[1].rstrip("?"))
    return f"{SCRIPTS['eager' if number % 2 else 'hopeless'][request.seed % 5]} {request.seed}"


def test_the_manifest_has_every_count(run):
    facts = json.loads((run / "manifest.json").read_text())["stages"]["pairs"]["facts"]
    assert {row["category"] for row in facts["by_category"]} == {KIND, "other"}
    assert sum(row["pairs"] for row in facts["by_category"]) == facts["pairs"]
    for row in facts["by_category"]:
        assert row["prompts"] == 4
        assert [one["objective"] for one in row["objectives"]] == ["kind", "useful"]
        assert sum(one["decided"] for one in row["objectives"]) == row["pairs"]
        assert row["objectives"][0]["candidates"] == 20


def test_the_report_and_the_terminal_show_them_and_warn(run):
    page = (run / "report.html").read_text()
    assert "What decided, by category" in page
    assert "<b>every" not in page
    assert "\x1b" not in page
    shown = "&lt;b&gt;every&lt;/b&gt;day[U+001B][1m"
    assert f'<th scope="row">{shown}</th>' in page
    console = Console(width=1000)
    with console.capture() as capture:
        console.print(summary(read_run(run), Path("report.html")))
    said = capture.get()
    assert f"  {unescape(shown)}: " in said
    assert "  other: " in said
    warnings = threshold_warnings(read_run(run).by_category)
    assert warnings
    for sentence in warnings:
        assert f"Warning. {one_line(sentence)}" in said
        assert one_line(sentence) in unescape(page)


def test_a_damaged_count_is_one_sentence(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    file = tmp_path / "run" / "manifest.json"
    content = json.loads(file.read_text())
    content["stages"]["pairs"]["facts"]["by_category"] = [{"category": 3}]
    file.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"does not say what each objective decided"):
        read_run(tmp_path / "run")


def test_a_run_of_before_has_no_counts(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    file = tmp_path / "run" / "manifest.json"
    content = json.loads(file.read_text())
    del content["stages"]["pairs"]["facts"]["by_category"]
    file.write_text(json.dumps(content))
    assert read_run(tmp_path / "run").by_category == ()
