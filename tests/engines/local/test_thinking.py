"""Thinking models in the default engine: answers alone come out, and choices skip the thought."""

import pytest

from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest, SamplingParams
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.chat import ChatFormat
from primum.engines.models.loading import Loaded
from primum.engines.models.thoughts import skipped_thought
from primum.errors import UserError
from primum.messages import Message
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.data.test_thoughts import OPENING, THINKING

ASKED = (Message("user", "what is law"),)
KNOWING = THINKING.replace("enable_thinking", "unheard_of")


def engine_of(template, monkeypatch=None, wrote=()):
    tokenizer = tiny_tokenizer(template)
    engine = TransformersEngine(Loaded(tiny_model(), ChatFormat(tokenizer), "tiny", "tiny"))
    if wrote:
        ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in wrote]
        found = [(at, tokens, True) for at, tokens in enumerate(ids)]
        monkeypatch.setattr("primum.engines.local.engine.decode", lambda *_, **__: iter(found))
    return engine


def generated(engine, count=1, thinking="auto"):
    params = SamplingParams(max_tokens=8, thinking=thinking)
    requests = [GenerateRequest(ASKED, params, seed, "sample") for seed in range(count)]
    return [completion for _, completion in engine.generate(requests)]


def test_thoughts_are_split_off_and_counted(monkeypatch):
    wrote = ["a law\n</think>\n\nthe fox", "a law"]
    whole, unclosed = generated(engine_of(OPENING, monkeypatch, wrote), 2)
    assert (whole.thought, whole.text, whole.missing) == ("a law", "the fox", None)
    assert whole.tokens > 10
    assert (unclosed.thought, unclosed.text) == ("a law", "")
    assert unclosed.missing == "the thought was not closed: the model ended its turn inside it"


def test_the_wish_reaches_the_template(monkeypatch):
    engine = engine_of(THINKING)
    seen = []
    monkeypatch.setattr(
        "primum.engines.local.engine.decode",
        lambda model, encoded, **_: seen.extend(encoded) or iter(()),
    )
    for thinking in ("auto", "on", "off"):
        generated(engine, thinking=thinking)
    auto, on, off = (engine.loaded.chat.decode(request.prompt) for request in seen)
    assert auto == on
    assert off == auto + "<think>\n\n</think>\n\n"


@pytest.mark.parametrize("template", [KNOWING, None])
def test_a_wish_that_no_template_hears_is_refused(template):
    engine = engine_of(template)
    with pytest.raises(UserError, match=r"sampling\.thinking is on, but .* writes the same"):
        engine.check_thinking("on")
    with pytest.raises(UserError, match=r"sampling\.thinking is off"):
        generated(engine, thinking="off")
    engine.check_thinking("auto")


@pytest.mark.parametrize("template", [THINKING, OPENING, KNOWING])
def test_choices_and_states_skip_the_thought(template, monkeypatch):
    engine = engine_of(template)
    seen = []

    def note(model, questions, **_):
        seen.extend(questions)
        return iter(())

    monkeypatch.setattr("primum.engines.local.engine.choose", note)
    monkeypatch.setattr("primum.engines.local.engine.represent", note)
    list(engine.choose([ChooseRequest(ASKED, ("1", "10"), "judge")]))
    answer = (*ASKED, Message("assistant", "the fox"))
    list(engine.represent([RepresentRequest(answer, (1,), "judge")]))
    decode = engine.loaded.chat.decode
    for asked in seen:
        assert decode(asked.prompt).endswith("<think>\n\n</think>\n\n")
    assert [decode(ids) for ids in seen[0].choices] == ["1", "10"]
    assert decode(seen[1].answer) == "the fox"


def test_without_marks_nothing_is_skipped():
    chat = engine_of(None).loaded.chat
    assert skipped_thought(chat) is None
    assert not chat.opens_thought(ASKED)
