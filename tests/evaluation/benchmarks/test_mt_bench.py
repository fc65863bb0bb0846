"""MT-Bench with scripted engines, and with texts of our own in the published files' shape."""

import json
from pathlib import Path

import datasets
import pytest

from primum.engines.base import Completion
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.evaluation.benchmarks.mt_bench import (
    load_mt_bench,
    mt_bench,
    mt_bench_answers,
    mt_bench_ratings,
    mt_gain,
    mt_result,
)
from primum.evaluation.benchmarks.mt_bench.data import WITH_REFERENCE
from primum.prompts.named import DATA_DIR

DATA = Path(__file__).parents[3].parent / "shared" / "data"

QUESTIONS = [
    {"question_id": 81, "category": "writing", "turns": ["Write a line.", "And another."]},
    {"question_id": 82, "category": "stem", "turns": ["What is heat?", "And cold?"]},
    {"question_id": 111, "category": "math", "turns": ["What is 1 + 1?", "And 2 + 2?"]},
]
REFERENCES = [{"question_id": 111, "choices": [{"index": 0, "turns": ["two", "four"]}]}]
FIRST, BOTH = "Q {question} A {answer}", "Q {question_1} {question_2} A {answer_1} {answer_2}"
PROMPTS = [
    {"name": "single-v1", "system_prompt": "S", "prompt_template": FIRST},
    {"name": "single-v1-multi-turn", "system_prompt": "S2", "prompt_template": BOTH},
    {
        "name": "single-math-v1",
        "system_prompt": "S",
        "prompt_template": FIRST + " R {ref_answer_1}",
    },
    {
        "name": "single-math-v1-multi-turn",
        "system_prompt": "S2",
        "prompt_template": BOTH + " R {ref_answer_1} {ref_answer_2}",
    },
    {"name": "pair-v2", "system_prompt": "S", "prompt_template": "{answer_a}"},
]
GATHERED = {
    "mt_bench/mt_bench_questions.jsonl": QUESTIONS,
    "mt_bench/mt_bench_reference_gpt4.jsonl": REFERENCES,
    "mt_bench/mt_bench_judge_prompts.jsonl": PROMPTS,
}
CLONE = {
    "fastchat/llm_judge/data/mt_bench/question.jsonl": QUESTIONS,
    "fastchat/llm_judge/data/mt_bench/reference_answer/gpt-4.jsonl": REFERENCES,
    "fastchat/llm_judge/data/judge_prompts.jsonl": PROMPTS,
}


@pytest.fixture(autouse=True)
def no_folder_of_the_environment(monkeypatch):
    monkeypatch.delenv(DATA_DIR, raising=False)


def written(folder, files):
    for name, rows in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture
def data(tmp_path):
    return load_mt_bench(written(tmp_path, GATHERED))


def scripted(answer):
    """An engine, and the requests that reached it."""
    asked = []

    def note(request):
        asked.append(request)
        return answer(request)

    return ScriptedEngine(note), asked


def echo(request):
    return f"to: {request.messages[-1].content}"


def rated(*replies):
    waiting = list(replies)
    return ScriptedEngine(lambda request: waiting.pop(0))


def ratings_of(data, *replies):
    answers = mt_bench_answers(ScriptedEngine(echo), data)
    return mt_bench_ratings(rated(*replies), data, answers)


def test_the_first_answer_is_in_the_second_turns_conversation(data):
    engine, asked = scripted(echo)
    mt_bench_answers(engine, data)
    assert [[message.role for message in one.messages] for one in asked] == [
        *[["user"]] * 3,
        *[["user", "assistant", "user"]] * 3,
    ]
    assert [message.content for message in asked[3].messages] == [
        "Write a line.",
        "to: Write a line.",
        "And another.",
    ]


def test_every_category_has_its_published_temperature(data):
    engine, asked = scripted(echo)
    mt_bench_answers(engine, data)
    assert [one.sampling.temperature for one in asked] == [0.7, 0.1, 0.0] * 2
    assert {one.sampling.max_tokens for one in asked} == {1024}
    assert len({one.seed for one in asked}) == 6


def test_the_judge_gets_the_published_prompts(data):
    judge, asked = scripted(lambda request: "[[5]]")
    table = mt_bench_ratings(judge, data, mt_bench_answers(ScriptedEngine(echo), data))
    assert table["prompt"].to_pylist() == [
        *["single-v1", "single-v1-multi-turn"] * 2,
        "single-math-v1",
        "single-math-v1-multi-turn",
    ]
    assert [one.messages[0].content for one in asked] == ["S", "S2"] * 3
    assert asked[0].messages[1].content == "Q Write a line. A to: Write a line."
    assert asked[4].messages[1].content == "Q What is 1 + 1? A to: What is 1 + 1? R two"
    assert asked[5].messages[1].content.endswith("A to: What is 1 + 1? to: And 2 + 2? R two four")
    assert {(one.sampling.temperature, one.sampling.max_tokens) for one in asked} == {(0.0, 2048)}


def test_an_answer_is_no_template(data):
    judge, asked = scripted(lambda request: "[[5]]")
    said = ScriptedEngine(lambda request: "{answer_2} {question.__class__} {0} {ref_answer_1}")
    mt_bench_ratings(judge, data, mt_bench_answers(said, data))
    assert (
        asked[4]
        .messages[1]
        .content.endswith("A {answer_2} {question.__class__} {0} {ref_answer_1} R two")
    )


@pytest.mark.parametrize(
    ("reply", "rating"),
    [
        ("Good. Rating: [[7]]", 7.0),
        ("[[7.5]]", 7.5),
        ("First [[3]], then [[9]]", 3.0),
        ("Rating: [8]", 8.0),
        ("Rating: 8", None),
        ("", None),
        ("[[A]]", None),
        ("[[0]]", None),
        ("[[100]]", None),
    ],
)
def test_what_is_read(data, reply, rating):
    row = ratings_of(data, reply, *["[[5]]"] * 5).to_pylist()[0]
    assert row["rating"] == rating
    assert (row["missing"] is None) == (rating is not None)
    assert row["judgement"] == reply


def test_unread_ratings_are_missing_and_no_zeros(data):
    found = mt_result(ratings_of(data, "[[8]]", "?", "[[6]]", "[[4]]", "[[2]]", "none"))
    assert (found.overall.value, found.overall.missing, found.overall.n) == (5.0, 2, 3)
    assert [turn.value for turn in found.turns] == [pytest.approx(16 / 3), 4.0]
    assert [turn.missing for turn in found.turns] == [0, 2]
    assert {name: figure.value for name, figure in found.categories.items()} == {
        "writing": 8.0,
        "stem": 5.0,
        "math": 2.0,
    }
    assert found.to_json()["categories"]["writing"]["missing"] == 1


def test_without_a_single_rating(data):
    found = mt_result(ratings_of(data, *["?"] * 6))
    assert (found.overall.value, found.overall.missing) == (None, 6)


def test_intervals_are_over_questions(tmp_path):
    """Two turns of one question that agree are one observation: the interval stays as wide."""
    questions = [
        {"question_id": at, "category": "stem", "turns": ["a", "b"]} for at in range(1, 41)
    ]
    data = load_mt_bench(
        written(tmp_path, {**GATHERED, "mt_bench/mt_bench_questions.jsonl": questions})
    )
    replies = [f"[[{1 + at % 10}]]" for at in range(40) for _ in range(2)]
    found = mt_result(ratings_of(data, *replies))
    assert found.overall == mt_result(ratings_of(data, *replies)).overall
    assert found.overall.n == 40
    both, one = found.overall, found.turns[0]
    assert both.high - both.low == pytest.approx(one.high - one.low, rel=1e-9)


def test_the_whole_in_one_call(data):
    judge, asked = scripted(lambda request: "[[9]]")
    found = mt_bench(ScriptedEngine(echo), judge, data, seed=3)
    assert len(asked) == found.ratings.num_rows == 6
    assert found.overall.value == 9.0


def test_a_gain_is_paired_by_turn(data):
    before = ratings_of(data, "[[1]]", "[[2]]", "[[3]]", "[[4]]", "?", "[[5]]")
    after = ratings_of(data, "[[2]]", "[[3]]", "[[4]]", "[[5]]", "[[9]]", "[[6]]")
    gain = mt_gain(before, after)
    assert (gain.value, gain.low, gain.high, gain.n, gain.missing) == (1.0, 1.0, 1.0, 3, 1)


def test_no_answer_is_not_judged(data):
    class Thinker(ScriptedEngine):
        def generate(self, requests):
            for index, request in enumerate(requests):
                open_thought = request.messages[-1].content == "What is heat?"
                missing = "a thought was never closed" if open_thought else None
                yield index, Completion("" if open_thought else "text", 1, "length", None, missing)

    engine = Thinker(echo)
    answers = mt_bench_answers(engine, data)
    assert answers[1].turns == (None, None)
    assert answers[1].missing == ("a thought was never closed", "the first turn has no answer")
    judge, asked = scripted(lambda request: "[[5]]")
    table = mt_bench_ratings(judge, data, answers)
    assert len(asked) == 4
    assert table["rating"].to_pylist() == [5.0, 5.0, None, None, 5.0, 5.0]
    assert table["missing"].to_pylist()[2] == "a thought was never closed"


def test_a_small_context_shortens_replies_and_never_stops_the_rest(data):
    """One token a word: the first turns leave room, the second ones leave none."""
    engine, asked = scripted(lambda request: "word " * 20)
    engine.context = 24
    answers = mt_bench_answers(engine, data)
    assert [one.sampling.max_tokens for one in asked] == [21, 21, 19]
    assert {answer.missing for answer in answers} == {
        (None, "the conversation is longer than the model's context")
    }
    judge, rated_of = scripted(lambda request: "[[5]]")
    judge.context = 30
    table = mt_bench_ratings(judge, data, answers)
    assert [one.sampling.max_tokens for one in rated_of] == [4, 4]
    assert table["rating"].to_pylist() == [5.0, None, 5.0, None, None, None]
    assert table["missing"].to_pylist()[4] == "the question to the judge is longer than its context"


def test_an_empty_answer_is_none(data):
    answers = mt_bench_answers(ScriptedEngine(lambda request: "  "), data)
    assert {answer.missing[0] for answer in answers} == {"the answer is empty"}


@pytest.mark.parametrize("files", [GATHERED, CLONE], ids=["gathered", "clone"])
def test_layouts(tmp_path, files):
    found = load_mt_bench(written(tmp_path, files))
    assert [question.question_id for question in found.questions] == ["81", "82", "111"]
    assert [question.references for question in found.questions] == [None, None, ("two", "four")]
    assert "Apache-2.0" in found.note


def test_from_where_it_is_published(monkeypatch):
    asked = []

    def load_dataset(path, name, data_files, split):
        asked.append(data_files.rpartition("/data/")[2])
        rows = {"jsonl": QUESTIONS, "gpt-4.jsonl": REFERENCES, "judge_prompts.jsonl": PROMPTS}
        return rows.get(data_files.rpartition("/")[2], QUESTIONS)

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert len(load_mt_bench().questions) == 3
    assert asked == [
        "judge_prompts.jsonl",
        "mt_bench/reference_answer/gpt-4.jsonl",
        "mt_bench/question.jsonl",
    ]


@pytest.mark.parametrize(
    ("file", "rows", "words"),
    [
        ("questions", [{"question_id": 1, "category": "stem", "turns": ["a"]}], "two texts"),
        ("questions", [{"category": "stem", "turns": ["a", "b"]}], "has no question_id"),
        ("questions", [{"question_id": 1, "turns": ["a", "b"]}], "category should be text"),
        (
            "questions",
            [{"question_id": 1, "category": "coding", "turns": ["a", "b"]}],
            "has none for question 1",
        ),
        ("questions", [*QUESTIONS, QUESTIONS[0]], "question 81 stands there twice"),
        ("questions", [], "there are no questions"),
        ("reference_gpt4", [{"question_id": 111, "choices": []}], "two texts"),
        ("judge_prompts", PROMPTS[:2], "lack single-math-v1, single-math-v1-multi-turn"),
        ("judge_prompts", [{"name": "single-v1"}], "system_prompt should be text"),
    ],
)
def test_damaged_data(tmp_path, file, rows, words):
    written(tmp_path, {**GATHERED, f"mt_bench/mt_bench_{file}.jsonl": rows})
    with pytest.raises(UserError, match=words):
        load_mt_bench(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    written(tmp_path, GATHERED)
    (tmp_path / "mt_bench" / "mt_bench_judge_prompts.jsonl").unlink()
    with pytest.raises(UserError, match=r"download https://\S+/judge_prompts.jsonl into"):
        load_mt_bench(tmp_path)


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside this checkout")
def test_the_published_files():
    data = load_mt_bench(DATA)
    assert len(data.questions) == 80
    assert sum(question.references is not None for question in data.questions) == 30
    assert {q.category for q in data.questions if q.references} == set(WITH_REFERENCE)
    judge, asked = scripted(lambda request: "Rating: [[6]]")
    found = mt_bench(ScriptedEngine(echo), judge, data)
    assert (found.overall.value, found.overall.missing, len(found.categories)) == (6.0, 0, 8)
    texts = [request.messages[1].content for request in asked]
    assert not any("{question" in text or "{answer" in text or "{ref" in text for text in texts)
