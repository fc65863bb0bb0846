"""How likely given answers are."""

import numpy as np
import pytest
import torch

from primum.engines.base import ScoreRequest
from primum.engines.local.engine import TransformersEngine
from primum.engines.local.logprobs import likelihood
from primum.engines.models.loading import load
from primum.engines.recorded import RecordedEngine
from primum.errors import UserError
from primum.messages import Answer, Message
from primum.store.calls import CallStore


@pytest.fixture(scope="module")
def engine(tiny_folder):
    return TransformersEngine(load(str(tiny_folder), dtype="float32", device="cpu"), batch_size=4)


def asked(prompt, answer, *, cut=False):
    return ScoreRequest((Message("user", prompt), Message("assistant", answer)), "test", cut)


REQUESTS = [
    asked("law", "the quick brown fox"),
    asked("law", "the quick brown fox", cut=True),
    asked("a much longer question about health and law " * 3, "fox"),
    asked("law", ""),
    asked("law", "answers " * 40),
]


def test_each_token_has_the_model_s_own_log_probability(engine):
    found = dict(engine.score(REQUESTS))
    for index, request in enumerate(REQUESTS):
        *before, last = request.messages
        given = engine.loaded.chat.answered_ids(before, Answer(last.content, cut=request.cut))
        ids = torch.tensor([given.ids])
        with torch.no_grad():
            logprobs = torch.log_softmax(engine.loaded.model(ids).logits[0].float(), -1)
        wanted = [float(logprobs[at - 1, ids[0, at]]) for at in range(given.own, len(given.ids))]
        assert found[index] == pytest.approx(wanted, abs=1e-4)
    assert len(found[0]) == len(found[1]) + 1  # the end of the turn
    assert len(found[3]) == 1


def test_an_answer_without_a_token_has_no_log_probability(engine):
    found = dict(engine.score([asked("law", "", cut=True), asked("law", "fox")]))
    assert len(found[0]) == 0
    assert len(found[1]) > 1


def test_what_is_in_the_batch_changes_nothing(engine):
    together = dict(engine.score(REQUESTS))
    for index, request in enumerate(REQUESTS):
        [(_, alone)] = engine.score([request])
        assert alone == pytest.approx(together[index], abs=1e-4)


def test_logits_of_few_tokens_are_held_at_once(engine, monkeypatch):
    rows = []
    made = likelihood.next_token_logits

    def watched(model, hidden):
        rows.append(len(hidden))
        return made(model, hidden)

    monkeypatch.setattr(likelihood, "next_token_logits", watched)
    found = dict(engine.score([asked("law", "answers " * 60) for _ in range(4)]))
    assert sum(rows) == sum(map(len, found.values())) > 4 * 64
    assert max(rows) <= 64


def test_a_conversation_beyond_the_context_is_refused(engine):
    with pytest.raises(UserError, match="context of 2048"):
        list(engine.score([asked("law", "fox " * 3000)]))


def test_finished_scores_are_not_made_again(engine, tmp_path):
    with CallStore(tmp_path / "calls.sqlite") as store:
        first = dict(RecordedEngine(engine, store).score(REQUESTS))

        class Gone:
            fingerprint = engine.fingerprint

            def score(self, requests):
                raise AssertionError("asked again")

        again = dict(RecordedEngine(Gone(), store).score(REQUESTS))
    assert all(np.array_equal(first[at], again[at]) for at in range(len(REQUESTS)))
