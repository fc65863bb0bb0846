"""`primum evaluate`: any models on any prompts by any judges."""

import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

import primum
from primum.cli.main import app
from primum.errors import UserError
from primum.proof.evaluate import evaluate
from primum.proof.results.terminal import evaluation_summary
from primum.store.files import read_table
from tests.proof.made_elsewhere import answer_rows, write_rows
from tests.run.small_job import write_constitution

QUICK = ("evaluation.bootstrap=200", "evaluation.max_tokens=8", "seed=1")
PROMPTS = [
    {"prompt": f"What is {at}?", "split": "heldout", "category": "odd" if at % 2 else "even"}
    for at in range(12)
] + [{"prompt": "Why?", "split": "train"}]


class Scripted:
    """Models by name: each says its own words; a rating is the number that an answer says."""

    def __init__(self):
        self.engines = []

    def __call__(self, name):
        engine = primum.ScriptedEngine(
            answer=lambda request: {"a": "Say 3!", "b": "Say 5, that is: Say 6!"}[name],
            choice=choice,
            fingerprint=name,
        )
        self.engines.append(engine)
        return engine

    def calls(self, purpose):
        return sum(engine.calls.get(purpose, 0) for engine in self.engines)


def choice(request):
    said = request.messages[-1].content
    if request.choices == ("A", "B"):
        return [float("Say 6!" in said.split("Answer B:")[0]), 0.5]
    return [0.0 if f"Say {each}!" in said else -50.0 for each in request.choices]


@pytest.fixture
def given(tmp_path):
    return {
        "constitution": write_constitution(tmp_path / "goals.yaml"),
        "overrides": QUICK,
        "models": ["a", "b"],
    }


def only(rows, **wanted):
    [found] = [
        row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())
    ]
    return found


def test_two_models_compared(given):
    found = evaluate(PROMPTS, engine=Scripted(), **given)
    assert (found.answerers, found.prompts) == (("a", "b"), 12)
    kind = {"objective": "kind", "category": None}
    assert only(found.scores, answerer="a", **kind).mean.value == pytest.approx(3)
    beside = only(found.comparisons, **kind)
    assert beside.gain.value == pytest.approx(3)
    assert (beside.duels.decided_by, beside.duels.wins, beside.duels.flips) == ("words", 12, 0)
    assert beside.duels.rate.value == 1
    assert beside.p_adjusted is not None
    assert only(found.scores, answerer="a", objective="kind", category="odd").mean.n == 6
    weights = [row.weight for row in found.utilities if row.answerer == "b"]
    assert weights == [5, 10, 20]
    assert only(found.utilities, answerer="b", weight=5).gain.value == pytest.approx(3)


def test_duels_by_scores_and_none(given):
    scores = evaluate(PROMPTS, engine=Scripted(), duels="scores", tie=3.5, **given)
    assert {row.duels.ties for row in scores.comparisons if row.duels} == {12}
    assert {row.duels.decided_by for row in scores.comparisons if row.duels} == {"scores"}
    none = evaluate(PROMPTS, engine=Scripted(), duels="none", lambdas=[1], **given)
    assert {row.duels for row in none.comparisons} == {None}
    assert {row.weight for row in none.utilities} == {1}


def test_it_goes_on_where_it_was(given, tmp_path):
    first = Scripted()
    found = evaluate(PROMPTS, engine=first, out=tmp_path / "out", **given)
    assert (first.calls("evaluate"), first.calls("duel")) == (24, 48)
    again = Scripted()
    assert evaluate(PROMPTS, engine=again, out=tmp_path / "out", **given) == found
    assert sum(again.calls(purpose) for purpose in ("evaluate", "judge", "duel")) == 0


def test_what_is_written(given, tmp_path):
    out = tmp_path / "out"
    found = evaluate(PROMPTS, engine=Scripted(), out=out, **given)
    assert json.loads((out / "scores.json").read_text()) == json.loads(json.dumps(found.to_json()))
    answers = read_table(out / "answers.parquet").to_pylist()
    assert {row["answerer"] for row in answers} == {"a", "b"}
    assert len(read_table(out / "judgements.parquet")) == 12 * 2 * 2
    assert len(read_table(out / "duels.parquet")) == 12 * 2
    content = json.loads((out / "lm_eval" / "2-b" / "results.json").read_text())
    [kind, useful] = content["results"]
    assert content["results"][kind]["score,none"] == pytest.approx(6)
    assert content["results"][kind]["score_stderr,none"] == pytest.approx(0)
    assert content["results"][kind]["win_rate,none"] == 1
    for key in ("configs", "versions", "n-shot", "higher_is_better", "n-samples"):
        assert list(content[key]) == [kind, useful]


def test_a_file_of_answers_beside_a_model(given, tmp_path):
    file = write_rows(tmp_path / "theirs.jsonl", answer_rows(lambda at: "Say 7!", 11))
    found = evaluate(PROMPTS, engine=Scripted(), **{**given, "models": ["a", str(file), str(file)]})
    assert found.answerers == ("a", "theirs.jsonl", "theirs.jsonl (2)")
    mean = only(found.scores, answerer="theirs.jsonl", objective="kind", category=None).mean
    assert (mean.value, mean.n, mean.missing) == (pytest.approx(7), 11, 1)
    assert "theirs.jsonl lacks an answer to 1 prompt" in found.notes


def test_a_file_that_answers_nothing_is_found_before_a_model_answers(given, tmp_path):
    other = [{"prompt": "Quite another?", "answer": "Yes."}]
    file = str(write_rows(tmp_path / "theirs.jsonl", other))
    engines = Scripted()
    with pytest.raises(UserError, match="answers none of the 12 prompts"):
        evaluate(PROMPTS, engine=engines, **{**given, "models": ["a", file]})
    assert engines.calls("evaluate") == 0


def test_a_judge_that_the_first_file_cannot_be(given, tmp_path):
    file = str(write_rows(tmp_path / "theirs.jsonl", answer_rows(str, 12)))
    with pytest.raises(UserError, match=r"set judging\.model"):
        evaluate(PROMPTS, engine=Scripted(), **{**given, "models": [file, "a"]})
    named = {**given, "models": [file, "a"], "overrides": (*QUICK, "judging.model=a")}
    assert evaluate(PROMPTS, engine=Scripted(), **named).answerers == ("theirs.jsonl", "a")


def rated(messages, response):
    return {"kind": 5, "useful": min(10, len(response))}


def test_further_judges(given):
    second = f"gate.judges={{second: {{kind: python, function: '{__name__}:rated'}}}}"
    found = evaluate(PROMPTS, engine=Scripted(), **{**given, "overrides": (*QUICK, second)})
    assert [judge.name for judge in found.judges] == ["judge", "second"]
    duels = {row.judge: row.duels for row in found.comparisons if row.duels}
    assert (duels["judge"].decided_by, duels["second"].decided_by) == ("words", "scores")
    # Four whole comparisons are corrected for, and no category's.
    assert sum(row.p_adjusted is not None for row in found.comparisons) == 4


def test_which_prompts(given):
    assert evaluate(PROMPTS, engine=Scripted(), split="all", **given).prompts == 13
    assert evaluate(PROMPTS, engine=Scripted(), split="train", **given).prompts == 1
    few = {**given, "overrides": (*QUICK, "max_heldout=5")}
    assert evaluate(PROMPTS, engine=Scripted(), **few).prompts == 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"split": "test"}, "split is 'test'; it should be one of heldout, train, all"),
        ({"duels": "fists"}, "duels is 'fists'"),
        ({"tie": -1}, "tie is a width"),
        ({"lambdas": [0]}, "λ is a weight"),
        ({"models": []}, "no model is named"),
        ({"inspect": True}, "--out; name one"),
    ],
)
def test_what_people_get_wrong(given, change, said):
    with pytest.raises(UserError, match=said):
        evaluate(PROMPTS, engine=Scripted(), **{**given, **change})


def printed(found, width):
    console = Console(width=width, file=io.StringIO())
    console.print(evaluation_summary(found))
    return console.file.getvalue()


def test_the_tables_fit_into_80_columns(given, tmp_path):
    long = str(write_rows(tmp_path / f"{'long-' * 8}name.jsonl", answer_rows(str, 12)))
    second = f"gate.judges={{second: {{kind: python, function: '{__name__}:rated'}}}}"
    named = {**given, "models": ["a", "b", long], "overrides": (*QUICK, second)}
    shown = printed(evaluate(PROMPTS, engine=Scripted(), **named), 80)
    assert "…" not in shown
    for said in ("kind by second", "+3.00 [3.00, 3.00]", "12/0/0", "100% [76%, 100%]", "< 0.001"):
        assert said in shown


def test_what_comes_from_files_is_no_markup(given):
    rows = [{**row, "category": f"[red]{row.get('category')}\x1b[2J"} for row in PROMPTS]
    shown = printed(evaluate(rows, engine=Scripted(), **given), 200)
    assert "[red]odd" in shown
    assert "\x1b" not in shown


def test_a_log_for_inspect(given, tmp_path):
    log = pytest.importorskip("inspect_ai.log", reason="comes with the extra `inspect`")
    found = evaluate(PROMPTS, engine=Scripted(), out=tmp_path / "out", inspect=True, **given)
    read = log.read_eval_log(str(tmp_path / "out" / "inspect" / "2-b.eval"))
    assert (read.status, read.eval.model, len(read.samples)) == ("success", "b", 12)
    assert read.samples[0].output.completion == "Say 5, that is: Say 6!"
    assert read.samples[0].scores["kind by judge"].value == pytest.approx(6)
    assert read.results.scores[0].metrics["mean"].value == pytest.approx(
        only(found.scores, answerer="b", objective="kind", category=None).mean.value
    )


def test_a_log_for_inspect_without_it(given, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    engine = Scripted()
    with pytest.raises(UserError, match=r"pip install 'primum\[inspect\]'"):
        evaluate(PROMPTS, engine=engine, out=tmp_path / "out", inspect=True, **given)
    assert engine.engines == []


def test_the_command_on_two_models_and_a_file(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "160")
    prompts = write_rows(tmp_path / "prompts.jsonl", PROMPTS)
    theirs = write_rows(tmp_path / "theirs.csv.jsonl", answer_rows("Answer {}.".format))
    goals = write_constitution(tmp_path / "goals.yaml")
    words = ["evaluate", prompts, "-m", tiny_folder, "-m", tiny_folder, "-m", theirs, "-c", goals]
    words += ["-o", tmp_path / "out", "engine.dtype=float32", "engine.device=cpu", *QUICK]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.exception
    for said in ("12 prompts", "Compared with", "theirs.csv.jsonl", "HH_λ", "By category"):
        assert said in done.stdout
    as_json = CliRunner().invoke(app, [str(word) for word in (*words, "--json")])
    found = json.loads(as_json.stdout)
    same = [row for row in found["comparisons"] if row["answerer"].endswith("(2)")]
    assert {row["gain"]["value"] for row in same} == {0.0}
    probe = CliRunner().invoke(app, [str(word) for word in (*words, "judging.kind=probe")])
    assert probe.exit_code == 0, probe.exception
