from dataclasses import replace

from primum.engines.base import Completion
from primum.engines.scripted import ScriptedEngine
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.answers import answer, answers_table, judge_answers
from primum.evaluation.side_by_side import side_by_side
from primum.judging import Score
from primum.messages import Message
from primum.progress import Silent
from primum.prompts.records import Prompt
from primum.recipe.schema import Evaluation

PROMPTS = tuple(
    Prompt(name, (Message("user", name),), None, "heldout") for name in ("one", "two", "three")
)
FOUND = {
    "one": Completion("Yes.", 2, "stop"),
    "two": Completion("Yes, bec", 3, "length", thought="Hm."),
    "three": Completion("", 3, "length", thought="Hm", missing="the thought was not closed"),
}


class Notes:
    """A judge that keeps what it was asked, and likes everything."""

    fingerprint = "notes"

    def __init__(self):
        self.items = []

    def judge(self, items):
        self.items += items
        for index, _ in enumerate(items):
            yield index, (Score(7.0),)


def test_judges_know_what_was_cut_and_are_not_asked_about_what_is_missing():
    judge = Notes()
    whole = {name: replace(FOUND["one"]) for name in FOUND}
    answers = answers_table(PROMPTS, {BEFORE: FOUND, AFTER: whole})
    judged = judge_answers(judge, "notes", answers, ["safe"], Silent())
    table = side_by_side(answers, judged, ["safe"], judge="notes")
    assert [(item.response, item.cut) for item in judge.items if item.cut] == [("Yes, bec", True)]
    assert len(judge.items) == 5
    assert table.column("before_safe").to_pylist() == [7.0, 7.0, None]
    assert table.column("after_safe").to_pylist() == [7.0] * 3
    assert table.column("before_finish").to_pylist() == ["stop", "length", "length"]
    assert table.column("before_thought").to_pylist() == [None, "Hm.", "Hm"]
    assert table.column("before_missing").to_pylist() == [None, None, "the thought was not closed"]


def test_answers_keep_how_they_ended():
    engine = ScriptedEngine(lambda request: f"  {request.messages[0].content}  ")
    found = answer(engine, PROMPTS, Evaluation(), seed=0, stage="answer", progress=Silent())
    assert found["two"] == Completion("two", 1, "stop")


def test_both_models_answer_under_the_system_prompt_and_judges_do_not_see_it():
    engine = ScriptedEngine(lambda request: request.messages[0].content)
    settings = Evaluation(system_prompt="Be brief.")
    found = answer(engine, PROMPTS, settings, seed=0, stage="answer", progress=Silent())
    assert found["two"].text == "Be brief."
    judge = Notes()
    judge_answers(judge, "notes", answers_table(PROMPTS, {AFTER: found}), ["safe"], Silent())
    assert all(item.messages[0].role == "user" for item in judge.items)
