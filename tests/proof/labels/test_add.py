"""Labels in a real run: the gate is decided again, and the run stays finished."""

import json

import pytest

import primum
from primum.errors import UserError
from primum.evaluation.summary import read_evaluation
from primum.proof.labels.add import add_labels
from primum.proof.labels.draw import SHEET, draw_labels
from primum.proof.labels.questions import FIRST, SECOND, column_of, questions_of
from primum.proof.labels.sample import draw_prompts
from primum.proof.replay import replay
from primum.sheets.csv_file import write_csv
from primum.sheets.items import FilledRow
from primum.sheets.reading import read_sheet
from primum.store.files import read_table
from tests.run.small_job import FAST, PROMPTS, write_constitution

NAMES = ("kind", "useful")
ALLOWED = "training.allow_unsafe=[learning_rate]"


@pytest.fixture
def align(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")

    def run(*settings):
        return primum.align(
            PROMPTS,
            model=str(tiny_folder),
            constitution=constitution,
            out=tmp_path / "run",
            # High enough for the tiny model's answers to change.
            overrides=(*FAST, "training.learning_rate=0.01", ALLOWED, *settings),
        )

    return run


def prefer_after(sheet, run, seed, out):
    """A labeller who finds every new answer better on the first objective, and skips the other."""
    answers = read_table(run / "answers.parquet")
    drawn = {
        one.item.item_id: one
        for one in draw_prompts(answers, NAMES, count=100, seed=seed)
        if one.item is not None
    }
    questions = questions_of(NAMES)
    rows = [
        FilledRow(
            row.item,
            {column_of("kind"): FIRST if drawn[row.item.item_id].first == "after" else SECOND},
            "",
        )
        for row in read_sheet(sheet / SHEET, questions)
    ]
    write_csv(out, questions, rows)
    return out


def test_labels_decide_the_gate_and_outlive_the_same_align(align, tmp_path):
    run = tmp_path / "run"
    align()
    assert read_table(run / "labels.parquet").num_rows == 0
    before = read_evaluation(run / "evaluation.json")
    report = (run / "report.html").read_bytes()
    draw_labels(run, count=100, out=tmp_path / "sheet", seed=5)
    file = prefer_after(tmp_path / "sheet", run, 5, tmp_path / "filled.csv")
    words = add_labels(run, [file])
    assert words.startswith("people (1 labeller, ")
    result = read_evaluation(run / "evaluation.json")
    kind, useful = result.objectives
    assert kind.people.judge == "people"
    assert (kind.held, kind.rose) == (True, True)
    assert [judge.role for judge in result.judges][-1] == "people"
    assert before.objectives[0].by[0].judge == "examiner"
    # The other objective has nothing but the answers that are alike.
    assert useful.people.gain.n < kind.people.gain.n
    assert (run / "report.html").read_bytes() != report
    # The same command finds nothing to do, and the labels are still there.
    written = (run / "evaluation.json").read_bytes()
    assert align().executed == ()
    assert (run / "evaluation.json").read_bytes() == written
    # Other settings of the gate: decided anew with the labels.
    assert align("gate.preference_margin=0.3").executed == ("gate", "report")
    assert read_evaluation(run / "evaluation.json").objectives[0].people.margin == 0.3
    # Added again, they take the place of the former ones.
    recipe = (run / "recipe.yaml").read_text()
    (run / "recipe.yaml").write_text(recipe.replace("0.3", "0.4"))
    with pytest.raises(UserError, match="have changed since it was finished"):
        add_labels(run, [file])
    align("gate.preference_margin=0.3")
    assert add_labels(run, [file]) == words
    # Other answers: the labels are not theirs.
    align("evaluation.max_tokens=7")
    assert read_table(run / "labels.parquet").num_rows == 0
    assert read_table(run / "earlier" / "2" / "labels.parquet").num_rows > 0
    with pytest.raises(UserError, match="belong to other answers"):
        add_labels(run, [file])


@pytest.mark.slow
def test_the_verdict_of_several_models_is_replayed_and_takes_labels(align, tmp_path):
    run = tmp_path / "run"
    align("seeds=2")
    found = replay(run)
    assert (found.agrees, found.unchecked) == (True, {})
    draw_labels(run, count=100, out=tmp_path / "sheet", seed=5)
    add_labels(run, [prefer_after(tmp_path / "sheet", run, 5, tmp_path / "filled.csv")])
    assert read_evaluation(run / "evaluation.json").objectives[0].people is not None
    found = replay(run)
    assert (found.agrees, found.unchecked) == (True, {})
    assert align("seeds=2").executed == ()
    assert replay(run).agrees
    with (run / "seeds" / "2" / "model" / "adapter_model.safetensors").open("ab") as file:
        file.write(b"\0")
    assert [each.what for each in replay(run).changed] == ["model after-2"]


@pytest.mark.slow
def test_labels_that_were_cut_off_count_once_the_same_align_has_gone_on(
    align, tmp_path, monkeypatch
):
    run = tmp_path / "run"
    align()
    draw_labels(run, count=100, out=tmp_path / "sheet", seed=5)
    file = prefer_after(tmp_path / "sheet", run, 5, tmp_path / "filled.csv")

    def killed(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("primum.proof.labels.add.digest_path", killed)
        with pytest.raises(KeyboardInterrupt):
            add_labels(run, [file])
    with pytest.raises(UserError, match="not finished"):
        add_labels(run, [file])
    assert align().executed == ("label", "gate", "report")
    assert read_evaluation(run / "evaluation.json").objectives[0].people is not None
    assert replay(run).agrees


def test_a_run_that_is_not_finished_has_no_sheet_and_takes_no_labels(tmp_path):
    (tmp_path / "run").mkdir()
    content = {
        "format": 3,
        "model": "m",
        "constitution": "c",
        "recipe": "r",
        "environment": {},
        "stages": {},
    }
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="not finished"):
        draw_labels(tmp_path / "run")
    with pytest.raises(UserError, match="not finished"):
        add_labels(tmp_path / "run", [tmp_path / "labels.csv"])
