"""A real run, with a scripted engine in the model's place, says how far it is."""

import pytest

import primum
from primum.engines.scripted import ScriptedEngine
from primum.run.executing.progress_file import read_progress
from primum.view.folders import find
from primum.view.live import live_run
from tests.run.small_job import FAST, PROMPTS, write_constitution


def live(folder):
    [found] = find(folder).found
    return live_run(found, folder)


def test_it_is_followed_and_says_where_it_was_stopped(tiny_folder, tmp_path):
    seen = []

    def answer(request):
        seen.append(live(tmp_path / "runs"))
        if len(seen) == 9:
            raise KeyboardInterrupt
        return f"word {len(seen)}"

    def align():
        primum.align(
            PROMPTS,
            model=str(tiny_folder),
            constitution=write_constitution(tmp_path / "kind-useful.yaml"),
            out=tmp_path / "runs" / "first",
            overrides=(*FAST, "judging.kind=rating-expected"),
            engine=ScriptedEngine(answer),
        )

    with pytest.raises(KeyboardInterrupt):
        align()
    assert {found.state for found in seen} == {"running"}
    assert {found.now for found in seen} == {"Step 2 of 11, synthesis."}
    assert all(found.counted.startswith("sample: ") for found in seen)
    assert [step.name for step in seen[0].steps][:3] == ["prompts", "synthesis", "thoughts"]
    after = live(tmp_path / "runs")
    assert (after.state, after.now) == (
        "stopped",
        "The run was stopped in step 2 of 11, synthesis; the same command goes on where it was.",
    )
    assert read_progress(tmp_path / "runs" / "first").ended == "stopped"
