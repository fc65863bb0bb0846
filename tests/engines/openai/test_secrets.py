"""The key: sent to the server, and found nowhere else."""

import logging
import pickle

import pytest

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.openai import OpenAIEngine
from primum.engines.openai.server import Server
from primum.engines.recorded import RecordedEngine
from primum.errors import UserError
from primum.messages import Message
from primum.recipe import dump_recipe, load_recipe
from primum.store.calls import CallStore
from tests.engines.openai.serving import Answer, completion, serving

KEY = "sk-proj-Zz09_verysecret"
REQUEST = GenerateRequest((Message("user", "x"),), SamplingParams(0, 1, 4), 0, "test")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("primum.engines.openai.retrying._FIRST", 0.002)
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")


def test_the_key_is_sent_and_kept_nowhere(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    recipe = load_recipe(None, ("engine.kind=openai", "engine.openai.base_url=http://h/v1"))
    with (
        serving(lambda body, before: completion("fine")) as served,
        CallStore(tmp_path / "calls.sqlite") as store,
    ):
        made = OpenAIEngine(Server(served.url, "tiny"))
        list(RecordedEngine(made, store).generate([REQUEST]))
    assert served.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(made) + str(vars(made)) + made.fingerprint
    assert KEY not in repr(pickle.dumps(made.server))
    assert KEY not in dump_recipe(recipe)
    assert caplog.text
    assert KEY not in caplog.text
    for file in tmp_path.iterdir():
        assert KEY.encode() not in file.read_bytes()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
def test_a_server_that_repeats_the_key_is_not_quoted(status, caplog):
    caplog.set_level(logging.DEBUG)
    echoed = Answer({"error": {"message": f"Incorrect key {KEY}: see your account"}}, status)
    with serving(lambda body, before: echoed) as served:
        made = OpenAIEngine(Server(served.url, "tiny", retries=1))
        with pytest.raises(UserError) as raised:
            list(made.generate([REQUEST]))
    shown = str(raised.value)
    assert KEY not in shown
    assert "Incorrect key …" in shown
    assert KEY not in repr(raised.getrepr(style="long", showlocals=False))
    assert KEY not in caplog.text


def test_a_wrong_key_is_told_from_none(monkeypatch):
    refusing = Answer({"error": {"message": "no"}}, 401)
    with serving(lambda body, before: refusing) as served:
        made = OpenAIEngine(Server(served.url, "tiny"))
        with pytest.raises(UserError, match="refuses the key in OPENAI_API_KEY"):
            list(made.generate([REQUEST]))
        monkeypatch.delenv("OPENAI_API_KEY")
        with pytest.raises(UserError, match="wants a key"):
            list(made.generate([REQUEST]))


def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-abc\ndef")
    made = OpenAIEngine(Server("http://127.0.0.1:1/v1", "tiny"))
    with pytest.raises(UserError, match="OPENAI_API_KEY holds characters") as raised:
        list(made.generate([REQUEST]))
    assert "sk-abc" not in str(raised.value)
