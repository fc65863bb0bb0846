"""What models are asked for guards, and what stands in the table afterwards."""

import gzip
import json

import pytest

from primum import UserError
from primum.engines.base import ChooseRequest
from primum.engines.scripted import ScriptedEngine
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.guards.asking.entry import asked_identity, check_asked
from primum.evaluation.guards.asking.likelihood import FORMER, NEW, likelihood_rows
from primum.evaluation.guards.asking.multiple_choice import choice_rows
from primum.evaluation.guards.asking.questions import LETTERS, load_questions, short_name
from primum.evaluation.guards.asking.refusals import refusal_rows
from primum.evaluation.guards.asking.rows import guard_table
from primum.progress import Silent
from primum.recipe.schema import EngineSettings, Evaluation, Guards
from tests.evaluation.tables import answers_of


def write_questions(file, count=12, **changed):
    rows = [
        {
            "subject": "colour_lore",
            "question": f"What colour has thing {number}?",
            **{letter: f"{letter.lower()}{number}" for letter in LETTERS},
            "answer": LETTERS[number % 4],
            **changed,
        }
        for number in range(count)
    ]
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())
    return file


def scores_of(engine_name):
    """Tokens of any answer cost as many nats as its scorer's name has letters; long texts more."""
    return lambda request: [-float(len(engine_name))] * len(request.messages[-1].content.split())


def test_likelihood_compares_each_answer_under_both_models():
    answers = answers_of({BEFORE: ["own words here", "two"], AFTER: ["new", "other words"]})
    seen = []

    def engine(table):
        def likelihood(request):
            seen.append(request)
            return [table[request.messages[-1].content]] * 3

        return ScriptedEngine(lambda request: "", likelihood=likelihood)

    start = engine({"own words here": -1.0, "two": -1.5, "new": -4.0, "other words": -2.0})
    new = engine({"own words here": -3.0, "two": -1.25})
    rows = likelihood_rows(
        {BEFORE: start, AFTER: new}, answers, system_prompt="Be brief.", progress=Silent()
    )
    values = {(row["guard"], row["answerer"], row["item_id"]): row["value"] for row in rows}
    assert values == {
        (NEW, BEFORE, "p0"): -1.0,
        (NEW, BEFORE, "p1"): -1.5,
        (NEW, AFTER, "p0"): -4.0,
        (NEW, AFTER, "p1"): -2.0,
        (FORMER, BEFORE, "p0"): -1.0,
        (FORMER, BEFORE, "p1"): -1.5,
        (FORMER, AFTER, "p0"): -3.0,
        (FORMER, AFTER, "p1"): -1.25,
    }
    assert guard_table(rows).num_rows == len(rows)
    assert {request.messages[0].content for request in seen} == {"Be brief."}
    # The answers that both guards rest on are scored once.
    assert start.calls == {"likelihood": 4}
    assert new.calls == {"likelihood": 2}


def test_what_cannot_be_scored_is_missing_and_never_zero():
    answers = answers_of({BEFORE: ["", "far " * 30, "fine"], AFTER: ["a", "b", "c"]})
    engine = ScriptedEngine(lambda request: "", likelihood=scores_of("four"), context=30)
    rows = likelihood_rows(
        {BEFORE: engine, AFTER: engine}, answers, system_prompt="", progress=Silent()
    )
    own = [row["value"] for row in rows if (row["guard"], row["answerer"]) == (NEW, BEFORE)]
    assert own == [None, None, -4.0]


def test_a_cut_answer_is_scored_without_an_end():
    answers = answers_of({BEFORE: ["a"], AFTER: ["b"]})
    place = answers.schema.get_field_index("finish")
    answers = answers.set_column(place, "finish", [["length", "stop"]])
    cut = {}

    def likelihood(request):
        cut[request.messages[-1].content] = request.cut
        return [-1.0]

    engine = ScriptedEngine(lambda request: "", likelihood=likelihood)
    likelihood_rows({BEFORE: engine, AFTER: engine}, answers, system_prompt="", progress=Silent())
    assert cut == {"a": True, "b": False}


def test_every_model_answers_every_prompt_that_nobody_should_refuse():
    engines = {
        name: ScriptedEngine(lambda request, name=name: f"{name}: {request.messages[-1].content}")
        for name in (BEFORE, AFTER, "after-2")
    }
    rows = refusal_rows(engines, Evaluation(), seed=1, progress=Silent())
    assert {row["answerer"] for row in rows} == set(engines)
    assert {row["guard"] for row in rows} == {"refusals"}
    kinds = {row["item_id"].rpartition("-")[0] for row in rows}
    assert kinds == {"sounds-dangerous", "everyday", "distress"}
    for row in rows:
        assert row["text"] == f"{row['answerer']}: {row['item']}"
        assert row["value"] is None
    assert engines[AFTER].calls == {"refusals": len(rows) // 3}


def test_the_likeliest_letter_counts(tmp_path):
    questions = load_questions(str(write_questions(tmp_path / "own.jsonl")), None)
    asked = []

    def choice(request: ChooseRequest):
        asked.append(request)
        number = int(request.messages[-1].content.split("thing ")[1].split("?")[0])
        right = number % 4 if number % 3 else (number + 1) % 4
        return [0.0 if at == right else -5.0 for at in range(4)]

    engine = ScriptedEngine(lambda request: "", choice)
    rows = choice_rows(
        {BEFORE: engine}, questions, guard="ability/own", system_prompt="", progress=Silent()
    )
    assert sum(row["value"] for row in rows) == 8
    assert all(
        (row["value"] == 1) == (row["text"][0] == LETTERS[q.right])
        for row, q in zip(rows, questions, strict=True)
    )
    assert asked[0].choices == LETTERS
    text = asked[0].messages[-1].content
    assert "about colour lore" in text
    assert all(f"\n{letter}. {letter.lower()}" in text for letter in LETTERS)


def test_a_question_that_is_too_long_is_missing(tmp_path):
    questions = load_questions(str(write_questions(tmp_path / "own.jsonl", count=1)), None)
    engine = ScriptedEngine(lambda request: "", lambda request: [0, 0, 0, 0], context=20)
    [row] = choice_rows(
        {BEFORE: engine}, questions, guard="ability/own", system_prompt="", progress=Silent()
    )
    assert row["value"] is None
    assert engine.calls == {}


def test_questions_are_drawn_from_all_over_a_file_whatever_its_order(tmp_path, monkeypatch):
    file = write_questions(tmp_path / "mmlu" / "mmlu_test.jsonl.gz", count=200)
    drawn = load_questions(str(file), 20)
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    file.write_bytes(gzip.compress("\n".join(reversed(lines)).encode()))
    assert load_questions(str(file), 20) == drawn
    numbers = [int(question.text.split("thing ")[1][:-1]) for question in drawn]
    assert len(set(numbers)) == 20
    assert min(numbers) < 60 < 140 < max(numbers)
    monkeypatch.setenv("PRIMUM_DATA_DIR", str(tmp_path))
    assert load_questions("mmlu", 20) == drawn
    assert short_name(str(file)) == "mmlu_test"


def test_a_line_separator_within_a_question_ends_no_row(tmp_path):
    row = {"question": "one\u2028two", "A": "a", "B": "b", "C": "c", "D": "d", "answer": "A"}
    file = tmp_path / "own.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    assert [question.text for question in load_questions(str(file), None)] == ["one\u2028two"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no questions"),
        ("{", "own.jsonl, line 1"),
        ("[]", "line 1: a row is a JSON object"),
        ('{"question": "?", "A": "", "B": "", "C": ""}', "lacks one of the texts"),
        ('{"question": "?", "A": "", "B": "", "C": "", "D": "", "answer": "E"}', "names no right"),
        (b"\xff\xfe", "own.jsonl"),
    ],
)
def test_a_wrong_file_of_questions_is_one_sentence(tmp_path, content, message):
    file = tmp_path / "own.jsonl"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=message) as raised:
        load_questions(str(file), None)
    assert "\n" not in str(raised.value)


def test_what_cannot_be_asked_is_refused_beforehand(tmp_path, monkeypatch):
    def refused(guards, kind="transformers"):
        with pytest.raises(UserError) as raised:
            check_asked(guards, EngineSettings(kind=kind))
        return str(raised.value)

    assert "which is not there" in refused(Guards(ability=("nope.jsonl",)))
    assert "likelihood=true needs" in refused(Guards(likelihood=True), "vllm")
    monkeypatch.setenv("PRIMUM_DATA_DIR", str(tmp_path))
    assert "has no mmlu/mmlu_test.jsonl.gz" in refused(Guards(ability=("mmlu",)))
    one, other = (write_questions(tmp_path / name / "own.jsonl") for name in "ab")
    assert "two tests called 'own'" in refused(Guards(ability=(str(one), str(other))))
    check_asked(Guards(ability=(str(one),), refusals=True), EngineSettings(kind="vllm"))


def test_other_questions_are_another_input(tmp_path):
    file = write_questions(tmp_path / "own.jsonl")
    guards = Guards(ability=(str(file),))
    first = asked_identity(guards)
    assert asked_identity(guards) == first
    write_questions(file, count=13)
    assert asked_identity(guards) != first
    assert asked_identity(Guards()) == {}
