"""A comparison of four methods, of which one has two rounds and one is left without pairs."""

import json
import shutil

import pytest

import primum
from primum.compare import read_comparison
from primum.compare.layout import PAGE, RESULTS, TABLE
from primum.compare.scores import compared_scores, judged_runs
from primum.compare.writing import write_method_table
from primum.progress import Silent
from primum.run.executing.adoption import ADOPTED_FROM
from primum.run.fork import fork
from primum.run.layout import CALLS, calls_of
from primum.store.files import digest_file
from tests.compare.job import calls, compare, records
from tests.run.small_job import write_constitution

NAMES = ("spa", "dpo", "none", "twice")


@pytest.fixture(scope="module")
def folder(tiny_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparison")
    write_constitution(folder / "goals.yaml")
    compare(folder, tiny_folder, *NAMES)
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return read_comparison(folder / "out")


def adopted(folder, run):
    found = records(folder / "out" / "runs" / run)
    return {
        name: one.facts[ADOPTED_FROM] for name, one in found.items() if ADOPTED_FROM in one.facts
    }


def test_every_method_samples_from_the_same_calls(folder):
    made = calls(folder)
    # The second round of `twice` samples from another model.
    assert made["sample"] == 2 * 8 * 4
    assert made["refine"] == 2 * 8


def test_stages_that_are_the_same_are_adopted_with_their_files(folder):
    same = ("prompts", "synthesis", "thoughts", "filters")
    assert adopted(folder, "spa/1") == {}
    assert adopted(folder, "dpo/1") == dict.fromkeys((*same, "pairs"), "spa/1")
    first = [f"iteration-1/{name}" for name in (*same[1:], "pairs", "train")]
    assert adopted(folder, "twice/1") == dict.fromkeys(("prompts", *first), "spa/1")
    runs = folder / "out" / "runs"
    for file in ("responses.parquet", "model/adapter_model.safetensors", "training.json"):
        assert digest_file(runs / "twice/1/iteration-1" / file) == digest_file(
            runs / "spa/1" / file
        )
    weights = "model/adapter_model.safetensors"
    assert digest_file(runs / "dpo/1" / weights) != digest_file(runs / "spa/1" / weights)


def test_a_method_without_pairs_does_not_stop_the_others(folder, found):
    assert [run.method for run in found.finished] == ["spa", "dpo", "twice"]
    [missing] = found.missing
    assert (missing.method, missing.seed) == ("none", 1)
    assert "gave no pair" in missing.reason
    assert read_comparison(folder / "out").finished[0].gate == found.finished[0].gate


def test_what_a_finished_run_hands_to_the_table(found):
    spa, dpo, twice = found.finished
    for run in (spa, dpo, twice):
        assert run.seed == 1
        assert run.objectives == ("kind", "useful")
        assert {"before", "after"} <= set(run.answers.column("answerer").to_pylist())
        assert {judge.name for judge in run.judges} >= {"teacher", "examiner"}
        assert set(run.judgements.column("judge").to_pylist()) >= {"teacher", "examiner"}
        assert run.gate.verdict in ("pass", "hold", "fail")
    ids = [set(run.answers.column("prompt_id").to_pylist()) for run in found.finished]
    assert ids[0] == ids[1] == ids[2]


def test_a_cost_is_that_of_the_method_alone(found):
    spa, dpo, twice = (run.cost for run in found.finished)
    assert spa.sampled_tokens > 0
    assert (spa.prompt_tokens, spa.sampled_tokens) == (dpo.prompt_tokens, dpo.sampled_tokens)
    assert twice.sampled_tokens > 1.5 * spa.sampled_tokens
    assert twice.trained_tokens > spa.trained_tokens > 0
    assert dpo.seconds > 0
    assert spa.memory is not None
    assert spa.memory > 10_000_000


def test_the_same_command_again_tries_what_failed_and_nothing_else(folder, tiny_folder):
    before = calls(folder)
    again = compare(folder, tiny_folder, *NAMES)
    assert again.executed == ()
    assert calls(folder) == before
    assert [run.method for run in again.missing] == ["none"]


def test_runs_of_several_folders_copied_together(folder, tiny_folder, tmp_path):
    write_constitution(tmp_path / "goals.yaml")
    with pytest.raises(primum.UserError, match="no run could be finished"):
        compare(tmp_path, tiny_folder, "spa", "dpo", "none", only=("none",))
    shutil.rmtree(tmp_path / "out" / "runs")
    shutil.copytree(folder / "out" / "runs", tmp_path / "out" / "runs")
    (tmp_path / "log").unlink()
    together = compare(tmp_path, tiny_folder, "spa", "dpo")
    assert together.executed == ()
    assert calls(tmp_path).total() == 0
    assert [run.method for run in together.finished] == ["spa", "dpo"]


def test_ten_recipes_of_other_pairs_and_losses_ask_no_more_than_one(tiny_folder, tmp_path):
    write_constitution(tmp_path / "goals.yaml")
    recipes = []
    for number in range(10):
        loss = ("spa", "dpo", "simpo")[number % 3]
        # None leaves a pair, so that none is trained: what counts is what comes before.
        text = f"pairing: {{delta: {1000 + number}}}\ntraining: {{loss: {loss}}}\n"
        (tmp_path / f"m{number}.yaml").write_text(text)
        recipes.append(str(tmp_path / f"m{number}.yaml"))
    made = []
    for named in (recipes[:1], recipes):
        with pytest.raises(primum.UserError, match="no run could be finished; m0 of seed 1"):
            compare(tmp_path, tiny_folder, recipes=named)
        made.append(calls(tmp_path))
    assert made[0] == made[1]
    assert made[1]["sample"] == 8 * 4
    assert len(read_comparison(tmp_path / "out").missing) == 10


class Interrupts(Silent):
    """Interrupts after so many calls."""

    def __init__(self, most):
        self.left = most

    def answered(self, *, made, stored):
        self.left -= made
        if self.left < 0:
            raise KeyboardInterrupt


def test_after_an_interruption_the_same_command_goes_on(tiny_folder, tmp_path):
    write_constitution(tmp_path / "goals.yaml")
    with pytest.raises(KeyboardInterrupt):
        compare(tmp_path, tiny_folder, "spa", "dpo", progress=Interrupts(20))
    made = calls(tmp_path).total()
    assert 20 <= made < 30
    left = read_comparison(tmp_path / "out")
    assert [one.reason for one in left.missing] == ["is not finished yet", "has not been run yet"]
    # `calls` sees that none is made twice.
    found = compare(tmp_path, tiny_folder, "spa", only=("spa",))
    assert [run.method for run in found.finished] == ["spa"]
    assert calls(tmp_path)["sample"] == 8 * 4
    cost = found.finished[0].cost
    assert cost.sampled_tokens >= 8 * 4


def test_a_run_of_other_settings_or_another_model_is_not_shown(folder, tiny_folder, tmp_path):
    shutil.copytree(folder / "out", tmp_path / "out")
    run = tmp_path / "out" / "runs" / "spa" / "1"
    recipe = (run / "recipe.yaml").read_text()
    (run / "recipe.yaml").write_text(recipe.replace("learning_rate: ", "learning_rate: 1"))
    gate = run.parents[1] / "dpo" / "1" / "evaluation.json"
    content = json.loads(gate.read_text())
    content["evidence"]["model before"] = "another"
    gate.unlink()
    gate.write_text(json.dumps(content))
    found = read_comparison(tmp_path / "out")
    assert [one.method for one in found.finished] == ["twice"]
    reasons = {one.method: one.reason for one in found.missing}
    assert reasons["spa"].startswith("was made with other settings")
    assert reasons["dpo"].startswith("is a run of another model")


def test_a_run_s_calls_are_its_comparison_s(folder, tmp_path):
    run = folder / "out" / "runs" / "spa" / "1"
    assert calls_of(run) == folder / "out" / CALLS
    assert calls_of(tmp_path / "runs" / "spa" / "1") == tmp_path / "runs" / "spa" / "1" / CALLS
    assert fork(run, tmp_path / "forked").calls > 0


def test_the_table_is_written_in_every_form(folder, found):
    table = write_method_table(found)
    assert [row.method for row in table.rows] == ["spa", "dpo", "twice"]
    assert table.reference == "spa"
    assert [(one.method, one.seed) for one in table.missing] == [("none", 1)]
    out = folder / "out"
    assert json.loads((out / RESULTS).read_text())["reference"] == "spa"
    assert "| `spa`" in (out / TABLE).read_text()
    assert "none" in (out / PAGE).read_text()


def test_a_method_with_another_teacher_has_the_same_examiner(folder, tiny_folder, tmp_path):
    shutil.copytree(folder, tmp_path / "job")
    compare(tmp_path / "job", tiny_folder, *NAMES, "probed", only=("probed",))
    runs = {run.method: run for run in read_comparison(tmp_path / "job" / "out").finished}
    facts = {
        method: {judge.name: judge for judge in runs[method].judges} for method in ("spa", "probed")
    }
    assert facts["spa"]["examiner"].description == facts["probed"]["examiner"].description
    assert facts["spa"]["teacher"].description != facts["probed"]["teacher"].description

    def before(method):
        table = runs[method].judgements.to_pylist()
        rows = [row for row in table if row["answerer"] == "before"]
        return {
            judge: [row["value"] for row in rows if row["judge"] == judge]
            for judge in ("examiner", "teacher")
        }

    assert before("spa")["examiner"] == before("probed")["examiner"]
    assert before("spa")["teacher"] != before("probed")["teacher"]
    table = compared_scores(list(runs.values()))
    assert "probed" in judged_runs(table, ["examiner"], (), "examiner").runs
    assert "probed" in judged_runs(table, ["teacher"], (), "teacher").set_aside
