import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaForSequenceClassification

from primum.engines.local.classifier import load_classifier
from primum.engines.models.loading import load, load_chat
from primum.errors import UserError
from tests.tiny import save_tiny, tiny_model, tiny_tokenizer


def save_reward_model(folder, *, tied):
    config = tiny_model().config
    config.tie_word_embeddings = tied
    config.num_labels = 1
    torch.manual_seed(0)
    LlamaForSequenceClassification(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def change(folder, edit):
    weights = folder / "model.safetensors"
    tensors = load_file(weights)
    edit(tensors)
    save_file(tensors, weights, metadata={"format": "pt"})


@pytest.mark.parametrize("tied", [True, False])
def test_a_reward_model_is_no_policy(tmp_path, tied):
    save_reward_model(tmp_path, tied=tied)
    with pytest.raises(UserError, match=r"no causal language model.*no use for score\.weight"):
        load(str(tmp_path))
    load_classifier(str(tmp_path))


def test_weights_that_are_missing_or_left_over_are_named(tmp_path):
    save_tiny(tmp_path)
    change(tmp_path, lambda tensors: tensors.pop("model.layers.2.mlp.up_proj.weight"))
    with pytest.raises(UserError, match=r"lacks model\.layers\.2\.mlp\.up_proj\.weight"):
        load(str(tmp_path))
    save_tiny(tmp_path)
    change(tmp_path, lambda t: t.update({"model.layers.0.self_attn.q_proj.bias": torch.ones(32)}))
    with pytest.raises(UserError, match=r"no use for model\.layers\.0\.self_attn\.q_proj\.bias"):
        load(str(tmp_path))


def test_weights_of_another_shape_are_named(tmp_path):
    save_tiny(tmp_path)
    change(tmp_path, lambda t: t.update({"model.norm.weight": torch.ones(31)}))
    with pytest.raises(UserError, match=r"another shape of model\.norm\.weight"):
        load(str(tmp_path))


def test_what_can_be_computed_need_not_be_there_and_does_no_harm(tmp_path):
    config = GPT2Config(vocab_size=400, n_embd=32, n_layer=2, n_head=2, n_positions=64)
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    old = {
        "transformer.h.0.attn.bias": torch.ones(1, 1, 64, 64),
        "transformer.h.0.attn.masked_bias": torch.tensor(-1e4),
    }
    change(tmp_path, lambda tensors: tensors.update(old))
    load(str(tmp_path))
    save_tiny(tmp_path)
    old = {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4)}
    change(tmp_path, lambda tensors: tensors.update(old))
    load(str(tmp_path))


def test_a_classifier_may_keep_its_old_output_layer_but_nothing_else(tmp_path):
    save_reward_model(tmp_path, tied=False)
    change(tmp_path, lambda tensors: tensors.update({"lm_head.weight": torch.ones(400, 32)}))
    load_classifier(str(tmp_path))
    change(tmp_path, lambda tensors: tensors.update({"score.bias": torch.ones(1)}))
    with pytest.raises(UserError, match=r"no use for score\.bias"):
        load_classifier(str(tmp_path))


@pytest.mark.parametrize("look", [load, load_chat, load_classifier])
def test_a_tokenizer_beyond_the_embeddings_is_refused(tmp_path, look):
    save_reward_model(tmp_path, tied=False) if look is load_classifier else save_tiny(tmp_path)
    rows = json.loads((tmp_path / "config.json").read_text())["vocab_size"]
    tokenizer = tiny_tokenizer()
    assert len(tokenizer) < rows  # As in models that fill their embeddings up.
    look(str(tmp_path))
    tokenizer.add_tokens([f"<extra-{at}>" for at in range(rows - len(tokenizer) + 2)])
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(UserError, match=f"2 tokens beyond the model's {rows} embeddings"):
        look(str(tmp_path))
