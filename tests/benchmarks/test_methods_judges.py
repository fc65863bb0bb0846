"""Judges that are fitted on human labels."""

from string import ascii_lowercase

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

from human_labels import HumanAnswer, HumanPair
from methods_encoder import EncoderFeatures, is_encoder
from methods_judges import Kind, accuracy, encoder_kind, fit, states_kind, words_kind
from methods_labels import Labels
from methods_words import shared_words, word_features
from primum.engines.local.engine import TransformersEngine

KIND = ("please ask a doctor", "i am glad to help", "be careful with it", "thank you for asking")
RUDE = ("go away at once", "what a stupid idea", "nobody likes you", "just do the damage")


def labels(count: int = 40) -> Labels:
    pairs = [
        HumanPair(f"Prompt {n}?", KIND[n % 4] + " today" * (n % 3), RUDE[(n // 4) % 4])
        for n in range(count)
    ]
    return Labels(pairs, [])


def lengths(answered):
    """One feature: how long the answer is."""
    return np.array([[float(len(answer))] for _, answer in answered])


def test_words_tell_kind_answers_from_rude_ones():
    judge = fit(words_kind(), labels())
    kind, rude = judge([("Another?", KIND[0]), ("Another?", RUDE[0])])
    assert kind > rude
    assert accuracy(words_kind(), labels()).right.value == 1


def test_an_empty_answer_has_no_score():
    assert np.isnan(fit(words_kind(), labels())([("Prompt?", "  ")])).all()


def test_accuracy_is_of_pairs_that_were_not_fitted_on():
    # Labels without any rule: a judge that remembered its pairs would be right on all of them.
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(200)]
    texts = [[" ".join(rng.choice(words, 8)) for _ in range(2)] for _ in range(200)]
    noise = Labels([HumanPair(f"Prompt {n}", *side) for n, side in enumerate(texts)], [])
    found = accuracy(words_kind(), noise).right
    assert found.low < 0.5 < found.high


def test_a_judge_of_length_is_known_as_one():
    kind = Kind("length", "", lambda _: lengths, penalty=1.0, standardised=True)
    longer = Labels(
        [HumanPair(f"Prompt {n}", "long " * (n % 5 + 2), "short") for n in range(60)],
        [],
    )
    found = accuracy(kind, longer)
    assert found.length > 0.9
    assert found.longer == found.people_longer == 1


@pytest.mark.parametrize("good", [True, False])
def test_single_answers_teach_too_whatever_their_share(good):
    kind = Kind("length", "", lambda _: lengths, penalty=1.0, standardised=False)
    # Nine of ten are of one label, which is the constant's to say.
    answers = [HumanAnswer(f"Prompt {n}", "x" * (3 + n % 2), good) for n in range(90)]
    answers += [HumanAnswer(f"Other {n}", "x" * (9 + n % 2), not good) for n in range(10)]
    judge = fit(kind, Labels([HumanPair("Same", "equal", "alike")], answers))
    short, long = judge([("Prompt", "xxx"), ("Prompt", "xxxxxxxxx")])
    assert (short > long) == good


def test_the_prompts_own_words_count_in_answers_alone():
    said = shared_words(("How is the weather?", "The weather is fine"))
    assert said == ["the asked", "weather asked", "is asked", "fine new"]
    features = word_features([("One", "same words"), ("Two", "same words")])
    rows = features([("One", "same words"), ("Quite another", "same words")]).toarray()
    assert (rows[0] == rows[1]).all()


def test_states_of_another_model(tiny_folder):
    engine = TransformersEngine.from_name(str(tiny_folder), device="cpu", dtype="float32")
    kind = states_kind("tiny", engine)
    judge = fit(kind, labels(12))
    assert np.isfinite(judge([("Prompt?", KIND[0]), ("Prompt?", RUDE[1])])).all()
    assert kind.about.startswith("a chat model, mean hidden states of layers ")


@pytest.fixture
def encoder_folder(tmp_path):
    """A tiny encoder with random weights, and a tokenizer of letters."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *ascii_lowercase]
    vocabulary = dict(zip(pieces, range(64), strict=False)) | {
        f"##{letter}": number for number, letter in enumerate(ascii_lowercase, start=len(pieces))
    }
    BertTokenizer(vocab=vocabulary).save_pretrained(tmp_path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=64, num_hidden_layers=2, **sizes)
    BertModel(config).save_pretrained(tmp_path)
    return tmp_path


def test_an_encoder_is_told_from_a_chat_model(encoder_folder, tiny_folder):
    assert is_encoder(str(encoder_folder))
    assert not is_encoder(str(tiny_folder))


def test_states_of_an_encoder(encoder_folder):
    encoder = EncoderFeatures.load(str(encoder_folder))
    alone, *_ = encoder([("prompt", "answer")])
    encoder.known.clear()
    beside, longer, other = encoder(
        [("prompt", "answer"), ("prompt", "answer " * 600), ("another prompt", "answer")]
    )
    assert alone.shape == (16 * 4,)
    assert np.allclose(alone, beside, atol=1e-5)
    assert np.isfinite(longer).all()
    assert not np.allclose(beside[-16:], other[-16:], atol=1e-3)
    judge = fit(encoder_kind("tiny", encoder), labels(12))
    assert np.isfinite(judge([("Prompt?", KIND[0]), ("Prompt?", RUDE[1])])).all()
