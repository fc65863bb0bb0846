"""Tasks of lm-eval, through our own engines."""

import functools
import importlib.metadata
import json

import pytest

from primum import UserError
from primum.engines.scripted import ScriptedEngine
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.guards.asking.entry import check_asked
from primum.evaluation.guards.asking.harness import check_task, harness_rows
from primum.progress import Silent
from primum.recipe.schema import EngineSettings, Guards

CHOICE = """
task: own_choice
dataset_path: json
dataset_kwargs: {data_files: {test: %s}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{q}}"
doc_to_choice: "{{c}}"
doc_to_target: "{{a}}"
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
"""
WRITTEN = """
task: own_written
dataset_path: json
dataset_kwargs: {data_files: {test: %s}}
test_split: test
output_type: generate_until
doc_to_text: "{{q}}"
doc_to_target: "{{c[a]}}"
generation_kwargs: {until: ["."], max_gen_toks: 7}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""
ROLLING = """
task: own_rolling
dataset_path: json
dataset_kwargs: {data_files: {test: %s}}
test_split: test
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{q}}"
metric_list: [{metric: word_perplexity}]
"""


def absent(name):
    raise importlib.metadata.PackageNotFoundError(name)


def test_without_lm_eval_one_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(UserError, match=r"'gsm8k', which is neither mmlu .* pip install") as raised:
        check_asked(Guards(ability=("gsm8k",)), EngineSettings())
    assert "\n" not in str(raised.value)


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    """Two questions as tasks of three kinds."""
    pytest.importorskip("lm_eval", reason="needs the extra `eval`")
    import lm_eval.evaluator
    import lm_eval.tasks

    data = tmp_path / "questions.jsonl"
    rows = [
        {"q": "Sky?", "c": ["red", "blue"], "a": 1},
        {"q": "Grass?", "c": ["green", "x"], "a": 0},
    ]
    data.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    for name, text in (("choice", CHOICE), ("written", WRITTEN), ("rolling", ROLLING)):
        (tmp_path / f"{name}.yaml").write_text(text % data)
    manager = functools.partial(
        lm_eval.tasks.TaskManager, include_path=str(tmp_path), include_defaults=False
    )
    monkeypatch.setattr(lm_eval.tasks, "TaskManager", manager)
    monkeypatch.setattr(lm_eval.evaluator, "TaskManager", manager)


def test_choices_and_written_answers_go_through_the_engine(tasks):
    def engine(colour):
        return ScriptedEngine(
            lambda request: f"{colour}. Or another one.",
            likelihood=lambda request: [-1.0 if request.messages[-1].content == colour else -2.0],
        )

    engines = {BEFORE: engine("blue"), AFTER: engine("red")}
    common = {"system_prompt": "Be brief.", "progress": Silent()}
    for task, made in (("own_choice", 4), ("own_written", 2)):
        rows = harness_rows(engines, task, None, guard=f"ability/{task}", **common)
        values = {(row["answerer"], row["item"]): (row["value"], row["text"]) for row in rows}
        assert values[BEFORE, "Sky?"] == (1.0, "blue")
        assert values[AFTER, "Sky?"] == (0.0, "red")
        assert len(values) == 4
        assert len({row["item_id"] for row in rows}) == 2
        assert engines[BEFORE].calls == {"ability": made}
        engines[BEFORE].calls.clear()
    few = harness_rows(engines, "own_choice", 1, guard="ability/own_choice", **common)
    assert len(few) == 2


def test_a_task_that_cannot_be_asked_is_refused(tasks):
    check_task("own_choice")
    with pytest.raises(UserError, match="lm-eval does not have"):
        check_task("nonesuch")
    with pytest.raises(UserError, match="of the kind loglikelihood_rolling"):
        check_task("own_rolling")
