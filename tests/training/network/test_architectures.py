"""Log-probabilities and gradients in many architectures, against plain forward passes."""

import pytest
import torch
from peft import LoraConfig
from transformers import AutoConfig, AutoModelForCausalLM

from primum.errors import UserError
from primum.training import PriorityTrainer
from primum.training.network.packing import body_name, choose_layout
from primum.training.network.scoring import install
from tests.tiny import tiny_tokenizer
from tests.training.network.test_scoring import SMALL, agree
from tests.training.samples import config, preferences

GPT = {"n_embd": 32, "n_head": 4, "n_layer": 2, "n_positions": 128}
ROUTED = {"num_experts_per_tok": 2, "moe_intermediate_size": 16}
LATENT = {
    "num_key_value_heads": 4,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8,
    "v_head_dim": 12,
}
MODELS = {
    "opt": {"ffn_dim": 48, "word_embed_proj_dim": 32},
    "opt with a projection": {"ffn_dim": 48, "word_embed_proj_dim": 16},
    "falcon": {"num_kv_heads": 2},
    "falcon with alibi": {"alibi": True},
    "mpt": {"d_model": 32, "n_heads": 4, "n_layers": 2, "expansion_ratio": 2},
    "phi": {},
    "gemma": {"head_dim": 8},
    "stablelm": {},
    "starcoder2": {},
    "cohere2": {"sliding_window": 6},
    "granitemoe": {"num_local_experts": 4, "num_experts_per_tok": 2},
    "deepseek_v3": LATENT
    | ROUTED
    | {"n_routed_experts": 4, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1},
    "llama4_text": {"head_dim": 8, "intermediate_size_mlp": 48, "num_local_experts": 2},
    "gptj": GPT | {"rotary_dim": 4},
    "gpt_bigcode": GPT,
    "biogpt": {},
    "smollm3": {},
    "glm4": {"head_dim": 8},
    "olmo3": {},
    "nemotron": {},
}
OWN_NAMES = ("n_embd", "d_model")
SIZES = {name for name in SMALL if name.endswith("_size") or "num_" in name or "max_" in name}


def make(kind):
    torch.manual_seed(0)
    chosen = MODELS[kind]
    known = {k: v for k, v in SMALL.items() if k not in SIZES or not set(OWN_NAMES) & set(chosen)}
    settings = known | chosen | {"vocab_size": 120}
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind.split(" ")[0], **settings))
    # Zero biases and unit norms would hide mistakes in them.
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
            # A bias of all keys changes no attention weight: its gradient is rounding alone.
            parameter.requires_grad_(not name.endswith("k_proj.bias"))
    return model.eval()


@pytest.mark.parametrize("name", MODELS)
def test_scores_and_gradients_are_those_of_each_sequence_on_its_own(name):
    model = make(name)
    install(model)
    agree(model, choose_layout(model))


def test_opt_trains(tmp_path):
    sizes = SMALL | MODELS["opt with a projection"] | {"vocab_size": 400, "pad_token_id": 1}
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model("opt", **sizes))
    run = PriorityTrainer(
        model,
        config(tmp_path, prompts_per_step=6, num_train_epochs=2, max_length=100),
        preferences(),
        processing_class=tiny_tokenizer(),
        peft_config=LoraConfig(r=4, target_modules="all-linear"),
    )
    run.train()
    logged = [entry["loss"] for entry in run.state.log_history if "loss" in entry]
    assert logged[-1] < logged[0]


def test_a_model_without_known_blocks_is_refused():
    model = make("opt")
    model.blocks = model._modules.pop("model")
    with pytest.raises(UserError, match="OPTForCausalLM does not say where its blocks are"):
        body_name(model)
