import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, MambaConfig, T5Config

from primum.errors import UserError
from primum.training.network.prepare import check_trainable, load_trainable, with_adapter
from tests.tiny import save_tiny, tiny_model
from tests.training.network.test_scoring import SMALL

LORA = LoraConfig(r=4, target_modules="all-linear")


def check(config, folder, adapter=LORA):
    config.save_pretrained(folder)
    (folder / "model.safetensors").touch()  # Nothing is read of it.
    check_trainable(str(folder), adapter, trust_remote_code=False)


def test_what_can_be_trained_passes(tmp_path):
    check(tiny_model().config, tmp_path)


@pytest.mark.parametrize("targets", [["nope"], "nope", ".*", ["layers"]])
def test_targets_that_no_layer_has_are_refused(tmp_path, targets):
    with pytest.raises(UserError, match=r"LlamaForCausalLM cannot take the adapter: .*targets"):
        check(tiny_model().config, tmp_path, LoraConfig(target_modules=targets))


def test_what_peft_cannot_adapt_is_refused(tmp_path):
    mamba = MambaConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, state_size=4)
    with pytest.raises(UserError, match="MambaForCausalLM cannot take the adapter"):
        check(mamba, tmp_path)


def test_an_adapter_on_an_adapter_is_not_merged_into_four_bits(tmp_path):
    place = {"device": torch.device("cpu"), "adapter": True, "quantize": "nf4"}
    below = save_tiny(tmp_path / "base")
    for name in ("lower", "upper"):
        adapted = get_peft_model(tiny_model(), LoraConfig(r=2, target_modules="all-linear"))
        adapted.peft_config["default"].base_model_name_or_path = str(below)
        adapted.save_pretrained(tmp_path / name)
        below = tmp_path / name
    for check_it in (
        lambda: check_trainable(str(below), None, trust_remote_code=False, quantize="nf4"),
        lambda: load_trainable(str(below), **place),
    ):
        with pytest.raises(UserError, match="cannot be merged into weights of four bits"):
            check_it()
    check_trainable(str(tmp_path / "lower"), None, trust_remote_code=False, quantize="nf4")


def test_what_is_no_causal_language_model_is_refused(tmp_path):
    sizes = {"d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}
    with pytest.raises(UserError, match=r"could not be loaded: .*T5"):
        check(T5Config(vocab_size=50, **sizes), tmp_path)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("phimoe", {"num_local_experts": 4}),
        ("llama4_text", {"head_dim": 8, "intermediate_size_mlp": 48, "num_local_experts": 2}),
    ],
)
def test_layers_that_choose_experts_get_no_adapter(kind, settings):
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **SMALL | settings))
    adapted = with_adapter(model, LORA, sharded_by_deepspeed=False)
    names = [name for name, _ in adapted.named_parameters() if "lora_" in name]
    assert any("q_proj" in name for name in names)
    assert not any("router" in name for name in names)
    adapted(input_ids=torch.arange(3, 9)[None]).logits.sum().backward()
    assert LORA.exclude_modules is None
