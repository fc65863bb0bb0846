import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM

from primum.training.arguments import RECOMPUTING
from primum.training.data.encoding import Encoded
from primum.training.network import packing
from primum.training.network.packing import NAME, choose_layout
from primum.training.network.scoring import install, mean_logprobs
from primum.training.step.microbatch import collate
from tests.training.network.architectures import SIZES as SMALL

MODELS = {
    "llama": {},
    "qwen2": {"use_sliding_window": False},
    "qwen3": {"head_dim": 8, "tie_word_embeddings": True},
    "mistral": {"sliding_window": 6},
    "gemma2": {
        "head_dim": 8,
        "sliding_window": 6,
        "final_logit_softcapping": 2.0,
        "attn_logit_softcapping": 5.0,
    },
    "gemma3_text": {"head_dim": 8, "sliding_window": 6},
    "granite": {"logits_scaling": 3.0, "embedding_multiplier": 2.0},
    "cohere": {"logit_scale": 0.25},
    "olmo2": {},
    "phi3": {},
    "gpt2": {"n_embd": 32, "n_head": 4, "n_layer": 2, "n_positions": 128},
    "gpt_neox": {},
    "mixtral": {"num_local_experts": 3, "num_experts_per_tok": 2, "sliding_window": None},
    "qwen3_moe": {
        "head_dim": 8,
        "num_experts": 3,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 16,
    },
    "bloom": {"n_layer": 2, "n_head": 4},
    "mamba": {"state_size": 4},
}
LENGTHS = ((5, 9), (3, 14), (8, 2), (1, 1))


def make(kind: str, seed: int = 0, **other):
    torch.manual_seed(seed)
    settings = SMALL | MODELS[kind] | other
    settings = {k: v for k, v in settings.items() if kind != "gpt2" or "_size" not in k} | {
        "vocab_size": 120
    }
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **settings)).eval()


def sequences(seed: int = 0) -> list[Encoded]:
    draw = np.random.default_rng(seed)
    return [
        Encoded(draw.integers(3, 120, size=p + r).astype(np.int32), p, 0, 0, False)
        for p, r in LENGTHS
    ]


def families(seed: int = 0) -> list[Encoded]:
    """Two prompts with two responses each, one of them a single token."""
    draw = np.random.default_rng(seed)
    prompts = [draw.integers(3, 120, size=size) for size in (7, 1)]
    return [
        Encoded(
            np.concatenate([prompt, draw.integers(3, 120, size=size)]), len(prompt), 0, 0, False
        )
        for prompt, sizes in zip(prompts, [(9, 1), (4, 14)], strict=True)
        for size in sizes
    ]


def one_by_one(model, items: list[Encoded]) -> torch.Tensor:
    """From all logits of each sequence on its own."""
    means = []
    for item in items:
        ids = torch.from_numpy(item.ids).long()[None]
        logprobs = model(input_ids=ids).logits[0].float().log_softmax(-1)
        targets = ids[0, item.start :]
        means.append(logprobs[item.start - 1 : -1].gather(1, targets[:, None]).mean())
    return torch.stack(means)


def gradients(model, means: torch.Tensor) -> list[torch.Tensor]:
    factors = torch.tensor([1.0, -2.0, 0.5, 3.0])
    wanted = [p for p in model.parameters() if p.requires_grad]
    found = torch.autograd.grad((means * factors).sum(), wanted, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(wanted, found, strict=True)]


def agree(model, layout) -> None:
    items = families() if layout == "shared" else sequences()
    expected = one_by_one(model, items)
    theirs = gradients(model, expected)
    batch = collate(items, layout=layout, pad_id=0, device=torch.device("cpu"))
    found = mean_logprobs(model, batch)
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)
    for ours, reference in zip(gradients(model, found), theirs, strict=True):
        scale = float(reference.abs().max()) + 1e-6
        torch.testing.assert_close(ours / scale, reference / scale, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("kind", MODELS)
def test_scores_and_gradients_are_those_of_each_sequence_on_its_own(kind):
    model = make(kind)
    items = sequences()
    before = one_by_one(model, items)
    install(model)
    layout = choose_layout(model)
    assert layout == ("padded" if kind in ("bloom", "mamba") else "packed")
    torch.testing.assert_close(one_by_one(model, items), before)
    agree(model, layout)
    agree(model, layout)  # From the second time on without a mask, where the layers allow.


@pytest.mark.parametrize("kind", ["llama", "mistral", "gpt2"])
def test_padding_gives_the_same(kind):
    model = make(kind)
    install(model)
    agree(model, "padded")


@pytest.mark.parametrize("kind", ["llama", "qwen3", "mistral", "phi3", "olmo2", "gpt_neox"])
def test_the_usual_models_soon_run_without_a_mask(kind, monkeypatch):
    model = make(kind)
    census = install(model)
    assert choose_layout(model) == "packed"
    assert model.config._attn_implementation == NAME
    assert not census.maskless
    agree(model, "packed")
    assert census.maskless
    batch = collate(sequences(), layout="packed", pad_id=0, device=torch.device("cpu"))
    monkeypatch.setattr(packing, "sdpa_mask", None)
    mean_logprobs(model, batch)
    with pytest.raises(TypeError):  # Anything but packed rows still gets a mask.
        model(input_ids=torch.ones(2, 3, dtype=torch.long), attention_mask=torch.eye(2, 3))


@pytest.mark.parametrize(
    "kind", ["llama", "qwen3", "mistral", "phi3", "olmo2", "gpt_neox", "mixtral"]
)
def test_responses_can_share_their_prompt(kind):
    model = make(kind)
    census = install(model)
    agree(model, choose_layout(model))
    assert census.maskless
    agree(model, "shared")
    batch = collate(families(), layout="shared", pad_id=0, device=torch.device("cpu"))
    assert batch.inputs["sequence_families"] == ((7, 9, 1), (1, 4, 14))
    assert batch.inputs["input_ids"].numel() == 7 + 9 + 1 + 1 + 4 + 14


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_gradients_are_the_same_to_the_last_bit_every_time(two_threads):
    model = make("llama", hidden_size=512, num_hidden_layers=1)
    install(model)
    assert choose_layout(model) == "packed"
    draw = np.random.default_rng(0)
    # So many responses to one prompt that PyTorch deals the sum of their gradients to threads.
    tokens = draw.integers(3, 120, size=200)
    items = [Encoded(np.array([7, 5, token], dtype=np.int32), 2, 0, 0, False) for token in tokens]
    factors = torch.from_numpy(draw.normal(size=len(items))).float()
    batch = collate(items, layout="shared", pad_id=0, device=torch.device("cpu"))

    def gradient() -> torch.Tensor:
        embedded = model.get_input_embeddings().weight
        return torch.autograd.grad((mean_logprobs(model, batch) * factors).sum(), embedded)[0]

    first = gradient()
    assert all(torch.equal(gradient(), first) for _ in range(8))


def test_layers_that_are_not_told_the_lengths_keep_their_mask(monkeypatch):
    model = make("llama")
    census = install(model)
    choose_layout(model)
    for layer in model.model.layers:
        deaf = layer.self_attn.forward

        def forward(*args, _deaf=deaf, sequence_families=None, **kwargs):
            return _deaf(*args, **kwargs)

        layer.self_attn.forward = forward
    agree(model, "packed")
    agree(model, "packed")
    assert not census.maskless


@pytest.mark.parametrize("targets", ["all-linear", ["q_proj", "lm_head"]])
def test_adapters_also_on_the_output_layer(targets):
    model = get_peft_model(make("llama"), LoraConfig(r=4, target_modules=targets))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    install(model.get_base_model())
    agree(model, choose_layout(model.get_base_model()))


@pytest.mark.parametrize("adapter", [False, True])
def test_gradient_checkpointing_changes_nothing(adapter):
    model = make("llama")
    if adapter:
        model = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear"))
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.1)
    base = model.get_base_model() if adapter else model
    install(base)
    layout = choose_layout(base)
    batch = collate(sequences(), layout=layout, pad_id=0, device=torch.device("cpu"))
    plain = gradients(model, mean_logprobs(model, batch))
    getattr(base, f"{RECOMPUTING}_enable")()
    model.train()
    recomputed = gradients(model, mean_logprobs(model, batch))
    for ours, theirs in zip(recomputed, plain, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)
