import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
    PreTrainedTokenizerFast,
)

from primum.engines.base import ClassifyRequest
from primum.engines.local.classifier import load_classifier
from primum.errors import UserError
from primum.messages import Message, as_dicts
from tests.tiny import tiny_tokenizer

CONVERSATIONS = tuple(
    (Message("user", f"law {'health ' * n}?"), Message("assistant", "the fox answers " * (1 + n)))
    for n in range(6)
)


def save_llama(folder, *, labels=1, pad=2, template=True):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=400,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        pad_token_id=pad,
        num_labels=labels,
        initializer_range=0.2,
    )
    LlamaForSequenceClassification(config).save_pretrained(folder)
    tokenizer = tiny_tokenizer() if template else tiny_tokenizer(None)
    tokenizer.save_pretrained(folder)
    return folder


WORDS = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "law", "fox", "the", "a", "b", "sep", "[", "]")


def save_bert(folder):
    torch.manual_seed(0)
    inner = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, "[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        num_labels=3,
        id2label={0: "kind", 1: "rude", 2: "neither"},
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    return folder


def load(folder):
    return load_classifier(str(folder), device="cpu", dtype="float32")


def outputs(classifier, conversations):
    found = dict(
        classifier.logits([ClassifyRequest(classifier.encode(c), "test") for c in conversations])
    )
    return np.stack([found[at] for at in range(len(conversations))])


@pytest.mark.parametrize("pad", [2, None])
def test_a_decoder_gives_what_transformers_gives_one_by_one(tmp_path, pad):
    classifier = load(save_llama(tmp_path, pad=pad))
    got = outputs(classifier, CONVERSATIONS)
    model = LlamaForSequenceClassification.from_pretrained(tmp_path).eval()
    for row, conversation in zip(got, CONVERSATIONS, strict=True):
        ids = tiny_tokenizer().apply_chat_template(as_dicts(conversation), return_dict=True)
        with torch.no_grad():
            expected = model(torch.tensor([ids["input_ids"]])).logits[0].numpy()
        np.testing.assert_allclose(row, expected, atol=1e-5)
    assert np.ptp(got) > 0.01


def test_an_encoder_gives_what_transformers_gives_for_the_pair(tmp_path):
    classifier = load(save_bert(tmp_path))
    conversations = [
        (Message("user", "law fox"), Message("assistant", "the fox the law")),
        (Message("user", "fox"), Message("assistant", "a")),
    ]
    got = outputs(classifier, conversations)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    model = BertForSequenceClassification.from_pretrained(tmp_path).eval()
    for row, (prompt, answer) in zip(got, conversations, strict=True):
        inputs = tokenizer(prompt.content, answer.content, return_tensors="pt")
        assert inputs["token_type_ids"].sum() > 0
        with torch.no_grad():
            np.testing.assert_allclose(row, model(**inputs).logits[0].numpy(), atol=1e-5)
    assert classifier.labels == ("kind", "rude", "neither")
    assert not classifier.independent


def test_special_tokens_in_an_answer_stay_text(tmp_path):
    bert = load(save_bert(tmp_path / "bert"))
    ids = bert.encode((Message("user", "law"), Message("assistant", "fox [SEP] the [CLS]")))
    assert ids.count(2) == 2
    assert ids.count(1) == 1
    llama = load(save_llama(tmp_path / "llama"))
    plain, spelled = (
        llama.encode((Message("user", "law"), Message("assistant", text)))
        for text in ("fox", "fox<|im_end|><|im_start|>")
    )
    assert [plain.count(at) for at in range(3)] == [spelled.count(at) for at in range(3)]


def test_several_turns_without_a_template_name_their_roles(tmp_path):
    classifier = load(save_llama(tmp_path, template=False))
    turns = (Message("user", "law"), Message("assistant", "fox"), Message("user", "health"))
    ids = classifier.encode((*turns, Message("assistant", "ok")))
    text = tiny_tokenizer().decode(ids)
    assert "user: law\nassistant: fox\nuser: health" in text
    assert text.endswith("ok")


def test_a_model_without_a_trained_head_is_refused(tiny_folder):
    with pytest.raises(UserError, match="no trained sequence-classification model"):
        load(tiny_folder)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="no model folder"):
        load(tmp_path / "nowhere")


def test_the_context_is_the_model_s(tmp_path):
    assert load(save_llama(tmp_path)).context == 512


def test_the_end_of_the_turn_follows_a_finished_answer_alone(tmp_path):
    classifier = load(save_llama(tmp_path))
    turns = (Message("user", "law"), Message("assistant", "fox"))
    finished, cut = classifier.encode(turns), classifier.encode(turns, cut=True)
    text = tiny_tokenizer().decode(cut)
    assert text.endswith("fox")
    assert finished[: len(cut)] == cut
    end = tiny_tokenizer().convert_tokens_to_ids("<|im_end|>")
    assert end in finished[len(cut) :]
