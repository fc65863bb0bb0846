import pytest

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.delegating import DelegatingEngine
from primum.engines.scripted import ScriptedEngine
from primum.messages import Message


def asked(text):
    return GenerateRequest((Message("user", text),), SamplingParams(), 1, "test")


def test_everything_is_passed_on():
    engine = ScriptedEngine(answer=lambda request: request.messages[-1].content, layers=7)
    front = DelegatingEngine(engine)
    assert (front.fingerprint, front.layers, front.context) == ("scripted", 7, engine.context)
    assert front.count((Message("user", "two words"),)) == 2
    [(_, found)] = front.generate([asked("hello")])
    assert found.text == "hello"


@pytest.mark.parametrize("closable", [True, False])
def test_closing_reaches_what_can_be_closed(closable):
    closed = []
    engine = ScriptedEngine(answer=lambda request: "")
    if closable:
        engine.close = lambda: closed.append(True)
    DelegatingEngine(engine).close()
    assert closed == [True] * closable
