import sys

import pytest

from primum.errors import UserError
from primum.judging.python import function_fingerprint, function_judge
from tests.judging.goals import constitution, item

SOURCE = """
calls = []

def score(messages, response):
    calls.append((messages, response))
    return {"kind": 9, "brief": 11 - min(len(response), 10)}

def partly(messages, response):
    return {"kind": None, "brief": 2.5}

def nothing(messages, response):
    return None

def number(messages, response):
    return 7

def misnamed(messages, response):
    return {"kynd": 5, "brief": 5}

def beyond(messages, response):
    return {"kind": 0, "brief": 5}

def text(messages, response):
    return {"kind": "7", "brief": 5}

def truth(messages, response):
    return {"kind": True, "brief": 5}

def nan(messages, response):
    return {"kind": float("nan"), "brief": 5}

def failing(messages, response):
    raise KeyError("tone")
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "my_judge.py").write_text(SOURCE)
    (tmp_path / "broken_judge.py").write_text("import no_such_library_at_all")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in ("my_judge", "broken_judge"):
        sys.modules.pop(name, None)


def scores(name, response="hi"):
    [(_, found)] = list(function_judge(f"my_judge:{name}", constitution()).judge([item(response)]))
    return found


@pytest.mark.usefixtures("module")
def test_a_function_is_given_the_prompt_and_the_response():
    assert [score.value for score in scores("score")] == [9.0, 9.0]
    [call] = sys.modules["my_judge"].calls
    assert call == ([{"role": "user", "content": "hello"}], "hi")


@pytest.mark.usefixtures("module")
def test_none_is_missing():
    assert [score.value for score in scores("partly")] == [None, 2.5]
    assert [score.value for score in scores("nothing")] == [None, None]
    assert scores("nothing")[0].missing == "the function gave no score"


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("number", "returned 7; it must return a mapping from objective to score"),
        ("misnamed", r"no score for the objective 'kind' \(is 'kynd' meant for it\?\)"),
        ("beyond", "returned 0 for the objective 'kind'; a score is a number from 1 to 10"),
        ("text", "returned '7' for the objective 'kind'"),
        ("truth", "returned True for the objective 'kind'"),
        ("nan", "returned nan for the objective 'kind'"),
        ("failing", r"my_judge:failing raised KeyError \('tone'\) on the response 'hi'"),
    ],
)
def test_what_a_function_does_wrong_is_one_sentence(name, message):
    with pytest.raises(UserError, match=message) as raised:
        scores(name)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("my_judge", "write it as module:function"),
        (":score", "write it as module:function"),
        ("my_judge:", "write it as module:function"),
        ("no_such_judge:score", "module 'no_such_judge' could not be imported"),
        ("broken_judge:score", "no_such_library_at_all"),
        ("my_judge:scoer", "has no function 'scoer'; did you mean 'score'"),
        ("my_judge:calls", "has no function 'calls'"),
    ],
)
def test_a_wrong_name_is_one_sentence(name, message):
    with pytest.raises(UserError, match=message):
        function_judge(name, constitution())


def test_the_fingerprint_follows_the_code(tmp_path, monkeypatch, module):
    before = function_fingerprint("my_judge:score")
    assert before == function_fingerprint("my_judge:score")
    assert before != function_fingerprint("my_judge:partly")
    del sys.modules["my_judge"]
    (tmp_path / "my_judge.py").write_text(SOURCE + "\n# changed\n")
    assert before != function_fingerprint("my_judge:score")
