import pytest
import torch
import transformers as hf

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.chat import ChatFormat
from primum.engines.models.loading import Loaded
from primum.engines.models.rotary import longest_alike, longest_sequence
from primum.errors import UserError
from primum.messages import Message
from tests.tiny import tiny_tokenizer
from tests.training.network.architectures import DYNAMIC, LONGROPE, SIZES

OWN = SIZES | {"vocab_size": 400, "max_position_embeddings": 48}
SWITCHED = LONGROPE | {"original_max_position_embeddings": 48}


def longrope():
    return hf.Phi3Config(
        **OWN | {"max_position_embeddings": 192},
        original_max_position_embeddings=48,
        rope_parameters=SWITCHED,
    )


def dynamic():
    return hf.LlamaConfig(**OWN, rope_parameters=DYNAMIC)


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
    layered = hf.Gemma3TextConfig(**OWN | {"max_position_embeddings": 64}, rope_parameters=by_layer)
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


def test_the_longest_sequence_is_the_model_s_or_where_factors_switch():
    assert longest_sequence(longrope()) == 48
    assert longest_sequence(hf.LlamaConfig(**OWN | {"max_position_embeddings": 64})) == 64
    assert longest_sequence(hf.RobertaConfig(max_position_embeddings=64, pad_token_id=1)) == 62
