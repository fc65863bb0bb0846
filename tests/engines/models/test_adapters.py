"""What is computed with an adapter is what was trained."""

import warnings

import pytest
import torch
import transformers as hf
from peft import IA3Config, LoraConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file

from primum.engines.models.loading import load
from primum.errors import UserError
from tests.tiny import tiny_tokenizer

SIZES = {
    "vocab_size": 400,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 96,
    "initializer_range": 0.2,
}
GPT = {"vocab_size": 400, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 96}
EXPERTS = {"num_experts_per_tok": 2, "num_local_experts": 3}
FAMILIES = {
    "llama": lambda **k: hf.LlamaConfig(**SIZES, attention_bias=True, **k),
    "gemma2": lambda **k: hf.Gemma2Config(**SIZES, head_dim=8, **k),
    "gpt2": lambda **k: hf.GPT2Config(**GPT, **k),
    "gpt_neox": lambda **k: hf.GPTNeoXConfig(**SIZES, **k),
    "bloom": lambda **k: hf.BloomConfig(vocab_size=400, hidden_size=32, n_layer=2, n_head=4, **k),
    "opt": lambda **k: hf.OPTConfig(
        **SIZES, ffn_dim=48, word_embed_proj_dim=16, do_layer_norm_before=False, **k
    ),
    "phi": lambda **k: hf.PhiConfig(**SIZES, **k),
    "mixtral": lambda **k: hf.MixtralConfig(**SIZES, **EXPERTS, **k),
    "gpt_oss": lambda **k: hf.GptOssConfig(**SIZES, **EXPERTS, head_dim=8, **k),
}
IDS = (torch.arange(22) * 37 % 390 + 3).reshape(2, 11)


def save_base(folder, family, *, tied):
    torch.manual_seed(0)
    model = hf.AutoModelForCausalLM.from_config(FAMILIES[family](tie_word_embeddings=tied)).eval()
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return model


def names_of(model):
    """The embeddings, the output layer, one linear layer, and the stacked weights of experts."""
    modules = dict(model.named_modules())
    ends = (model.get_input_embeddings(), model.get_output_embeddings())
    embeddings, head = (
        next(name.split(".")[-1] for name, module in modules.items() if module is end)
        for end in ends
    )
    stacked = sorted(
        {name.split(".", 3)[-1] for name, p in model.named_parameters() if p.ndim == 3}
    )
    return embeddings, head, stacked


def train(model, config, folder, base, seed=1):
    """Stands for training: every weight of the adapter moves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adapted = get_peft_model(model, config)
        draw = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for weight in adapted.parameters():
                if weight.requires_grad:
                    weight.add_(0.1 * torch.randn(weight.shape, generator=draw))
        adapted.peft_config["default"].base_model_name_or_path = str(base)
        adapted.eval().save_pretrained(folder)
    return adapted


@torch.no_grad()
def logprobs(model):
    return model(input_ids=IDS, use_cache=False).logits.float().log_softmax(-1)


def loaded(folder, **kwargs):
    return load(str(folder), dtype="float32", device="cpu", **kwargs).model


def targets(embeddings, head, stacked):
    linear = {"target_modules": "all-linear"}
    yield "all-linear", linear
    yield "head", {"target_modules": [head]}
    yield "embeddings", {"target_modules": [embeddings]}
    yield "both ends", {"target_modules": [embeddings, head]}
    yield "tied by PEFT", {"target_modules": [embeddings], "ensure_weight_tying": True}
    yield "head with DoRA", {"target_modules": [head], "use_dora": True}
    yield "rank-stabilised", {**linear, "use_rslora": True}
    yield "biases", {**linear, "bias": "all"}
    yield "head saved", {**linear, "modules_to_save": [head]}
    yield "embeddings saved", {**linear, "modules_to_save": [embeddings]}
    yield "some tokens", {**linear, "trainable_token_indices": {embeddings: [5, 9]}}
    if stacked:
        yield "experts", {"target_modules": [], "target_parameters": stacked}


@pytest.mark.parametrize(
    ("family", "tied"),
    [*((family, True) for family in FAMILIES), ("llama", False), ("gpt2", False)],
)
@pytest.mark.slow
def test_the_loaded_model_is_the_trained_one_for_every_target(tmp_path, family, tied):
    base = tmp_path / "base"
    model = save_base(base, family, tied=tied)
    plain = logprobs(model)
    for number, (name, chosen) in enumerate(targets(*names_of(model))):
        folder = tmp_path / f"adapter-{number}"
        fresh = hf.AutoModelForCausalLM.from_pretrained(base)
        trained = train(fresh, LoraConfig(r=4, lora_alpha=8, **chosen), folder, base)
        wanted = logprobs(trained)
        assert float((wanted - plain).abs().max()) > 1e-3, name
        merged = loaded(folder)
        torch.testing.assert_close(logprobs(merged), wanted, atol=2e-5, rtol=1e-5, msg=name)
        torch.testing.assert_close(logprobs(loaded(folder, trainable=True)), wanted, msg=name)
        merged.save_pretrained(tmp_path / "merged")
        tiny_tokenizer().save_pretrained(tmp_path / "merged")
        torch.testing.assert_close(
            logprobs(loaded(tmp_path / "merged")), wanted, atol=2e-5, rtol=1e-5, msg=name
        )


def test_other_adapters_of_weights_are_merged_too(tmp_path):
    model = save_base(tmp_path / "base", "llama", tied=True)
    config = IA3Config(target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"])
    trained = train(model, config, tmp_path / "adapter", tmp_path / "base")
    torch.testing.assert_close(
        logprobs(loaded(tmp_path / "adapter")), logprobs(trained), atol=2e-5, rtol=1e-5
    )


@pytest.mark.parametrize("trainable", [True, False])
def test_an_adapter_on_an_adapter_drops_neither(tmp_path, trainable):
    model = save_base(tmp_path / "base", "llama", tied=True)
    # The lower one parts the tied ends; the upper one stands on the parted weights.
    lower = LoraConfig(r=4, target_modules=["embed_tokens", "q_proj"])
    train(model, lower, tmp_path / "lower", tmp_path / "base")
    upper = LoraConfig(r=4, target_modules=["lm_head", "v_proj"])
    trained = train(loaded(tmp_path / "lower"), upper, tmp_path / "upper", tmp_path / "lower", 2)
    found = loaded(tmp_path / "upper", trainable=trainable)
    torch.testing.assert_close(logprobs(found), logprobs(trained), atol=2e-5, rtol=1e-5)


def test_an_adapter_for_another_model_is_refused(tmp_path):
    model = save_base(tmp_path / "base", "llama", tied=True)
    config = LoraConfig(r=4, target_modules=["q_proj"])
    train(model, config, tmp_path / "adapter", tmp_path / "base")
    weights = tmp_path / "adapter" / "adapter_model.safetensors"
    tensors = load_file(weights)
    moved = {name.replace("layers.0", "layers.7"): t.clone() for name, t in tensors.items()}
    save_file(tensors | moved, weights)
    with pytest.raises(UserError, match="was not made for its base model"):
        loaded(tmp_path / "adapter")
    save_file({name: t for name, t in tensors.items() if "layers.0" not in name}, weights)
    with pytest.raises(UserError, match="is not whole: it lacks"):
        loaded(tmp_path / "adapter")
    save_file({name: torch.ones(3, 3) for name in tensors}, weights)
    with pytest.raises(UserError, match=r"the adapter .* could not be loaded: .*size mismatch"):
        loaded(tmp_path / "adapter")


def test_an_adapter_that_cannot_be_merged_is_refused(tmp_path):
    model = save_base(tmp_path / "base", "llama", tied=True)
    config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3)
    train(model, config, tmp_path / "adapter", tmp_path / "base")
    with pytest.raises(UserError, match="PROMPT_TUNING, which cannot be merged"):
        loaded(tmp_path / "adapter")
