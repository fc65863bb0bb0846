"""Thoughts of models on a server, whether it takes them out of the answer or not."""

import pytest

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.models.chat import ChatFormat
from primum.engines.openai import OpenAIEngine
from primum.engines.openai.server import Server
from primum.engines.openai.tokenizer import LocalTokenizer
from primum.errors import UserError
from primum.messages import Message
from tests.engines.openai.serving import completion, serving
from tests.tiny import tiny_tokenizer
from tests.training.data.test_thoughts import OPENING, THINKING


@pytest.fixture(autouse=True)
def _without_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def local(template):
    return LocalTokenizer(ChatFormat(tiny_tokenizer(template))) if template else LocalTokenizer()


def asked(answer, template=None, question="question", thinking="auto"):
    params = SamplingParams(0.7, 0.9, 8, thinking)
    request = GenerateRequest((Message("user", question),), params, 5, "test")
    with serving(lambda body, before: answer) as served:
        engine = OpenAIEngine(Server(served.url, "tiny"), local(template))
        [(_, found)] = engine.generate([request])
    return (found.thought, found.text, found.missing), served.asked[0]


def reasoned(text, finish="stop", name="reasoning_content"):
    return completion(text, finish, message={name: "\nWell.\n"})


CUT = "the thought was not closed (cut at 3 tokens)"


@pytest.mark.parametrize(
    ("answer", "template", "expected"),
    [
        (reasoned("Yes."), None, ("Well.", "Yes.", None)),
        (reasoned("Yes.", name="reasoning"), OPENING, ("Well.", "Yes.", None)),
        (reasoned("Use </think>\n!"), None, ("Well.", "Use </think>\n!", None)),
        (reasoned(None, "length"), None, ("Well.", "", CUT)),
        (reasoned(None), None, ("Well.", "", "nothing follows the thought")),
        (completion("<think>\nWell.\n</think>\n\nYes."), None, ("Well.", "Yes.", None)),
        (completion("Well.\n</think>\n\nYes."), None, ("Well.", "Yes.", None)),
        (completion("Well.</think>Yes."), OPENING, ("Well.", "Yes.", None)),
        (completion("<think>Well", "length"), None, ("Well", "", CUT)),
        (completion("Well", "length"), OPENING, ("Well", "", CUT)),
        (completion("Well", "length"), THINKING, (None, "Well", None)),
        (completion("Yes."), OPENING, (None, "Yes.", None)),
        (completion("The tag </think> ends it."), None, (None, "The tag </think> ends it.", None)),
    ],
)
def test_a_server_s_answer_is_split(answer, template, expected):
    found, body = asked(answer, template, question="what does <think>x</think>\n mean?")
    assert found == expected
    assert "chat_template_kwargs" not in body


@pytest.mark.parametrize(("thinking", "wanted"), [("on", True), ("off", False)])
def test_a_wish_is_sent_along(thinking, wanted):
    _, body = asked(completion("Yes."), thinking=thinking)
    assert body["chat_template_kwargs"]["enable_thinking"] is wanted


def test_a_template_at_hand_is_asked_first():
    server = Server("http://127.0.0.1:1/v1", "tiny")
    with pytest.raises(UserError, match=r"sampling\.thinking is on"):
        OpenAIEngine(server, local(OPENING)).check_thinking("on")
    OpenAIEngine(server, local(THINKING)).check_thinking("on")
    OpenAIEngine(server).check_thinking("on")


@pytest.mark.parametrize(("template", "known"), [(OPENING, True), (None, False)])
def test_whether_it_thinks_is_known_by_its_tokenizer(template, known):
    assert OpenAIEngine(Server("http://127.0.0.1:1/v1", "tiny"), local(template)).thinks is known
