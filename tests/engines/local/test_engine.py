import gc
import math

import numpy as np
import pytest
import torch

from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest, SamplingParams
from primum.engines.local import hidden_states
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.loading import load
from primum.engines.models.reference import model_fingerprint
from primum.errors import UserError
from primum.messages import Message


@pytest.fixture(scope="module")
def engine(tiny_folder):
    return TransformersEngine(load(str(tiny_folder), dtype="float32", device="cpu"), batch_size=4)


def user(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def requests(sampling: SamplingParams, count: int = 11) -> list[GenerateRequest]:
    return [
        GenerateRequest(user("law " * (1 + i % 5) + str(i // 3)), sampling, 100 + i, "test")
        for i in range(count)
    ]


def test_greedy_generation_equals_transformers_own(engine):
    wanted = requests(SamplingParams(temperature=0, max_tokens=12))
    got = dict(engine.generate(wanted))
    for index, request in enumerate(wanted):
        ids = torch.tensor([engine.loaded.chat.prompt_ids(request.messages)])
        out = engine.loaded.model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False
        )[0, ids.shape[1] :]
        text = engine.loaded.chat.tokenizer.decode(out, skip_special_tokens=True)
        assert got[index].text == text


@pytest.mark.parametrize("sampling", [SamplingParams(1.0, 1.0, 9), SamplingParams(0.8, 0.7, 9)])
def test_a_request_draws_the_same_whatever_runs_beside_it(engine, sampling):
    wanted = requests(sampling)
    together = dict(engine.generate(wanted))
    alone = [dict(engine.generate([request]))[0] for request in wanted]
    assert [together[i] for i in range(len(wanted))] == alone
    assert len({c.text for c in alone}) > 3


def test_sampling_follows_the_model_s_probabilities(engine):
    prompt = user("law")
    ids = torch.tensor([engine.loaded.chat.prompt_ids(prompt)])
    with torch.no_grad():
        probabilities = torch.softmax(engine.loaded.model(ids).logits[0, -1] / 0.5, dim=-1)
    params = SamplingParams(temperature=0.5, max_tokens=1)
    draws = [GenerateRequest(prompt, params, seed, "test") for seed in range(600)]
    texts = [c.text for _, c in engine.generate(draws)]
    top = int(probabilities.argmax())
    share = texts.count(engine.loaded.chat.tokenizer.decode([top])) / len(texts)
    expected = float(probabilities[top])
    assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / len(texts))


def test_choices_have_the_probabilities_of_their_sequences(engine):
    choices = tuple(map(str, range(1, 11)))
    request = ChooseRequest(user("Rate this"), choices, "test")
    [(index, got)] = list(engine.choose([request]))
    chat, model = engine.loaded.chat, engine.loaded.model
    prompt = chat.prompt_ids(request.messages)

    def log_prob(text: str) -> float:
        answer = chat.text_ids(text)
        with torch.no_grad():
            logits = model(torch.tensor([[*prompt, *answer]])).logits[0].log_softmax(-1)
        return sum(float(logits[len(prompt) - 1 + at, token]) for at, token in enumerate(answer))

    assert index == 0
    for place in range(1, 9):
        assert got[place] == pytest.approx(log_prob(choices[place]), abs=1e-4)
    # "10" begins with the token "1" here, so "1" counts only where no "0" follows.
    one = math.exp(log_prob("1")) - math.exp(log_prob("10"))
    assert got[0] == pytest.approx(math.log(one), abs=1e-4)
    assert got[9] == pytest.approx(log_prob("10"), abs=1e-4)


def test_hidden_states_are_means_over_the_answer(engine):
    conversations = [
        (*user("same prompt"), Message("assistant", "an answer")),
        (*user("same prompt"), Message("assistant", "a much longer answer about law")),
        (*user("another"), Message("assistant", "fox")),
    ]
    wanted = [RepresentRequest(c, (1, 3), "test") for c in conversations]
    got = dict(engine.represent(wanted))
    chat, model = engine.loaded.chat, engine.loaded.model
    for index, conversation in enumerate(conversations):
        prompt = chat.prompt_ids(conversation[:-1])
        answer = chat.text_ids(conversation[-1].content)
        with torch.no_grad():
            states = model.model(
                torch.tensor([[*prompt, *answer]]), output_hidden_states=True
            ).hidden_states
        expected = np.stack([states[k][0, len(prompt) :].mean(0).numpy() for k in (1, 3)])
        np.testing.assert_allclose(got[index], expected, atol=1e-5)


def test_states_of_prompts_are_not_held_while_answers_run(engine, monkeypatch):
    conversation = (*user("a prompt"), Message("assistant", "an answer"))
    run, alive = hidden_states.extend, []

    def counted(*args, **kwargs):
        gc.collect()
        alive.append(sum(type(one) is hidden_states._Latest for one in gc.get_objects()))
        return run(*args, **kwargs)

    monkeypatch.setattr(hidden_states, "extend", counted)
    wanted = [RepresentRequest(conversation, (1, 3), "test", before=side) for side in (False, True)]
    for request in wanted:
        [(_, found)] = engine.represent([request])
        assert found.shape == (2, (1 + request.before) * engine.loaded.model.config.hidden_size)
    assert alive == [0, 0]


def test_too_long_a_conversation_is_named(engine):
    request = GenerateRequest(user("law " * 3000), SamplingParams(max_tokens=5), 0, "test")
    with pytest.raises(UserError, match="context of 2048"):
        list(engine.generate([request]))


def test_an_empty_answer_has_no_hidden_states(engine):
    request = RepresentRequest((*user("x"), Message("assistant", "")), (1,), "test")
    with pytest.raises(UserError, match="empty answer"):
        list(engine.represent([request]))


def test_a_model_folder_without_weights_is_refused(tiny_folder, tmp_path):
    (tmp_path / "config.json").write_text((tiny_folder / "config.json").read_text())
    with pytest.raises(UserError, match="no weights"):
        load(str(tmp_path))


def test_a_missing_model_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="no model folder"):
        load(str(tmp_path / "nowhere"))


def test_an_unknown_bundled_model_is_refused():
    with pytest.raises(UserError, match="bundled:smollm2-135m"):
        load("bundled:gpt-9")


def test_the_fingerprint_follows_the_weights(tiny_folder, tmp_path):
    from tests.tiny import save_tiny

    same, other = save_tiny(tmp_path / "a", seed=0), save_tiny(tmp_path / "b", seed=1)
    assert model_fingerprint(str(same)) == model_fingerprint(str(tiny_folder))
    assert model_fingerprint(str(other)) != model_fingerprint(str(tiny_folder))
