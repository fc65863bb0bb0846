"""Adapters and optimisers of other kinds: what was trained is what is loaded."""

from importlib.util import find_spec

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from primum.engines.models.loading import four_bits, load
from primum.errors import UserError
from primum.recipe.schema import EngineSettings
from primum.recipe.training import Training
from primum.training.arguments import adapter_config, trainer_config
from primum.training.files import TrainingFiles
from primum.training.fit import fit
from primum.training.limits import check_training
from primum.training.trainer import PriorityTrainer
from tests.tiny import tiny_tokenizer
from tests.training.samples import preferences

ENGINE = EngineSettings(device="cpu", dtype="float32")
IDS = torch.arange(10, 40)[None]
needs_bitsandbytes = pytest.mark.skipif(
    find_spec("bitsandbytes") is None, reason="needs bitsandbytes (primum[quantized])"
)


@pytest.fixture
def trainers(monkeypatch):
    """Every trainer that was made, with the model it trained."""
    made = []
    begin = PriorityTrainer.__init__

    def noted(self, *args, **kwargs):
        begin(self, *args, **kwargs)
        made.append(self)

    monkeypatch.setattr(PriorityTrainer, "__init__", noted)
    return made


def train(folder, model, **settings):
    files = TrainingFiles(
        folder / "model", folder / "training.json", folder / "checkpoints", folder / "log"
    )
    quick = {"learning_rate": 1e-2, "prompts_per_step": 2, "allow_unsafe": ("learning_rate",)}
    fit(preferences(), str(model), files, Training(**quick | settings), engine=ENGINE, seed=0)
    return str(files.model)


@torch.no_grad()
def logits(model):
    return model.eval()(input_ids=IDS).logits.float()


@pytest.mark.parametrize("lora", [{"dora": True}, {"rslora": True}, {"dora": True, "rslora": True}])
def test_the_loaded_model_is_the_trained_one(lora, tiny_folder, tmp_path, trainers):
    out = train(tmp_path, tiny_folder, lora={"rank": 4, **lora})
    trained = logits(trainers[0].model)
    [settings] = trainers[0].model.peft_config.values()
    assert (settings.use_dora, settings.use_rslora) == (
        lora.get("dora", False),
        lora.get("rslora", False),
    )
    start = logits(load(str(tiny_folder), device="cpu", dtype="float32").model)
    assert float((trained - start).abs().max()) > 0.05
    merged = logits(load(out, device="cpu", dtype="float32").model)
    torch.testing.assert_close(merged, trained, atol=2e-4, rtol=1e-4)


def test_rslora_scales_by_the_root_of_the_rank(tiny_folder):
    settings = Training(lora={"rank": 16, "alpha": 8.0, "rslora": True})
    config = adapter_config(str(tiny_folder), settings)
    assert (config.use_rslora, config.use_dora, config.lora_alpha, config.r) == (True, False, 8, 16)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("adamw", "adamw_torch_fused"),
        ("adamw_8bit", "adamw_8bit"),
        ("paged_adamw_8bit", "paged_adamw_8bit"),
    ],
)
def test_optimisers_have_transformers_names(name, theirs, tmp_path):
    settings = trainer_config(Training(optimizer=name), tmp_path, 0, torch.device("cpu"), "float32")
    assert settings.optim == theirs


def test_without_bitsandbytes_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr("primum.training.limits.find_spec", lambda name: None)
    check_training(Training())
    check_training(Training(lora=None))
    for settings, named in (
        ({"lora": {"quantize": "nf4"}}, r"training\.lora\.quantize=nf4 needs bitsandbytes"),
        ({"optimizer": "adamw_8bit"}, r"training\.optimizer=adamw_8bit needs bitsandbytes"),
        (
            {"lora": {"quantize": "nf4"}, "optimizer": "paged_adamw_8bit"},
            r"quantize=nf4 and training\.optimizer=paged_adamw_8bit need bitsandbytes",
        ),
    ):
        with pytest.raises(
            UserError, match=named + r".*run pip install '\.\[quantized\]' in a clone"
        ):
            check_training(Training(**settings))


def test_four_bits_are_those_of_qlora():
    told = four_bits(torch.bfloat16, torch.device("cuda:1"))
    settings = told["quantization_config"].to_dict()
    assert told["device_map"] == {"": torch.device("cuda:1")}
    assert settings["load_in_4bit"]
    assert settings["bnb_4bit_quant_type"] == "nf4"
    assert settings["bnb_4bit_use_double_quant"]
    assert settings["bnb_4bit_compute_dtype"] == "bfloat16"


def test_shards_are_not_kept_in_four_bits(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(UserError, match=r"training\.lora\.quantize .* cannot shard here"):
        train(tmp_path, tiny_folder, lora={"quantize": "nf4"})


@pytest.fixture
def wide_folder(tmp_path):
    """Layers whose rows are whole blocks of numbers that are quantised together."""
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=400,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        pad_token_id=2,
        initializer_range=0.1,
    )
    LlamaForCausalLM(shape).save_pretrained(tmp_path / "wide")
    tiny_tokenizer().save_pretrained(tmp_path / "wide")
    return tmp_path / "wide"


@needs_bitsandbytes
def test_gradients_flow_through_four_bits_after_a_pass_in_evaluation_mode(wide_folder):
    model = load(
        str(wide_folder), device="cpu", dtype="bfloat16", trainable=True, quantize="nf4"
    ).model
    embedded = model.get_input_embeddings().weight.requires_grad_()

    def gradient():
        model.zero_grad()
        model.train()(input_ids=IDS, labels=IDS).loss.backward()
        return embedded.grad.clone()

    before = gradient()
    logits(model)
    assert float(before.abs().max()) > 0
    torch.testing.assert_close(gradient(), before)


@needs_bitsandbytes
@pytest.mark.parametrize("dora", [False, True])
def test_an_adapter_on_four_bits_trains_and_loads(dora, wide_folder, tmp_path, trainers):
    settings = {"lora": {"rank": 4, "quantize": "nf4", "dora": dora}, "epochs": 4}
    out = train(tmp_path, wide_folder, **settings)
    layer = trainers[0].model.get_base_model().model.layers[0].mlp.up_proj
    assert layer.base_layer.weight.dtype == torch.uint8
    losses = [entry["loss"] for entry in trainers[0].state.log_history if "loss" in entry]
    assert losses[-1] < losses[0]
    # The adapter is put on the base as it is, not on the rounded one that it was trained on.
    start = logits(load(str(wide_folder), device="cpu", dtype="float32").model)
    merged = logits(load(out, device="cpu", dtype="float32").model)
    assert float((merged - start).abs().max()) > 0.01
    again = train(tmp_path / "again", out, **settings)
    assert again.endswith("model")


@needs_bitsandbytes
@pytest.mark.parametrize("optimizer", ["adamw_8bit", "paged_adamw_8bit"])
def test_an_optimiser_of_eight_bits_lowers_the_loss(optimizer, tiny_folder, tmp_path, trainers):
    train(tmp_path, tiny_folder, lora={"rank": 4}, optimizer=optimizer, epochs=4)
    assert trainers[0].args.optim == optimizer
    losses = [entry["loss"] for entry in trainers[0].state.log_history if "loss" in entry]
    assert losses[-1] < losses[0]
