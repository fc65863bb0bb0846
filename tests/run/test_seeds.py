"""Several models trained on the same pairs."""

import json
import shutil

import pytest

import primum
from primum.progress import Silent
from primum.run.layout import of_seed
from primum.run.plan import steps
from primum.run.reading import read_run
from primum.store.files import digest_file, read_table
from tests.run.small_job import FAST, PROMPTS, write_constitution


@pytest.fixture
def align(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")

    def run(*settings):
        return primum.align(
            PROMPTS,
            model=str(tiny_folder),
            constitution=constitution,
            out=tmp_path / "run",
            overrides=(*FAST, *settings),
            progress=Silent(),
        )

    return run


@pytest.fixture(scope="module")
def two_seeds(tiny_folder, tmp_path_factory):
    """A finished run of two seeds."""
    folder = tmp_path_factory.mktemp("two-seeds")
    primum.align(
        PROMPTS,
        model=str(tiny_folder),
        constitution=write_constitution(folder / "kind-useful.yaml"),
        out=folder / "run",
        overrides=(*FAST, "seeds=2"),
    )
    return folder / "run"


def weights(run, seed):
    return digest_file(run / of_seed("model", seed) / "adapter_model.safetensors")


def test_only_the_last_round_is_trained_several_times(tmp_path):
    plan = list(steps("start", 2, tmp_path, seeds=3))
    assert [step.name for step in plan if step.name.endswith("train")] == [
        "iteration-1/train",
        "train",
        "seeds/2/train",
        "seeds/3/train",
    ]
    first = str(tmp_path / "iteration-1" / "model")
    assert {step.policy for step in plan if step.name.startswith("seeds")} == {first}
    assert plan[-1].policy == str(tmp_path / "model")


def test_every_file_that_a_stage_reads_is_written_by_one_before_it(tmp_path):
    written = {"manifest.json", "calls.sqlite"}
    for step in steps("start", 2, tmp_path, seeds=3):
        assert {step.place(file) for file in step.stage.reads} <= written, step.name
        places = {step.place(file) for file in step.stage.writes}
        assert not places & written, step.name
        written |= places


def test_one_seed_is_the_plan_that_it_was(tmp_path):
    assert list(steps("start", 2, tmp_path, seeds=1)) == list(steps("start", 2, tmp_path))


def test_each_seed_s_model_is_trained_answers_and_counts(align, tmp_path):
    align()
    run = tmp_path / "run"
    alone = weights(run, 1)
    outcome = align("seeds=3")
    assert "synthesis" not in outcome.executed
    assert "train" not in outcome.executed
    assert {"seeds/2/train", "seeds/3/train", "evaluate"} <= set(outcome.executed)
    assert weights(run, 1) == alone
    assert len({weights(run, seed) for seed in (1, 2, 3)}) == 3
    answered = read_table(run / "answers.parquet").column("answerer").to_pylist()
    assert list(dict.fromkeys(answered)) == [
        *("before", "after", "after-2", "after-3"),
        *("again", "again-2"),
    ]
    for objective in outcome.gate.objectives:
        for shown in objective.by:
            assert len(shown.by_seed) == 3
            assert shown.gain.value == pytest.approx(sum(shown.by_seed) / 3)
            assert shown.noise is not None
    assert {name for name in outcome.gate.evidence if name.startswith("model ")} == {
        *("model before", "model after", "model after-2", "model after-3"),
    }
    assert align("seeds=3").executed == ()
    assert read_run(run).gate == outcome.gate


@pytest.mark.slow
def test_a_seed_s_model_that_is_lost_is_trained_again(align, two_seeds, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(two_seeds, run)
    kept = weights(run, 2)
    for file in (run / "seeds" / "2" / "model").iterdir():
        file.unlink()
    (run / "seeds" / "2" / "model").rmdir()
    outcome = align("seeds=2")
    assert outcome.executed[0] == "seeds/2/train"
    assert "train" not in outcome.executed
    assert weights(run, 2) == kept
    stages = json.loads((run / "manifest.json").read_text())["stages"]
    assert list(stages["seeds/2/train"]["outputs"]) == ["seeds/2/model", "seeds/2/training.json"]


def test_where_answers_are_drawn_one_more_draw_shows_a_change_of_nothing(align, tmp_path):
    outcome = align("evaluation.temperature=0.7")
    rows = read_table(tmp_path / "run" / "answers.parquet").to_pylist()
    assert list(dict.fromkeys(row["answerer"] for row in rows)) == ["before", "after", "again"]
    texts = {(row["answerer"], row["prompt_id"]): row["text"] for row in rows}
    before = [text for (answerer, _), text in texts.items() if answerer == "before"]
    again = [text for (answerer, _), text in texts.items() if answerer == "again"]
    assert before != again
    assert outcome.gate.objectives[0].by[0].noise.n == len(before)


def test_all_models_are_kept_when_the_settings_change(align, two_seeds, tmp_path):
    shutil.copytree(two_seeds, tmp_path / "run")
    kept = weights(tmp_path / "run", 2)
    align("seeds=2", "training.learning_rate=1e-4")
    assert weights(tmp_path / "run", 2) != kept
    assert weights(tmp_path / "run" / "earlier" / "1", 2) == kept
