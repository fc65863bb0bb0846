import pytest
import torch
import transformers as hf

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.chat import ChatFormat
from primum.engines.models.loading import Loaded
from primum.engines.models.rotary import longest_alike
from primum.errors import UserError
from primum.messages import Message
from tests.tiny import tiny_tokenizer

SIZES = {
    "vocab_size": 400,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "pad_token_id": 0,
    "initializer_range": 0.3,
}
LONGROPE = {
    "rope_type": "longrope",
    "rope_theta": 1e4,
    "short_factor": [1.0] * 4,
    "long_factor": [4.0] * 4,
    "original_max_position_embeddings": 48,
    "factor": 4.0,
}
DYNAMIC = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}


def longrope():
    return hf.Phi3Config(
        **SIZES,
        max_position_embeddings=192,
        original_max_position_embeddings=48,
        rope_parameters=LONGROPE,
    )


def dynamic():
    return hf.LlamaConfig(**SIZES, max_position_embeddings=48, rope_parameters=DYNAMIC)


@torch.no_grad()
def test_longer_company_changes_a_sequence_only_beyond_the_limit():
    torch.manual_seed(0)
    for config in (longrope(), dynamic()):
        model = hf.AutoModelForCausalLM.from_config(config).eval()
        short = torch.arange(10, 20)[None]
        before = model(input_ids=short).logits[0]
        for width, alike in ((48, True), (49, False)):
            ids = torch.cat([short, torch.zeros(1, width - 10, dtype=torch.long)], 1)
            mask = (torch.arange(width) < 10).long()[None]
            company = torch.cat([ids, torch.full((1, width), 7)])
            masks = torch.cat([mask, torch.ones(1, width, dtype=torch.long)])
            found = model(input_ids=company, attention_mask=masks).logits[0, :10]
            assert torch.allclose(found, before, atol=1e-4) == alike
        assert longest_alike(config) == 48


def test_most_models_have_no_such_limit():
    yarn = {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1e4}
    assert longest_alike(hf.LlamaConfig(**SIZES)) is None
    assert longest_alike(hf.LlamaConfig(**SIZES, rope_parameters=yarn)) is None
    assert longest_alike(hf.GPT2Config()) is None
    by_layer = {
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
        "full_attention": DYNAMIC,
    }
    layered = hf.Gemma3TextConfig(**SIZES, max_position_embeddings=64, rope_parameters=by_layer)
    assert longest_alike(layered) == 64


def test_the_engine_refuses_what_would_switch_the_factors_of_others():
    torch.manual_seed(0)
    model = hf.AutoModelForCausalLM.from_config(longrope()).eval()
    engine = TransformersEngine(Loaded(model, ChatFormat(tiny_tokenizer()), "id", "tiny"))
    assert engine.context == 48
    ask = (Message("user", "why"),)
    room = 48 - engine.count(ask)

    def request(tokens):
        return GenerateRequest(ask, SamplingParams(0.0, max_tokens=tokens), 0, "sample")

    [(_, found)] = engine.generate([request(room)])
    assert found.tokens <= room
    with pytest.raises(UserError, match=r"beyond the 48 .* rotary factors switch there"):
        list(engine.generate([request(room + 1)]))
