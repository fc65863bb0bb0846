"""Tiny models with random weights in the shape of many families."""

import torch
import transformers as hf

SIZES = {
    "vocab_size": 120,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "initializer_range": 0.3,
}
UNGROUPED = {name: size for name, size in SIZES.items() if name != "num_key_value_heads"}
HEADS = {"head_dim": 8}
WINDOW = {"sliding_window": 6}
ALTERNATING = WINDOW | {"layer_types": ["sliding_attention", "full_attention"]}
MIXED = {"num_experts_per_tok": 2, "num_local_experts": 3}
ROUTED = {"num_experts_per_tok": 2, "moe_intermediate_size": 16, "n_group": 1, "topk_group": 1}
LATENT = (
    SIZES
    | {"num_key_value_heads": 4, "first_k_dense_replace": 1, "n_routed_experts": 4}
    | {"q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8}
    | {"v_head_dim": 12}
)
GPT = {
    "vocab_size": 120,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "initializer_range": 0.3,
}
FALCON = {
    "vocab_size": 120,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.3,
}
LONGROPE = {
    "rope_type": "longrope",
    "rope_theta": 1e4,
    "short_factor": [1.0] * 4,
    "long_factor": [4.0] * 4,
    "original_max_position_embeddings": 32,
    "factor": 4.0,
}
DYNAMIC = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}

ARCHITECTURES = {
    "llama": lambda: hf.LlamaConfig(**SIZES),
    "qwen2": lambda: hf.Qwen2Config(**SIZES),
    "qwen2-window": lambda: hf.Qwen2Config(
        **SIZES, **WINDOW, use_sliding_window=True, max_window_layers=1
    ),
    "qwen3": lambda: hf.Qwen3Config(**SIZES, **HEADS),
    "gemma": lambda: hf.GemmaConfig(**SIZES, **HEADS),
    "gemma2": lambda: hf.Gemma2Config(
        **SIZES, **HEADS, **WINDOW, final_logit_softcapping=2.0, attn_logit_softcapping=5.0
    ),
    "gemma3": lambda: hf.Gemma3TextConfig(**SIZES, **HEADS, **ALTERNATING),
    "gemma4": lambda: hf.Gemma4TextConfig(**SIZES, **HEADS),
    "mistral": lambda: hf.MistralConfig(**SIZES, **WINDOW),
    "mixtral": lambda: hf.MixtralConfig(**SIZES, **MIXED, **WINDOW),
    "gpt2": lambda: hf.GPT2Config(**GPT),
    "gpt-j": lambda: hf.GPTJConfig(**GPT, rotary_dim=4),
    "gpt-neo": lambda: hf.GPTNeoConfig(
        **FALCON | {"num_layers": 2, "num_heads": 4},
        attention_types=[[["global", "local"], 1]],
        window_size=6,
        max_position_embeddings=128,
    ),
    "gpt-neox": lambda: hf.GPTNeoXConfig(**UNGROUPED),
    "gpt-bigcode": lambda: hf.GPTBigCodeConfig(**GPT),
    "gpt-oss": lambda: hf.GptOssConfig(
        **SIZES, **HEADS, **ALTERNATING, num_local_experts=2, num_experts_per_tok=1
    ),
    "bloom": lambda: hf.BloomConfig(
        vocab_size=120, hidden_size=32, n_layer=2, n_head=4, initializer_range=0.3
    ),
    "mpt": lambda: hf.MptConfig(
        vocab_size=120, d_model=32, n_heads=4, n_layers=2, max_seq_len=128, initializer_range=0.3
    ),
    "falcon-alibi": lambda: hf.FalconConfig(**FALCON, alibi=True),
    "falcon-rotary": lambda: hf.FalconConfig(**FALCON, alibi=False),
    "opt": lambda: hf.OPTConfig(
        **{name: value for name, value in UNGROUPED.items() if name[0] not in "bei"},
        word_embed_proj_dim=32,
        ffn_dim=48,
        init_std=0.3,
    ),
    "phi": lambda: hf.PhiConfig(**SIZES),
    "phi3": lambda: hf.Phi3Config(**SIZES, **WINDOW),
    "phi3-long": lambda: hf.Phi3Config(
        **SIZES, original_max_position_embeddings=32, rope_parameters=LONGROPE
    ),
    "llama-dynamic": lambda: hf.LlamaConfig(
        **SIZES | {"max_position_embeddings": 32}, rope_parameters=DYNAMIC
    ),
    "phimoe": lambda: hf.PhimoeConfig(**SIZES, **MIXED, **WINDOW),
    "doge": lambda: hf.DogeConfig(**SIZES),
    "doge-window": lambda: hf.DogeConfig(**SIZES, **WINDOW),
    "cohere2": lambda: hf.Cohere2Config(**SIZES, **ALTERNATING),
    "olmo2": lambda: hf.Olmo2Config(**SIZES),
    "olmo3": lambda: hf.Olmo3Config(**SIZES, **ALTERNATING),
    "starcoder2": lambda: hf.Starcoder2Config(**SIZES, **WINDOW),
    "stablelm": lambda: hf.StableLmConfig(**SIZES),
    "nemotron": lambda: hf.NemotronConfig(**SIZES),
    "granite": lambda: hf.GraniteConfig(**SIZES, logits_scaling=3.0),
    "deepseek-v3": lambda: hf.DeepseekV3Config(**LATENT, **ROUTED),
    "minicpm3": lambda: hf.MiniCPM3Config(
        **{k: v for k, v in LATENT.items() if k not in ("n_routed_experts",)}
    ),
    "glm4": lambda: hf.Glm4Config(**SIZES, **HEADS),
    "glm4-moe": lambda: hf.Glm4MoeConfig(
        **SIZES, **HEADS, **ROUTED, n_routed_experts=4, first_k_dense_replace=1
    ),
    "exaone4": lambda: hf.Exaone4Config(**SIZES, **ALTERNATING),
    "smollm3": lambda: hf.SmolLM3Config(**SIZES),
    "llama4": lambda: hf.Llama4TextConfig(
        **SIZES, **HEADS, intermediate_size_mlp=48, num_local_experts=2, attention_chunk_size=8
    ),
    "mamba": lambda: hf.MambaConfig(
        vocab_size=120, hidden_size=32, num_hidden_layers=2, state_size=4
    ),
    "lfm2": lambda: hf.Lfm2Config(**SIZES, layer_types=["conv", "full_attention"]),
}


def tiny_of(name: str, dtype: torch.dtype = torch.float32) -> hf.PreTrainedModel:
    """The family's tiny model, in evaluation mode."""
    torch.manual_seed(0)
    model = hf.AutoModelForCausalLM.from_config(ARCHITECTURES[name]()).eval()
    # Zero biases and unit norms would hide mistakes in them.
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model.to(dtype)
