"""What a server refuses for good, and answers that are none."""

import pytest

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.openai import OpenAIEngine
from primum.engines.openai.server import Server
from primum.errors import UserError
from primum.messages import Message
from tests.engines.openai.serving import Answer, completion, serving

REQUEST = GenerateRequest((Message("user", "question"),), SamplingParams(0.7, 0.9, 8), 5, "test")


@pytest.fixture(autouse=True)
def _without_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def error(status, message, **more):
    return Answer({"error": {"message": message, **more}}, status)


def refused(served):
    with pytest.raises(UserError) as raised:
        list(OpenAIEngine(Server(served.url, "tiny")).generate([REQUEST]))
    text = str(raised.value)
    assert "\n" not in text
    assert not text.endswith(".")
    return text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error(401, "no key"), ["wants a key", "OPENAI_API_KEY"]),
        (error(403, "no"), ["wants a key"]),
        (error(402, "pay"), ["paid"]),
        (error(429, "You exceeded your quota", code="insufficient_quota"), ["paid", "quota"]),
        (
            error(404, "The model `tiny` does not exist.", code="model_not_found"),
            ["no model 'tiny'", "'one', 'two'", "served_model"],
        ),
        (
            Answer({"detail": "Server is pinned to 'one'; requested 'tiny'."}, 400),
            ["no model 'tiny'", "pinned", "'one'"],
        ),
        (Answer(b"404 page not found", 404), ["nothing answers", "/chat/completions", "/v1"]),
        (
            error(400, "This model's maximum context length is 2048 tokens. However, you ..."),
            ["too long", "2048", "max_tokens"],
        ),
        (error(400, "the request exceeds the available context size"), ["too long"]),
        (error(413, "payload"), ["too long"]),
        (Answer(b"", 301, {"Location": "http://127.0.0.1:1/v1"}), ["elsewhere", "base_url"]),
        (error(400, "content management policy", code="content_filter"), ["filters content"]),
        (Answer({"detail": "Unexpected fields"}, 422), ["422", "Unexpected fields"]),
        (Answer({"object": "error", "message": "top_p out of range"}, 400), ["top_p"]),
        (Answer(b"\x1b[31mred\x07\nalert\x00", 400), ["[31mred alert"]),
        (Answer(b"x" * 5000, 418), ["xxx…"]),
        (Answer(b"", 400), ["it says nothing"]),
    ],
)
def test_a_refusal_ends_at_once_and_says_what_to_do(answer, words):
    with serving(lambda body, before: answer, models=("one", "two")) as served:
        text = refused(served)
    assert len(served.asked) == 1
    for word in words:
        assert word in text
    assert text.isprintable()
    assert len(text) < 600


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (completion(None, "content_filter"), "filters content"),
        (completion("half an ans", "content_filter"), "filters content"),
        (completion(None, "tool_calls", message={"tool_calls": [{}]}), "tool parser"),
    ],
)
def test_what_is_no_answer_is_not_taken_for_an_empty_one(answer, words):
    with serving(lambda body, before: answer) as served:
        assert words in refused(served)
