"""Runs that train nothing: with a scripted engine, with a tiny model, through the real command."""

import hashlib
import io
import json
import re
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

import primum
from primum import UserError
from primum.constitution import load_constitution
from primum.engines.scripted import ScriptedEngine
from primum.evaluation.guards.asking.own_prompts import own_prompts
from primum.evaluation.summary import read_evaluation
from primum.export.source import read_source
from primum.forecast import forecast
from primum.forecast.views import forecast_summary
from primum.proof.answerers import answerers_of
from primum.proof.labels.add import add_labels
from primum.proof.labels.draw import draw_labels
from primum.proof.replay import replay
from primum.recipe import Recipe, load_recipe
from primum.run.checks import check_settings
from primum.run.plan import plan_of
from primum.store.files import read_table
from primum.synthesis.answering.system_prompt import constitution_prompt
from tests.proof.labels.test_add import prefer_after
from tests.run.small_job import FAST, PROMPTS, command, write_constitution

METHODS = ("untouched", "system-prompt", "best-of-n", "self-refinement")
JUDGED = ("judging.kind=python", "judging.function=tests.run.test_untrained:scores_in")
HELDOUT = 10
REFUSED = "kind 0"
"""What the scripted judge has no score for."""


def scores_in(messages, response):
    """The scores that an answer of the scripted engine names."""
    found = re.match(r"kind (\d+) useful (\d+)", response)
    if not found or response.startswith(REFUSED):
        return None
    return {"kind": float(found[1]), "useful": float(found[2])}


class Script:
    """A scripted engine, and what it was asked and answered."""

    def __init__(self, answer=None):
        self.log = []
        self.answer = answer
        self.engine = ScriptedEngine(
            self._answer, lambda request: np.log([0.1] * len(request.choices)), self._state
        )
        self.engine.layers = 4

    def _answer(self, request):
        drawn = hashlib.sha256(f"{request.seed} {request.messages}".encode()).digest()
        text = f"kind {drawn[0] % 11} useful {drawn[1] % 10 + 1} {drawn[2]}"
        text = self.answer(request) if self.answer else text
        self.log.append((request, text))
        return text

    @staticmethod
    def _state(request):
        digest = hashlib.sha256(repr(request.messages).encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        width = 32 if request.before else 16
        return rng.normal(size=(len(request.layers), width)).astype(np.float32)

    def asked(self, purpose):
        return [(request, text) for request, text in self.log if request.purpose == purpose]


@pytest.fixture
def align(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")

    def run(method, *settings, script=None, name=None):
        return primum.align(
            PROMPTS,
            model=str(tiny_folder),
            constitution=constitution,
            out=tmp_path / (name or method),
            overrides=(*FAST, *(JUDGED if script else ()), f"method={method}", *settings),
            engine=script.engine if script else None,
        )

    return run


def texts(run, answerer):
    rows = read_table(run / "answers.parquet").to_pylist()
    return {row["prompt_id"]: row for row in rows if row["answerer"] == answerer}


def facts_of(run, stage="evaluate"):
    return json.loads((run / "manifest.json").read_text())["stages"][stage]["facts"]


def gate_of(run):
    return json.loads((run / "evaluation.json").read_text())


@pytest.mark.parametrize("method", METHODS)
def test_every_file_that_a_stage_reads_is_written_by_one_before_it(tmp_path, method):
    written = {"manifest.json", "calls.sqlite"}
    plan = plan_of(SimpleNamespace(recipe=Recipe(method=method), model="start"), tmp_path)
    names = ["prompts", "evaluate", "guard", "label", "gate", "report"]
    assert [step.name for step in plan] == names
    for step in plan:
        assert set(step.stage.reads) <= written, step.name
        written |= set(step.stage.writes)
        assert step.policy == "start"


def test_an_untouched_model_gains_nothing_and_is_asked_nothing_twice(align):
    script = Script()
    run = align("untouched", script=script).path
    assert script.engine.calls["evaluate"] == 3 * HELDOUT  # Before, and a change of nothing twice.
    before, after = (
        [row["text"] for row in texts(run, side).values()] for side in ("before", "after")
    )
    assert before == after
    for objective in gate_of(run)["objectives"]:
        for shown in (*objective["by"], objective["teacher"]):
            assert shown["gain"]["value"] == 0
    assert gate_of(run)["verdict"] in ("hold", "fail")
    assert facts_of(run)["answer_tokens"] == np.mean([len(text.split()) for text in after])


def test_the_constitution_stands_in_the_system_prompt_before_the_recipe_s_own(align, tmp_path):
    script = Script()
    run = align("system-prompt", "evaluation.system_prompt=Be brief.", script=script).path
    goals = constitution_prompt(load_constitution(tmp_path / "kind-useful.yaml"))
    assert goals.index("1. kind: Be kind.") < goals.index("2. useful: Be useful.")
    assert "the earlier one comes first" in goals
    after = {row["text"] for row in texts(run, "after").values()}
    before = {row["text"] for row in texts(run, "before").values()}
    systems = {}
    for request, text in script.asked("evaluate"):
        systems.setdefault(request.messages[0].content, set()).add(text)
    assert systems[f"{goals}\n\nBe brief."] == after
    assert before < systems["Be brief."]
    assert not after & before


def by_prompt(script):
    """The candidates drawn, by the user's message."""
    found = {}
    for request, text in script.asked("sample"):
        found.setdefault(request.messages[-1].content, []).append(text)
    return found


def asked_of(row):
    return row["messages"][-1]["content"]


def test_the_best_of_n_is_the_first_in_the_order_and_without_scores_there_is_no_answer(align):
    # Met from 7 on, so that the second objective decides among these.
    script = Script()
    settings = ("sampling.n=6", "pairing.thresholds={kind: 7}", "evaluation.max_tokens=9")
    run = align("best-of-n", *settings, script=script).path
    drawn = by_prompt(script)
    assert script.engine.calls["sample"] == 6 * HELDOUT
    params = {request.sampling for request, _ in script.asked("sample")}
    assert {(each.temperature, each.top_p, each.max_tokens) for each in params} == {(1.0, 1.0, 9)}
    decided_by_second = 0
    for row in texts(run, "after").values():
        scored = [(scores_in(None, text), text) for text in drawn[asked_of(row)]]
        scored = [(each["kind"], each["useful"], text) for each, text in scored if each]
        highest = max(min(kind, 7) for kind, _, _ in scored)
        top = [each for each in scored if min(each[0], 7) == highest]
        best = max(top, key=lambda each: (each[1], each[0]))
        assert row["text"] == best[2]
        decided_by_second += best[0] < max(kind for kind, _, _ in scored)
    assert decided_by_second > 0
    assert facts_of(run)["answer_tokens"] == 6 * 5


def test_of_candidates_that_are_the_same_in_the_order_the_higher_scores_win_then_the_first(align):
    answers = iter("abcdef" * HELDOUT)

    def answer(request):
        if request.purpose != "sample":
            return "kind 5 useful 5"
        letter = next(answers)
        return {
            "a": "kind 4 useful 9 a",
            "b": "kind 5 useful 8 b",
            "c": "kind 5 useful 8 c",
            "d": "kind 0 useful 9 d",
            "e": "kind 4 useful 9 e",
            "f": "no score at all",
        }[letter]

    # In bins of 20 all are the same.
    run = align("best-of-n", "sampling.n=6", "pairing.bin=20", script=Script(answer)).path
    assert {row["text"] for row in texts(run, "after").values()} == {"kind 5 useful 8 b"}


def test_a_prompt_none_of_whose_candidates_is_scored_has_no_answer_and_says_why(align):
    def answer(request):
        return "no score" if request.purpose == "sample" else "kind 5 useful 5"

    for method in ("best-of-n", "self-refinement"):
        run = align(method, script=Script(answer)).path
        rows = texts(run, "after").values()
        assert {row["missing"] for row in rows} == {"no candidate was scored"}
        assert facts_of(run)["missing_answers"] == HELDOUT
        assert facts_of(run)["answer_tokens"] == 8
        assert gate_of(run)["verdict"] == "fail"


def test_self_refinement_shares_the_candidates_and_keeps_a_refinement_that_is_worse(
    align, tmp_path
):
    def answer(request):
        if request.purpose == "refine":
            return "kind 1 useful 1 refined"
        return f"kind 5 useful {request.seed % 10 + 1}"

    settings = ("evaluation.system_prompt=Be brief.",)
    first, second = Script(answer), Script(answer)
    align("best-of-n", *settings, script=first)
    run = align("self-refinement", *settings, script=second).path
    drawn = [[request for request, _ in each.asked("sample")] for each in (first, second)]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 4 * HELDOUT
    assert second.engine.calls["refine"] == HELDOUT
    assert {row["text"] for row in texts(run, "after").values()} == {"kind 1 useful 1 refined"}
    for request, _ in second.asked("refine"):
        assert request.messages[0].content.startswith("Be brief.\n\nYour goals")
    assert facts_of(run)["answer_tokens"] == 4 * 4 + 5
    # In one store nothing is drawn twice.
    third = Script(answer)
    align("best-of-n", *settings, script=third, name="both")
    before = dict(third.engine.calls)
    align("self-refinement", *settings, script=third, name="both")
    # What examiners read of the new answers is new.
    calls = {**third.engine.calls, "judge": before["judge"]}
    assert calls == {**before, "refine": HELDOUT}


@pytest.mark.parametrize("method", METHODS)
def test_refusals_are_asked_in_the_method_s_own_way(align, method):
    # Every candidate has a score.
    script = Script(lambda asked: f"kind 5 useful {len(str(asked.messages)) % 9 + 1} {asked.seed}")
    guards = "gate.guards={refusals: true}"
    run = align(method, guards, "sampling.n=2", script=script).path
    rows = read_table(run / "guards.parquet").to_pylist()
    prompts = sum(map(len, own_prompts().values()))
    sides = {side: [row for row in rows if row["answerer"] == side] for side in ("before", "after")}
    assert [len(side) for side in sides.values()] == [prompts, prompts]
    same = [one["text"] for one in sides["before"]] == [one["text"] for one in sides["after"]]
    assert same == (method == "untouched")
    expected = {"untouched": 1, "system-prompt": 2}.get(method, 1)
    assert script.engine.calls["refusals"] == expected * prompts
    own = {"best-of-n": {"sample": 2}, "self-refinement": {"sample": 2, "refine": 1}}
    for purpose, each in own.get(method, {}).items():
        assert script.engine.calls[purpose] == each * (prompts + HELDOUT)


def test_likelihood_is_scored_under_each_side_s_own_system_prompt_or_left_out_with_a_note(
    align, tmp_path
):
    seen = []
    script = Script()
    script.engine.likelihood = lambda request: seen.append(request.messages) or [-1.0]
    wanted = ("gate.guards={likelihood: true}", "evaluation.system_prompt=Be brief.")
    align("system-prompt", *wanted, script=script)
    goals = constitution_prompt(load_constitution(tmp_path / "kind-useful.yaml"))
    systems = [messages[0].content for messages in seen]
    assert systems.count("Be brief.") == 2 * HELDOUT
    assert systems.count(f"{goals}\n\nBe brief.") == HELDOUT
    seen.clear()
    run = align("best-of-n", *wanted, script=script).path
    assert not seen
    notes = gate_of(run)["notes"]
    assert any("likelihood and ability were left out" in note for note in notes)
    assert not any("left out" in note for note in gate_of(align("best-of-n").path)["notes"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.slow
def test_all_that_comes_after_a_run_works_without_a_trained_model(align, tmp_path, method):
    outcome = align(method)
    run = outcome.path
    assert outcome.model is None
    assert not (run / "model").exists()
    assert not (run / "pairs.parquet").exists()
    assert [one["text"] for one in texts(run, "after").values()]
    evidence = outcome.gate.evidence
    assert evidence["model after"] == evidence["model before"]
    assert len(evidence["method"]) == 64
    assert outcome.gate.notes[0].startswith("nothing was trained: ")
    again = replay(run)
    assert again.agrees, again.lines
    assert not again.unchecked
    page = (run / "report.html").read_text()
    assert "nothing was trained" in page
    for absent in ('id="prompts"', 'id="pairs"', 'id="training"', "made the pairs", ", aligned"):
        assert absent not in page, absent
    card = (run / "README.md").read_text()
    assert "There is no new model" in card
    assert "preference pairs" not in card
    assert "base_model" not in card
    with pytest.raises(UserError, match=f"has no model to export.*method={method}"):
        read_source(run)
    with pytest.raises(UserError, match=f"has no model of its own.*method={method}"):
        answerers_of([str(run)])
    with pytest.raises(UserError, match="has no candidates to audit its judge on"):
        primum.audit(run)
    assert align(method).executed == ()


def test_a_changed_setting_of_the_method_shows_in_its_hash(align, tmp_path):
    run = align("best-of-n").path
    recipe = run / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("  n: 4", "  n: 3", 1))
    changed = {each.what for each in replay(run).changed}
    assert changed == {"method"}


def test_labels_decide_a_run_that_trained_nothing(align, tmp_path):
    run = align("system-prompt").path
    draw_labels(run, count=100, out=tmp_path / "sheet", seed=5)
    add_labels(run, [prefer_after(tmp_path / "sheet", run, 5, tmp_path / "filled.csv")])
    result = read_evaluation(run / "evaluation.json")
    assert result.objectives[0].people.judge == "people"
    assert result.notes[0].startswith("nothing was trained: ")
    assert replay(run).agrees
    assert align("system-prompt").executed == ()


@pytest.mark.slow
def test_a_run_that_trained_before_says_nothing_of_its_training(align, tmp_path):
    align("train", name="run")
    outcome = align("untouched", name="run")
    assert outcome.model is None
    assert (tmp_path / "run" / "earlier").is_dir()
    page = (tmp_path / "run" / "report.html").read_text()
    assert "seconds train" not in page
    assert 'id="pairs"' not in page
    assert not re.search(r'scope="row">train[ <]', page)
    assert replay(tmp_path / "run").agrees


@pytest.mark.parametrize("method", METHODS)
def test_the_forecast_counts_the_calls_and_no_training(align, tiny_folder, tmp_path, method):
    settings = (*FAST, f"method={method}")
    constitution = tmp_path / "kind-useful.yaml"
    named = {"model": str(tiny_folder), "constitution": constitution, "out": tmp_path / "run"}
    found = forecast(PROMPTS, **named, overrides=settings)
    assert found.training.steps == 0
    assert found.training_memory is None
    calls = {line.purpose: line.calls for line in found.calls}
    outputs = {"untouched": 3, "system-prompt": 4, "best-of-n": 3, "self-refinement": 3}
    assert calls["evaluate"] == outputs[method] * HELDOUT
    drawn = 4 * HELDOUT if method in ("best-of-n", "self-refinement") else None
    assert calls.get("sample") == drawn
    assert calls.get("refine") == (HELDOUT if method == "self-refinement" else None)
    assert not (tmp_path / "run").exists()
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(forecast_summary(found))
    said = console.export_text()
    assert "Training: none." in said
    assert "Memory for training" not in said


@pytest.mark.parametrize(
    ("method", "setting", "said"),
    [
        ("untouched", "seeds=2", "seeds=2 means nothing; set seeds=1"),
        ("best-of-n", "iterations=2", "iterations=2 means nothing; set iterations=1"),
        ("best-of-n", "sampling.n=1", "leaves nothing to choose"),
        ("best-of-n", "pairing.rule=weighted", "pairing.rule=weighted means nothing"),
        ("self-refinement", "refinement.n=0", "refinement.n is 0"),
        ("system-prompt", "combination.kind=soup", "combination.kind=soup means nothing"),
        ("system-prompt", "judging.thoughts=true", "judging.thoughts=true means nothing"),
        ("untouched", "round_prompts=new", "round_prompts=new means nothing"),
    ],
)
def test_settings_that_mean_nothing_are_refused(method, setting, said):
    recipe = load_recipe("quickstart", (f"method={method}", setting))
    with pytest.raises(UserError, match=re.escape(said)):
        check_settings(recipe, load_constitution("harmless-helpful"))


@pytest.mark.parametrize("method", METHODS)
def test_a_method_can_be_laid_over_every_recipe(method):
    for name in ("quickstart", "paper", None):
        recipe = load_recipe(name, (f"method={method}", "sampling.n=2"))
        check_settings(recipe, load_constitution("harmless-helpful"))


@pytest.mark.slow
def test_the_real_command_says_how_the_answers_were_made(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    out = tmp_path / "run"
    program = command(str(tiny_folder), constitution, out, "method=best-of-n")
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "Nothing was trained: each answer after is the best of 4" in said
    assert "pairs" not in said
    export = [*program[:3], "export", str(out), "--merged", str(tmp_path / "exported")]
    done = subprocess.run(export, capture_output=True, text=True)
    assert done.returncode != 0
    assert "no model to export" in done.stderr
    assert "Traceback" not in done.stderr
