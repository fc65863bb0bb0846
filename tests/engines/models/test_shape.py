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
    "falcon's heads of their own": lambda: hf.FalconConfig(**COMMON, multi_query=False),
    "one key for all, StarCoder": lambda: hf.GPTBigCodeConfig(
        vocab_size=64, n_embd=64, n_layer=LAYERS, n_head=HEADS
    ),
    "latent, MiniCPM3": lambda: hf.MiniCPM3Config(
        **{name: size for name, size in LATENT.items() if "expert" not in name}
    ),
    "latent, GLM 4 Lite": lambda: hf.Glm4MoeLiteConfig(**LATENT),
    "latent, Youtu": lambda: hf.YoutuConfig(**LATENT),
    "windows": lambda: hf.MistralConfig(**LLAMA, num_key_value_heads=2, sliding_window=4096),
    "windows by layer": lambda: hf.GptOssConfig(
        **LLAMA, num_key_value_heads=2, head_dim=16, num_local_experts=2, num_experts_per_tok=1
    ),
    "bloom": lambda: hf.BloomConfig(vocab_size=64, hidden_size=64, n_layer=LAYERS, n_head=HEADS),
    "mpt": lambda: hf.MptConfig(vocab_size=64, d_model=64, n_layers=LAYERS, n_heads=HEADS),
    "layers that share": lambda: hf.Gemma4TextConfig(
        **LLAMA,
        num_key_value_heads=2,
        head_dim=32,
        layer_types=["sliding_attention", "full_attention", "full_attention"],
        num_kv_shared_layers=1,
    ),
    "layers with a state, convolutions": lambda: hf.Lfm2Config(
        **LLAMA, num_key_value_heads=2, layer_types=["conv", "full_attention", "conv"]
    ),
    "layers with a state, linear": lambda: hf.Qwen3NextConfig(
        **LLAMA,
        num_key_value_heads=2,
        head_dim=16,
        num_experts=2,
        num_experts_per_tok=1,
        moe_intermediate_size=16,
        shared_expert_intermediate_size=16,
        layer_types=["linear_attention", "linear_attention", "full_attention"],
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
    keeping = [layer for layer in cache.layers if getattr(layer, "keys", None) is not None]
    held = sum(layer.keys.numel() + layer.values.numel() for layer in keeping)
    assert cached_numbers_per_token(config) * tokens == held


def test_queries_are_as_wide_as_their_heads():
    assert widest_attention(hf.LlamaConfig(**LLAMA)) == HIDDEN
    assert widest_attention(hf.Qwen3Config(**LLAMA, head_dim=32)) == HEADS * 32
