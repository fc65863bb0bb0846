"""Generation, choices and hidden states of many architectures, against Transformers' own."""

import numpy as np
import pytest
import torch
import transformers as hf

from primum.engines.base import SamplingParams
from primum.engines.local.active_batch import DecodeRequest
from primum.engines.local.continuous_batching import decode
from primum.engines.local.hidden_states import EncodedAnswer, represent
from primum.engines.local.logprobs.choices import EncodedChoices, choose
from primum.engines.local.memory_budget import MemoryBudget
from primum.engines.local.support import check_support
from primum.errors import UserError

SIZES = {
    "vocab_size": 120,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 96,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 119,
    "initializer_range": 0.3,
}
ALTERNATING = ["sliding_attention", "sliding_attention", "full_attention"]
GPT = {
    "vocab_size": 120,
    "n_embd": 32,
    "n_layer": 3,
    "n_head": 4,
    "n_positions": 96,
    "bos_token_id": 1,
    "eos_token_id": 119,
    "initializer_range": 0.3,
}

ARCHITECTURES = {
    "llama": lambda: hf.LlamaConfig(**SIZES),
    "llama-eager": lambda: hf.LlamaConfig(**SIZES, attn_implementation="eager"),
    "mistral-sliding": lambda: hf.MistralConfig(**SIZES, sliding_window=6),
    "qwen2": lambda: hf.Qwen2Config(**SIZES),
    "qwen2-sliding": lambda: hf.Qwen2Config(
        **SIZES, use_sliding_window=True, sliding_window=6, max_window_layers=1
    ),
    "qwen3": lambda: hf.Qwen3Config(**SIZES, head_dim=16),
    "gemma2": lambda: hf.Gemma2Config(
        **SIZES, head_dim=16, sliding_window=6, layer_types=ALTERNATING
    ),
    "gemma3": lambda: hf.Gemma3TextConfig(
        **SIZES, head_dim=16, sliding_window=6, layer_types=ALTERNATING
    ),
    "phi": lambda: hf.PhiConfig(**SIZES),
    "phi3-sliding": lambda: hf.Phi3Config(**SIZES, sliding_window=6),
    "gpt2": lambda: hf.GPT2Config(**GPT),
    "gpt-neox": lambda: hf.GPTNeoXConfig(
        **{key: value for key, value in SIZES.items() if key != "num_key_value_heads"}
    ),
    "cohere": lambda: hf.CohereConfig(**SIZES),
    "granite": lambda: hf.GraniteConfig(**SIZES, logits_scaling=4.0, residual_multiplier=0.5),
    "olmo2": lambda: hf.Olmo2Config(**SIZES),
    "stablelm": lambda: hf.StableLmConfig(**SIZES),
    "opt": lambda: hf.OPTConfig(
        vocab_size=120,
        hidden_size=32,
        word_embed_proj_dim=32,
        ffn_dim=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=96,
        init_std=0.3,
        pad_token_id=0,
    ),
    "bloom": lambda: hf.BloomConfig(
        vocab_size=120, hidden_size=32, n_layer=3, n_head=4, initializer_range=0.3
    ),
    "falcon-alibi": lambda: hf.FalconConfig(
        vocab_size=120,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        alibi=True,
        initializer_range=0.3,
    ),
    "gpt-oss": lambda: hf.GptOssConfig(
        **SIZES,
        head_dim=8,
        num_local_experts=2,
        num_experts_per_tok=1,
        sliding_window=6,
        layer_types=ALTERNATING,
    ),
    "deepseek-v3": lambda: hf.DeepseekV3Config(
        **(SIZES | {"num_key_value_heads": 4}),
        moe_intermediate_size=16,
        n_routed_experts=4,
        num_experts_per_tok=2,
        n_group=1,
        topk_group=1,
        q_lora_rank=16,
        kv_lora_rank=16,
        qk_rope_head_dim=8,
        qk_nope_head_dim=8,
        v_head_dim=12,
        first_k_dense_replace=1,
    ),
    "mixtral": lambda: hf.MixtralConfig(**SIZES, num_local_experts=4, sliding_window=6),
}


def build(name):
    torch.manual_seed(0)
    config = ARCHITECTURES[name]()
    model = hf.AutoModelForCausalLM.from_config(config).eval()
    # Zero biases and unit norms would hide mistakes in them.
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def prompts():
    generator = torch.Generator().manual_seed(1)
    lengths = (3, 17, 5, 30, 11)
    drawn = [torch.randint(2, 119, (length,), generator=generator).tolist() for length in lengths]
    beginning = tuple(drawn[1])
    return [*map(tuple, drawn), *((*beginning, 7, at) for at in range(3))]


@pytest.fixture(scope="module", params=ARCHITECTURES)
def model(request):
    return build(request.param)


@torch.no_grad()
def greedy(model, prompt, tokens):
    """Token by token without any cache, batch or padding."""
    ids = list(prompt)
    for _ in range(tokens):
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1]
        ids.append(int(logits.argmax()))
    return ids[len(prompt) :]


def test_greedy_generation_is_that_of_one_sequence_alone(model):
    check_support(model)
    jobs = [
        DecodeRequest(at, prompt, SamplingParams(0.0, max_tokens=6 + 3 * (at % 4)), at)
        for at, prompt in enumerate(prompts())
    ]
    got = {
        index: tokens
        for index, tokens, _ in decode(
            model, jobs, stop_ids=frozenset(), pad_id=0, budget=MemoryBudget(model, rows=4)
        )
    }
    for job in jobs:
        assert got[job.index] == greedy(model, job.prompt, job.sampling.max_tokens)


def test_generation_is_that_of_transformers(model):
    prompt = prompts()[3]
    own = model.generate(
        torch.tensor([prompt]), max_new_tokens=12, do_sample=False, eos_token_id=None
    )[0, len(prompt) :]
    job = DecodeRequest(0, prompt, SamplingParams(0.0, max_tokens=12), 0)
    [(_, tokens, _)] = decode(
        model, [job], stop_ids=frozenset(), pad_id=0, budget=MemoryBudget(model, rows=4)
    )
    assert tokens == own.tolist()


def test_choices_have_the_model_s_probabilities(model):
    questions = [
        EncodedChoices(at, prompt, ((7,), (8,), (9,))) for at, prompt in enumerate(prompts())
    ]
    got = dict(choose(model, questions, pad_id=0, budget=MemoryBudget(model, forward=100)))
    for question in questions:
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([question.prompt])).logits[0, -1]
        expected = torch.log_softmax(logits.float(), dim=-1)[[7, 8, 9]].numpy()
        np.testing.assert_allclose(got[question.index], expected, atol=2e-4)


def test_hidden_states_are_those_of_one_sequence_alone(model):
    spans = [
        EncodedAnswer(2 * at + k, prompt, tuple(range(10, 13 + 5 * k)), (1, 2), before=k == 0)
        for at, prompt in enumerate(prompts())
        for k in range(2)
    ]
    got = dict(represent(model, spans, pad_id=0, budget=MemoryBudget(model, forward=200)))
    for span in spans:
        with torch.no_grad():
            states = model(
                input_ids=torch.tensor([[*span.prompt, *span.answer]]), output_hidden_states=True
            ).hidden_states
        expected = np.stack([states[k][0, len(span.prompt) :].mean(0).numpy() for k in (1, 2)])
        if span.before:
            before = np.stack([states[k][0, len(span.prompt) - 1].numpy() for k in (1, 2)])
            expected = np.concatenate([expected, before], axis=1)
        np.testing.assert_allclose(got[span.index], expected, atol=2e-4)


def test_layers_with_a_running_state_are_refused():
    torch.manual_seed(0)
    mamba = hf.MambaConfig(vocab_size=50, hidden_size=16, num_hidden_layers=2, state_size=4)
    with pytest.raises(UserError, match=r"running state .*engine\.kind=vllm"):
        check_support(hf.AutoModelForCausalLM.from_config(mamba))
    hybrid = hf.Lfm2Config(
        vocab_size=50,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        layer_types=["conv", "full_attention"],
    )
    with pytest.raises(UserError, match=r"running state \(conv\)"):
        check_support(hf.AutoModelForCausalLM.from_config(hybrid))


def test_an_encoder_decoder_is_refused():
    sizes = {"d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}
    model = hf.T5ForConditionalGeneration(hf.T5Config(vocab_size=50, **sizes))
    with pytest.raises(UserError, match="no decoder-only model"):
        check_support(model)


def test_unknown_ways_to_logits_are_refused():
    class Odd(hf.LlamaForCausalLM):
        def forward(self, *args, **kwargs):
            found = super().forward(*args, **kwargs)
            found.logits = found.logits * 1.5
            return found

    torch.manual_seed(0)
    with pytest.raises(UserError, match="Odd makes its logits"):
        check_support(Odd(hf.LlamaConfig(**SIZES)).eval())


def test_a_model_without_a_body_of_its_own_is_refused():
    sizes = SIZES | {"head_dim": 8, "intermediate_size_mlp": 48, "num_local_experts": 2}
    with pytest.raises(UserError, match="Llama4ForCausalLM makes its logits"):
        check_support(hf.AutoModelForCausalLM.from_config(hf.Llama4TextConfig(**sizes)))
