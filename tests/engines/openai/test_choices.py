"""Choices from listed first tokens: alone, and against what the model itself gives."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.engines.base import ChooseRequest
from primum.engines.local.engine import TransformersEngine
from primum.engines.openai import OpenAIEngine
from primum.engines.openai.choices import as_log_probabilities, choice_masses
from primum.engines.openai.server import Server
from primum.engines.openai.tokenizer import LocalTokenizer, local_tokenizer
from primum.errors import UserError
from primum.messages import Message
from tests.engines.openai.honest import honest
from tests.engines.openai.serving import completion, serving, tokens

TEN = tuple(str(n) for n in range(1, 11))


def masses(table, choices, whole=()):
    """Runs over a table of probabilities by beginning; notes what was asked."""
    asked = []

    def listed(begun):
        asked.append(begun)
        return {token: log(p) for token, p in table[begun].items()}

    found = choice_masses(listed, choices, frozenset(whole))
    return found, asked


def test_single_tokens_need_one_look():
    table = {"": {"7": 0.5, " 7": 0.1, "8": 0.3, "The": 0.05, "7.": 0.01, "": 0.02, "\n": 0.01}}
    found, asked = masses(table, ("7", "8", "9"), ("7", "8", "9"))
    assert found == pytest.approx({"7": 0.6, "8": 0.3, "9": 0.0})
    assert asked == [""]


def test_one_and_ten_are_told_apart_by_what_follows():
    table = {"": {"1": 0.6, "7": 0.4}, "1": {"0": 0.75, "<end>": 0.2, "1": 0.05, "": 0.1}}
    found, asked = masses(table, TEN, set(TEN) - {"10"})
    assert found["10"] == pytest.approx(0.45)
    assert found["1"] == pytest.approx(0.15)
    assert found["7"] == pytest.approx(0.4)
    assert asked == ["", "1"]


def test_ten_as_one_token_is_not_followed():
    found, asked = masses({"": {"1": 0.1, "10": 0.6, "7": 0.3}}, TEN, TEN)
    assert (found["1"], found["10"]) == pytest.approx((0.1, 0.6))
    assert asked == [""]


def test_a_beginning_that_hardly_matters_is_not_followed():
    _, asked = masses({"": {"1": 2e-5, "7": 0.9}}, TEN, set(TEN) - {"10"})
    assert asked == [""]
    # Next to nothing of everything, but a third of all ratings.
    table = {"": {"1": 2e-5, "7": 4e-5, "The": 0.9}, "1": {"0": 1.0}}
    _, asked = masses(table, TEN, set(TEN) - {"10"})
    assert asked == ["", "1"]


def test_three_that_begin_alike():
    choices = ("1", "10", "100", "2")
    table = {"": {"1": 0.8, "2": 0.2}, "1": {"0": 0.5}, "10": {"0": 0.25}}
    found, _ = masses(table, choices, ("1", "2"))
    assert found == pytest.approx({"1": 0.4, "10": 0.3, "100": 0.1, "2": 0.2})


def test_a_choice_reached_through_what_is_none():
    found, _ = masses({"": {"Y": 0.5, "No": 0.5}, "Y": {"es": 0.9}}, ("Yes", "No"), ("No",))
    assert found == pytest.approx({"Yes": 0.45, "No": 0.5})


@st.composite
def trees(draw):
    shares = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)
    table = {}
    for begun, tokens_ in (("", "127"), ("1", "0x7"), ("10", "0y7"), ("2", "0x1"), ("20", "0z1")):
        drawn = draw(shares)
        whole = sum(drawn) * draw(st.floats(1, 3))
        table[begun] = {t: p / whole for t, p in zip(tokens_, drawn, strict=True)}
    return table


@given(trees())
def test_nothing_is_counted_twice(table):
    choices = ("1", "10", "100", "2", "20", "7")
    found, _ = masses(table, choices, ("1", "2", "7"))
    assert all(mass > -1e-9 for mass in found.values())
    assert sum(found.values()) == pytest.approx(sum(table[""].values()))


def test_what_is_not_listed_is_next_to_nothing_and_finite():
    logs = as_log_probabilities({"1": 0.5, "2": 0.0, "3": -1e-18})
    assert logs.dtype == np.float32
    assert np.isfinite(logs).all()
    assert exp(logs[1]) < 1e-30


@pytest.fixture(scope="module")
def local(tiny_folder):
    return TransformersEngine.from_name(str(tiny_folder), device="cpu", dtype="float32")


def remote(served, tiny_folder=None, **settings):
    at_hand = LocalTokenizer()
    if tiny_folder:
        at_hand = local_tokenizer(str(tiny_folder), trust_remote_code=False, download=False)
    return OpenAIEngine(Server(served.url, "tiny", **settings), at_hand)


def question(text, choices=TEN):
    messages = (Message("system", "Rate."), Message("user", text))
    return ChooseRequest(messages, choices, "judge")


@pytest.fixture
def listing_all(monkeypatch):
    monkeypatch.setattr("primum.engines.openai.top_logprobs.LISTED", 400)


@pytest.mark.usefixtures("listing_all")
def test_a_server_gives_what_the_model_gives(local, tiny_folder):
    asked = [question(f"How good is answer {n}?") for n in range(6)]
    with serving(honest(local)) as served:
        found = dict(remote(served, tiny_folder).choose(asked))
    for index, expected in local.choose(asked):
        np.testing.assert_allclose(np.exp(found[index]), np.exp(expected), atol=2e-6)
    assert len(served.asked) > 2 * len(asked)


def test_the_twenty_likeliest_are_never_too_much(local, tiny_folder):
    asked = [question(f"How good is answer {n}?") for n in range(4)]
    with serving(honest(local)) as served:
        found = dict(remote(served, tiny_folder).choose(asked))
    for index, expected in local.choose(asked):
        right, got = np.exp(expected), np.exp(found[index])
        # "1" keeps what an unlisted "0" after it would have taken; nothing else is added.
        right[0] += right[9]
        assert (got <= right + 1e-6).all()
    assert {body["top_logprobs"] for body in served.asked if body.get("logprobs")} == {20}


@pytest.mark.usefixtures("listing_all")
@pytest.mark.parametrize("server", [{"goes_on": False}, {"knows": False}])
def test_a_server_that_does_not_go_on_is_found_out(local, tiny_folder, server):
    with serving(honest(local, **server)) as served:
        made = remote(served, tiny_folder)
        with pytest.raises(UserError, match=r"writes '10' as several tokens.*rating-text"):
            made.choose([question("x")])
        # Digits alone need no going on.
        nine = TEN[:9]
        [(_, found)] = made.choose([question("x", nine)])
    [(_, expected)] = local.choose([question("x", nine)])
    np.testing.assert_allclose(np.exp(found), np.exp(expected), atol=2e-6)


def test_without_a_tokenizer_the_model_is_asked_to_repeat():
    def handle(body, before):
        if "this and nothing else: 10" in body["messages"][-1]["content"]:
            return tokens({"10": -0.01, "1": -5.0})
        return tokens({"10": -0.5, "9": -1.0, "8": -3.0})

    with serving(handle) as served:
        made = remote(served)
        found = dict(made.choose([question("x"), question("y")]))
    assert exp(found[0][9]) == pytest.approx(exp(-0.5))
    assert exp(found[0][0]) < 1e-30
    assert len(served.asked) == 2 + 2
    assert not any("continue_final_message" in body for body in served.asked)


@pytest.mark.parametrize(
    ("counts", "goes_on"),
    [
        ((20, 21, 25), True),  # One token more: only the digit.
        ((20, 21, 21), True),  # A server that goes on unasked.
        ((20, 22, 26), True),  # A digit of two tokens.
        ((20, 22, 22), False),  # An end of turn, and no header.
        ((20, 25, 25), False),
        ((20, 26, 25), False),
    ],
)
def test_whether_it_goes_on_is_told_by_the_count(counts, goes_on):
    def handle(body, before):
        place = 0
        if body["messages"][-1]["role"] == "assistant":
            place = 1 if "continue_final_message" in body else 2
        return tokens({"1": -0.3, "0": -1.5}, prompt_tokens=counts[place])

    with serving(handle) as served:
        made = remote(served)
        if goes_on:
            made.check_choices(TEN)
            before = len(served.asked)
            made.check_choices(TEN)
            assert len(served.asked) == before
        else:
            with pytest.raises(UserError, match="several tokens"):
                made.check_choices(TEN)


def test_a_server_that_does_not_count_is_not_trusted_to_go_on():
    with (
        serving(lambda body, before: tokens({"1": -0.3, "0": -1.5})) as served,
        pytest.raises(UserError, match="several tokens"),
    ):
        remote(served).check_choices(TEN)


def test_a_filtered_question_is_said():
    def handle(body, before):
        if body["messages"][-1]["content"] == "bad words":
            return completion(None, "content_filter")
        return tokens({"1": -0.3, "2": -1.5})

    with serving(handle) as served, pytest.raises(UserError, match="filters content"):
        list(remote(served).choose([question("bad words", ("1", "2"))]))
