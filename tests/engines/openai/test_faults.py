"""Against a server that fails in every way: right answers, or one clear sentence."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest, SamplingParams
from primum.engines.openai import OpenAIEngine, Traffic
from primum.engines.openai.concurrency import THREADS
from primum.engines.openai.server import Server
from primum.engines.recorded import RecordedEngine
from primum.errors import UserError
from primum.messages import Message
from primum.recipe.server import OpenAIServer
from primum.store.calls import CallStore
from tests.engines.openai.serving import Answer, completion, serving, tokens

PARAMS = SamplingParams(0.7, 0.9, 8)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("primum.engines.openai.retrying._FIRST", 0.002)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def engine(served, **settings):
    return OpenAIEngine(Server(served.url, "tiny", **settings))


def ask(text, **more):
    return GenerateRequest((Message("user", text),), PARAMS, more.get("seed", 5), "test")


def asks(count):
    return [ask(f"question {number}") for number in range(count)]


def echo(body, before):
    return completion("answer to " + body["messages"][-1]["content"])


def error(status, message, **more):
    return Answer({"error": {"message": message, **more}}, status)


def refused(served, **settings):
    with pytest.raises(UserError) as raised:
        list(engine(served, **settings).generate(asks(1)))
    text = str(raised.value)
    assert "\n" not in text
    assert not text.endswith(".")
    return text


def test_what_is_asked_and_what_comes_back():
    with serving(echo) as served:
        made = engine(served)
        messages = (Message("system", ""), Message("user", "one"))
        [(index, found)] = made.generate([GenerateRequest(messages, PARAMS, 2**40 + 5, "test")])
    assert index == 0
    assert (found.text, found.tokens, found.finish) == ("answer to one", 3, "stop")
    [body] = served.asked
    assert body == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "one"}],
        "max_tokens": 8,
        "temperature": 0.7,
        "top_p": 0.9,
        "seed": 5,
    }
    assert "Authorization" not in served.headers[0]
    assert made.traffic == Traffic(requests=1, prompt_tokens=7, completion_tokens=3)
    assert made.traffic.tokens == 10


PASSING = {
    "drop": Answer(drop=True),
    "500": Answer(b"Internal Server Error", 500),
    "502 page": Answer(b"<html><h1>Bad gateway</h1></html>", 502),
    "503": error(503, "loading"),
    "529": error(529, "overloaded"),
    "408": error(408, "timeout"),
    "409": error(409, "conflict"),
    "429": error(429, "slow down"),
    "cut short": Answer(completion("half").body, cut=True),
    "truncated JSON": Answer(b'{"choices": [{"message": {"content": "ha'),
    "no JSON": Answer(b"fine"),
    "an error as a success": Answer({"error": {"message": "upstream failed"}}),
    "no choices": Answer({"choices": []}),
    "null choices": Answer({"choices": None}),
    "no message": Answer({"choices": [{"index": 0}]}),
    "a list": Answer([1, 2]),
    "empty": Answer(b""),
    "not UTF-8": Answer(b'{"choices": "\xff\xfe"}'),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_failure_that_passes_is_asked_again_and_nothing_else_is(name):
    def handle(body, before):
        failing = body["messages"][-1]["content"] in ("question 1", "question 3")
        return PASSING[name] if failing and before < 2 else echo(body, before)

    with serving(handle) as served:
        made = engine(served, concurrency=3)
        found = dict(made.generate(asks(5)))
    assert {i: c.text for i, c in found.items()} == {i: f"answer to question {i}" for i in range(5)}
    times = {text: served.texts().count(text) for text in served.texts()}
    assert times == {f"question {i}": 3 if i in (1, 3) else 1 for i in range(5)}
    assert made.traffic.retries == 4
    assert made.traffic.requests == 5


@pytest.mark.parametrize("name", PASSING)
def test_a_failure_that_does_not_pass_ends_in_one_sentence(name):
    with serving(lambda body, before: PASSING[name]) as served:
        text = refused(served, retries=2)
    assert len(served.asked) == 3
    assert "asked 3 times" in text
    assert "same command again" in text


def test_a_late_answer_is_asked_for_again():
    def handle(body, before):
        answer = echo(body, before)
        return answer if before else Answer(answer.body, delay=2.0)

    with serving(handle) as served:
        [(_, found)] = engine(served, timeout=0.7).generate([ask("one")])
    assert found.text == "answer to one"
    assert len(served.asked) == 2


def test_a_server_that_never_answers_in_time():
    with serving(lambda body, before: Answer(b"", delay=0.5)) as served:
        text = refused(served, timeout=0.1, retries=1)
    assert "no answer within 0.1 s" in text


def test_the_time_is_measured_over_the_whole_request():
    def handle(body, before):
        answer = echo(body, before)
        return answer if before else Answer(answer.body, trickle=0.05)

    with serving(handle) as served:
        began = time.monotonic()
        [(_, found)] = engine(served, timeout=0.5).generate([ask("one")])
    # Byte by byte the first answer would have taken more than five seconds.
    assert time.monotonic() - began < 3
    assert (found.text, len(served.asked)) == ("answer to one", 2)


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_kept_to_by_all(as_date):
    def handle(body, before):
        if body["messages"][-1]["content"] == "question 0" and not before:
            asked = datetime.now(UTC) + timedelta(seconds=2)
            header = format_datetime(asked, usegmt=True) if as_date else "1"
            return Answer({"error": "slow"}, 429, {"Retry-After": header})
        return echo(body, before)

    with serving(handle) as served:
        assert len(dict(engine(served, concurrency=1).generate(asks(3)))) == 3
    # A date has whole seconds, so up to one of the two may be lost.
    assert served.times[1] - served.times[0] >= 0.95
    assert [text[-1] for text in served.texts()] == ["0", "0", "1", "2"]


def test_a_request_that_comes_later_waits_too():
    def handle(body, before):
        if body["messages"][-1]["content"] == "question 0" and not before:
            return Answer({"error": "slow"}, 429, {"Retry-After": "0.6"})
        return Answer(echo(body, before).body, delay=0.1)

    with serving(handle) as served:
        assert len(dict(engine(served, concurrency=2).generate(asks(3)))) == 3
    later = [t for t, text in zip(served.times, served.texts(), strict=True) if text[-1] == "2"]
    assert later[0] - served.times[0] >= 0.55


def test_a_server_that_is_out_of_service_for_the_day_says_so():
    limit = Answer({"error": "daily limit"}, 429, {"Retry-After": "86400"})
    with serving(lambda body, before: limit) as served:
        assert "86400 s" in refused(served)
    assert len(served.asked) == 1


def test_a_model_may_say_nothing():
    for text in (None, ""):
        with serving(lambda body, before, text=text: completion(text, "stop")) as served:
            [(_, found)] = engine(served).generate(asks(1))
        assert (found.text, found.finish) == ("", "stop")


@pytest.mark.parametrize(
    ("finish", "tokens", "expected"),
    [("stop", 8, "stop"), ("length", 3, "length"), (None, 8, "length"), (None, 3, "stop")],
)
def test_whether_an_answer_ended_by_itself(finish, tokens, expected):
    usage = {"prompt_tokens": 1, "completion_tokens": tokens}
    with serving(lambda body, before: completion("x", finish, usage=usage)) as served:
        [(_, found)] = engine(served).generate(asks(1))
    assert (found.finish, found.tokens) == (expected, tokens)


@pytest.mark.parametrize("usage", [None, {}])
def test_without_a_count_lengths_are_estimated(usage):
    with serving(lambda body, before: completion("twelve bytes", usage=usage)) as served:
        made = engine(served)
        [(_, found)] = made.generate(asks(1))
    assert found.tokens == (4 if usage is None else 0)
    assert (made.traffic.prompt_tokens > 0) == (usage is None)


def test_half_a_character_in_an_answer_becomes_a_replacement_character():
    body = b'{"choices": [{"message": {"content": "a\\ud83d"}, "finish_reason": "length"}]}'
    with serving(lambda _body, before: Answer(body), models=()) as served:
        [(_, found)] = engine(served, retries=0).generate(asks(1))
    assert found.text == "a\ufffd"


def test_the_bound_on_requests_under_way_holds():
    with serving(lambda b, n: Answer(echo(b, n).body, delay=0.03)) as served:
        assert len(dict(engine(served, concurrency=4).generate(asks(20)))) == 20
    assert served.most == 4


def test_finished_answers_are_kept_when_the_server_dies(tmp_path):
    alive = True

    def handle(body, before):
        return echo(body, before) if alive else Answer(drop=True)

    with serving(handle) as served, CallStore(tmp_path / "calls.sqlite") as store:
        recorded = RecordedEngine(engine(served, concurrency=2, retries=1), store)
        stream = recorded.generate(asks(12))
        for _ in range(5):
            next(stream)
        alive = False
        with pytest.raises(UserError, match="same command again"):
            list(stream)
        kept = sum(store.count().values())
        alive = True
        answered = served.texts()
        found = dict(recorded.generate(asks(12)))
        assert len(found) == 12
        again = served.texts()[len(answered) :]
        assert len(again) == len(set(again)) == 12 - kept
        assert kept >= 5


def threads():
    return [t for t in threading.enumerate() if t.name.startswith(THREADS)]


def test_a_caller_who_stops_early_leaves_no_thread():
    with serving(lambda b, n: Answer(echo(b, n).body, delay=0.05)) as served:
        stream = engine(served, concurrency=3).generate(asks(30))
        next(stream)
        stream.close()
        assert not threads()
        time.sleep(0.5)  # What was on its way arrives.
        count = len(served.asked)
        time.sleep(0.5)
        assert len(served.asked) == count <= 7


def test_a_caller_who_stops_early_does_not_wait_for_slow_answers():
    def handle(body, before):
        slow = not body["messages"][-1]["content"].endswith("0")
        return Answer(echo(body, before).body, delay=4.0 if slow else 0.0)

    with serving(handle) as served:
        stream = engine(served, concurrency=3).generate(asks(6))
        assert next(stream)[0] == 0
        began = time.monotonic()
        stream.close()
        assert time.monotonic() - began < 2
        assert not threads()


def test_a_caller_who_stops_early_does_not_wait_for_the_next_try():
    busy = Answer({"error": "slow"}, 429, {"Retry-After": "60"})

    def handle(body, before):
        return echo(body, before) if body["messages"][-1]["content"].endswith("0") else busy

    with serving(handle) as served:
        stream = engine(served, concurrency=2).generate(asks(2))
        assert next(stream)[0] == 0
        began = time.monotonic()
        stream.close()
        assert time.monotonic() - began < 2


def test_hidden_states_are_refused_with_the_engine_that_has_them():
    made = OpenAIEngine(Server("http://127.0.0.1:1/v1", "tiny"))
    request = RepresentRequest((Message("user", "x"), Message("assistant", "y")), (1,), "t")
    with pytest.raises(UserError, match=r"engine\.kind=transformers"):
        made.represent([request])
    assert made.layers == 0
    assert made.context > 100_000


def connect(served, **settings):
    return OpenAIEngine.connect(
        OpenAIServer(base_url=served.url, **settings),
        "tiny",
        served="tiny",
        trust_remote_code=False,
        download=False,
    )


def test_the_fingerprint_holds_what_lasts_and_no_more():
    def fingerprint(**entry):
        with serving(echo, models=({"id": "tiny", **entry}, {"id": "other"})) as served:
            made = connect(served)
        return made.fingerprint.replace(served.url, "URL"), made.context

    plain, context = fingerprint(root="/models/a", created=1)
    assert plain.startswith("openai:URL:tiny:")
    assert context == 1 << 20
    assert fingerprint(root="/models/a", created=2)[0] == plain
    assert fingerprint(root="/models/b", created=1)[0] != plain
    assert fingerprint(max_model_len=4096)[1] == 4096
    assert fingerprint(meta={"n_ctx_train": 8192})[1] == 8192
    assert fingerprint(meta="?", max_model_len="much")[1] == 1 << 20


def test_a_server_that_lists_no_models_will_do():
    with serving(echo, models=(7, None)) as served:
        assert connect(served).described == {}


def test_a_server_that_is_not_there_shows_at_once():
    with serving(echo) as served:
        pass
    started = time.monotonic()
    with pytest.raises(UserError, match=r"asked 3 times.*engine\.openai\.base_url"):
        connect(served)
    assert time.monotonic() - started < 20


READY = {"7": -0.1, "8": -3.0}


def test_no_log_probabilities_is_said_before_any_question():
    with serving(echo) as served:
        made = engine(served)
        with pytest.raises(UserError, match=r"judging\.kind=rating-text"):
            made.choose([ChooseRequest((Message("user", "rate"),), ("7", "8"), "judge")])
    assert served.texts() == ["Hello"]
    refusing = error(400, "logprobs is not supported by this model")
    with (
        serving(lambda body, before: refusing) as served,
        pytest.raises(UserError, match=r"judging\.kind=rating-text"),
    ):
        engine(served).check_choices(("7", "8"))


def test_an_answer_without_a_first_token_is_asked_for_again():
    def handle(body, before):
        empty = completion("", choice={"logprobs": {"content": []}})
        return tokens(READY) if before else empty

    with serving(handle) as served:
        [(_, found)] = engine(served).choose(
            [ChooseRequest((Message("user", "rate"),), ("7", "8"), "judge")]
        )
    assert found.tolist() == pytest.approx([-0.1, -3.0])
    assert len(served.asked) == 4
