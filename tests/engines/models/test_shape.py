"""What the cache holds by the configuration is what Transformers' own cache holds."""

import pytest
import torch
import transformers as hf

from primum.engines.models.shape import cached_numbers_per_token, widest_attention

LAYERS, HIDDEN, HEADS = 3, 64, 4
COMMON = {
    "vocab_size": 64,
    "hidden_size": HIDDEN,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
}
LLAMA = {**COMMON, "intermediate_size": 96}
LATENT = {
    **LLAMA,
    "num_key_value_heads": HEADS,
    "n_routed_experts": 4,
    "n_group": 2,
    "topk_group": 1,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 32,
    "first_k_dense_replace": 1,
    "kv_lora_rank": 20,
    "q_lora_rank": 24,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 8,
    "v_head_dim": 12,
}
CONFIGS = {
    "plain": lambda: hf.LlamaConfig(**LLAMA),
    "grouped heads": lambda: hf.LlamaConfig(**LLAMA, num_key_value_heads=2),
    "head size of its own": lambda: hf.Qwen3Config(**LLAMA, num_key_value_heads=2, head_dim=32),
    "gpt2": lambda: hf.GPT2Config(
        vocab_size=64, n_embd=64, n_layer=LAYERS, n_head=HEADS, bos_token_id=1, eos_token_id=1
    ),
    "latent, DeepSeek V2": lambda: hf.DeepseekV2Config(**LATENT),
    "latent, DeepSeek V3": lambda: hf.DeepseekV3Config(**LATENT),
    "one key for all": lambda: hf.FalconConfig(
        **COMMON, multi_query=True, new_decoder_architecture=False
    ),
    "falcon's new blocks": lambda: hf.FalconConfig(
        **COMMON, num_kv_heads=2, new_decoder_architecture=True
    ),
    "layers that differ": lambda: hf.Gemma4TextConfig(**LLAMA, num_key_value_heads=2, head_dim=32),
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_the_cache_is_as_large_as_the_configuration_says(kind):
    config = CONFIGS[kind]()
    model = hf.AutoModelForCausalLM.from_config(config).eval()
    tokens = 5
    with torch.inference_mode():
        cache = model(input_ids=torch.arange(tokens)[None], use_cache=True).past_key_values
    held = sum(layer.keys.numel() + layer.values.numel() for layer in cache.layers)
    assert cached_numbers_per_token(config) * tokens == held


def test_queries_are_as_wide_as_their_heads():
    assert widest_attention(hf.LlamaConfig(**LLAMA)) == HIDDEN
    assert widest_attention(hf.Qwen3Config(**LLAMA, head_dim=32)) == HEADS * 32
