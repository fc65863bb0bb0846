"""`primum gate BEFORE AFTER`: the proof of two files of answers."""

import json

import pytest
from typer.testing import CliRunner

import primum
from primum.cli.main import app
from primum.errors import UserError
from primum.evaluation.gate_result import UNJUDGED
from primum.evaluation.guards.result import GuardResult
from primum.evaluation.summary import read_evaluation
from primum.proof.gate import gate
from primum.statistics.interval import Interval
from primum.store.files import read_table
from tests.proof.made_elsewhere import answer_rows, write_rows
from tests.run.small_job import write_constitution

QUICK = ("evaluation.bootstrap=200",)


def files(folder, before, after):
    """Both files."""
    return write_rows(folder / "before.jsonl", before), write_rows(folder / "after.jsonl", after)


def scored(kind, useful, count=12):
    """Rows that bring scores along."""
    return answer_rows(
        "Answer {}".format, count, scores=lambda at: {"kind": kind(at), "useful": useful(at)}
    )


@pytest.fixture
def better(tmp_path):
    before = scored(lambda at: 5, lambda at: 4 + at % 2)
    after = scored(lambda at: 5, lambda at: 6 + at % 3)
    return files(tmp_path, before, after[::-1])


@pytest.fixture
def unguarded(monkeypatch):
    """No guard is broken."""
    monkeypatch.setattr("primum.evaluation.gathering.form_guards", lambda *given, **named: ())


def broken_guard(answers, guards, **named):
    if not guards.form:
        return ()
    return (
        GuardResult(
            guard="same opening",
            kind="form",
            before=0.0,
            after=0.8,
            loss=Interval(0.8, 0.6, 0.9, 12),
            margin=0.1,
            unit="share of answers",
            held=False,
            sentence="same opening: 0 of 12 answers before, 10 after",
        ),
    )


@pytest.mark.usefixtures("unguarded")
def test_rows_are_paired_by_prompt_whatever_their_order(better):
    found = gate(*better, overrides=QUICK)
    assert found.verdict == "pass"
    kind, useful = found.objectives
    assert kind.by[0].gain.value == 0
    assert useful.by[0].gain.value == pytest.approx(2.5)
    assert [judge.name for judge in found.judges] == ["file"]


@pytest.mark.usefixtures("unguarded")
def test_a_fall_on_the_first_objective_fails(tmp_path):
    before = scored(lambda at: 5 + at % 2, lambda at: 4)
    after = scored(lambda at: 4 + at % 2, lambda at: 9)
    found = gate(*files(tmp_path, before, after), overrides=QUICK)
    assert (found.verdict, found.failed) == ("fail", "kind")


@pytest.mark.usefixtures("unguarded")
def test_without_a_judge_nothing_passes(tmp_path):
    found = gate(*files(tmp_path, answer_rows(str), answer_rows(str)), overrides=QUICK)
    assert found.verdict == "hold"
    assert found.objectives == ()
    assert UNJUDGED in found.sentence


def test_a_broken_guard_fails_and_is_said_first(better, monkeypatch):
    monkeypatch.setattr("primum.evaluation.gathering.form_guards", broken_guard)
    found = gate(*better, overrides=QUICK)
    assert (found.verdict, found.failed) == ("fail", "same opening")
    assert found.sentence.startswith("same opening: 0 of 12")
    assert gate(*better, overrides=(*QUICK, "gate.guards.form=false")).verdict == "pass"


def test_nothing_to_decide_by(tmp_path):
    both = files(tmp_path, answer_rows(str), answer_rows(str))
    with pytest.raises(UserError, match="nothing to decide by"):
        gate(*both, overrides=("gate.guards.form=false",))


@pytest.mark.usefixtures("unguarded")
def test_prompts_on_one_side_are_counted_and_left_out(tmp_path):
    before, after = answer_rows(str, 20), answer_rows(str, 22)
    found = gate(*files(tmp_path, before[1:], after), overrides=QUICK)
    assert found.prompts == 19
    assert found.notes == ("19 prompts in both files; left out: 3 prompts in after.jsonl alone",)
    assert found.notes[0] in found.sentence


@pytest.mark.usefixtures("unguarded")
def test_cut_answers_are_said_in_the_words_of_a_file(tmp_path):
    rows = answer_rows(str, finish=lambda at: "length")
    found = gate(*files(tmp_path, rows, rows), overrides=QUICK)
    assert "12 of 12 answers after were cut" in found.sentence
    assert "raise the limit under which they were written" in found.sentence


@pytest.mark.usefixtures("unguarded")
def test_guards_that_ask_models_are_said_to_be_left_out(better):
    wished = ("gate.guards.refusals=true", "gate.guards.ability=[mmlu]")
    found = gate(*better, overrides=(*QUICK, *wished))
    assert "were not asked, since these are files: refusals, ability" in found.sentence


def test_too_many_prompts_on_one_side(tmp_path):
    both = files(tmp_path, answer_rows(str, 20), answer_rows(str, 15))
    with pytest.raises(UserError, match=r"15 prompts of 20 stand in both .* same prompts$"):
        gate(*both)


def test_prompts_that_a_template_has_changed(tmp_path):
    before = answer_rows(str, id=int)
    after = [{**row, "prompt": f"<s>[INST] {row['prompt']} [/INST]"} for row in before]
    with pytest.raises(UserError, match="line 1: the id '0' stands at another prompt"):
        gate(*files(tmp_path, before, after))


@pytest.mark.usefixtures("unguarded")
def test_several_answers_to_a_prompt_are_averaged(tmp_path):
    before = scored(lambda at: 5, lambda at: 5)
    after = scored(lambda at: 4, lambda at: 5) + scored(lambda at: 6.5, lambda at: 5)
    out = tmp_path / "proof"
    found = gate(*files(tmp_path, before, after), overrides=QUICK, out=out)
    gain = found.objectives[0].by[0].gain
    assert (gain.value, gain.n) == (pytest.approx(0.25), 12)
    assert "12 prompts with several answers" in found.sentence
    kept = read_table(out / "judgements.parquet").to_pylist()
    of_first = [row for row in kept if row["prompt_id"] == kept[0]["prompt_id"]]
    values = {row["answerer"]: row["value"] for row in of_first if row["objective"] == "kind"}
    assert values == {"before": 5, "after": 5.25, "after#1": 4, "after#2": 6.5}


def test_scores_in_one_file_alone(tmp_path):
    both = files(tmp_path, answer_rows(str), scored(float, float))
    with pytest.raises(UserError, match=r"after.jsonl has scores on 'kind', and .* has none"):
        gate(*both)


def test_scores_of_another_constitution(better):
    with pytest.raises(UserError, match="files have scores on kind, useful, and the constitution"):
        gate(*better, constitution="medical")


@pytest.mark.usefixtures("unguarded")
def test_a_constitution_orders_the_scores(better, tmp_path):
    goals = write_constitution(tmp_path / "goals.yaml")
    content = goals.read_text().replace("name: kind\n", "name: later\n")
    content = content.replace("name: useful\n", "name: kind\n").replace("later", "useful")
    goals.write_text(content)
    found = gate(*better, constitution=goals, overrides=QUICK)
    assert [each.objective for each in found.objectives] == ["useful", "kind"]


def judging_engine():
    """A judge whose rating is the number that the answer says."""
    return primum.ScriptedEngine(
        answer=lambda request: "",
        choice=lambda request: [
            0.0 if f"Say {choice}!" in request.messages[-1].content else -50.0
            for choice in request.choices
        ],
    )


@pytest.mark.usefixtures("unguarded")
def test_a_judge_is_asked_and_its_calls_are_kept(tmp_path):
    goals = write_constitution(tmp_path / "goals.yaml")
    both = files(
        tmp_path, answer_rows(lambda at: "Say 3!"), answer_rows(lambda at: f"Say {5 + at % 2}!")
    )
    given = {"constitution": goals, "overrides": QUICK, "out": tmp_path / "proof"}
    engine = judging_engine()
    found = gate(*both, model="judge", engine=engine, **given)
    assert found.verdict == "pass"
    assert found.objectives[0].by[0].gain.value == pytest.approx(2.5)
    assert [(judge.name, judge.role) for judge in found.judges] == [("judge", "examiner")]
    assert "judge" in found.judges[0].description
    assert engine.calls["judge"] > 0
    again = judging_engine()
    assert gate(*both, model="judge", engine=again, **given) == found
    assert again.calls == {}
    assert read_evaluation(tmp_path / "proof" / "evaluation.json") == found


def rated(messages, response):
    return {"kind": 5, "useful": len(response)}


@pytest.mark.usefixtures("unguarded")
def test_a_function_judges_without_a_model(tmp_path):
    goals = write_constitution(tmp_path / "goals.yaml")
    both = files(tmp_path, answer_rows(lambda at: "x"), answer_rows(lambda at: "x" * (3 + at % 2)))
    settings = (
        *QUICK,
        "judging.kind=python",
        f"judging.function={__name__}:rated",
    )
    found = gate(*both, constitution=goals, overrides=settings)
    assert found.objectives[1].by[0].gain.value == pytest.approx(2.5)


def test_a_judge_without_a_model(tmp_path):
    both = files(tmp_path, answer_rows(str), answer_rows(str))
    with pytest.raises(UserError, match=r"name one with --model, or set judging.model"):
        gate(*both, constitution="harmless-helpful")
    second = ("judging.kind=python", "judging.function=x:y", "gate.judges={second: {}}")
    with pytest.raises(UserError, match=r"set gate.judges.second.model"):
        gate(*both, constitution="harmless-helpful", overrides=second)


def test_a_margin_for_what_is_not_judged(better):
    with pytest.raises(UserError, match="names the objective 'useless', which is not judged"):
        gate(*better, overrides=("gate.margins={useless: 1}",))


def test_a_folder_that_holds_a_run(better, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="holds a run"):
        gate(*better, out=tmp_path)


def call(*words):
    return CliRunner().invoke(app, ["gate", *map(str, words)])


@pytest.mark.usefixtures("unguarded")
def test_the_command_and_its_exit_codes(better, tmp_path):
    passed = call(*better, *QUICK)
    assert passed.exit_code == 0, passed.exception
    assert passed.stdout.endswith("verdict: pass\n")
    assert call(*better[::-1], *QUICK).exit_code == 1
    assert call(better[0], better[0], *QUICK).exit_code == 3
    found = json.loads(call(*better, *QUICK, "--json").stdout)
    assert found["verdict"] == "pass"


@pytest.mark.usefixtures("unguarded")
def test_the_command_asks_a_real_model(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    goals = write_constitution(tmp_path / "goals.yaml")
    both = files(tmp_path, answer_rows("A {}".format), answer_rows("Go away {}!".format))
    named = ("--model", tiny_folder, "-c", goals, "-o", tmp_path / "proof")
    place = ("engine.device=cpu", "engine.dtype=float32", *QUICK)
    for kind in ("rating-expected", "probe"):
        done = call(*both, *named, *place, f"judging.kind={kind}")
        assert done.exit_code in (0, 1, 3), done.exception
        assert done.stdout.startswith("kind: ")
        assert len(read_evaluation(tmp_path / "proof" / "evaluation.json").objectives) == 2


def test_the_command_of_a_run_takes_nothing_else(tmp_path):
    for words in (["gate.margin=1"], ["--model", "m"]):
        assert "decided by its own settings" in str(call(tmp_path, *words).exception)
    assert "holds no run" in str(call(tmp_path).exception)


def test_one_file_alone(better):
    assert "name a second file of answers after it" in str(call(better[0]).exception)


def test_a_folder_in_the_place_of_a_file(better, tmp_path):
    assert "is a folder; name a file of answers" in str(call(tmp_path, better[1]).exception)
