import json
import os

import pytest
from safetensors import SafetensorError

from primum.engines.local.classifier import load_classifier
from primum.engines.models.failures import told
from primum.engines.models.loading import load
from primum.errors import UserError
from tests.tiny import save_tiny

BROKEN = {
    "not JSON": "{",
    "no object": "[]",
    "unknown architecture": {"model_type": "nope"},
    "wrong type": {"hidden_size": "wide"},
    "incomplete RoPE": {"rope_scaling": {"rope_type": "yarn"}},
    "GPTQ": {"quantization_config": {"quant_method": "gptq", "bits": 4}},
    "AWQ": {"quantization_config": {"quant_method": "awq", "bits": 4}},
    "bitsandbytes": {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}},
    "unknown activation": {"hidden_act": "nope"},
    "another shape": {"hidden_size": 64},
    "no heads": {"num_attention_heads": 0},
    "an encoder and decoder": {"model_type": "t5"},
}


@pytest.mark.parametrize("look", [load, load_classifier])
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_configuration_is_one_sentence(tmp_path, kind, look):
    save_tiny(tmp_path)
    config = tmp_path / "config.json"
    change = BROKEN[kind]
    text = (
        change if isinstance(change, str) else json.dumps(json.loads(config.read_text()) | change)
    )
    config.write_text(text)
    with pytest.raises(UserError) as raised:
        look(str(tmp_path))
    assert str(tmp_path) in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["{", "{}", '{"model": {"type": "nope"}}'])
def test_a_broken_tokenizer_is_one_sentence(tmp_path, text):
    save_tiny(tmp_path)
    (tmp_path / "tokenizer.json").write_text(text)
    with pytest.raises(UserError, match="tokenizer of"):
        load(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    save_tiny(tmp_path)
    (tmp_path / "config.json").chmod(0)
    with pytest.raises(UserError, match=r"config\.json may not be read; change its permissions"):
        load(str(tmp_path))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ImportError("flash_attn is not there."), "needs a package.*flash_attn is not there"),
        (PermissionError(13, "Permission denied", "a/file"), "a/file may not be read"),
        (KeyError("head_dim"), "head_dim"),
        (SafetensorError("header too large"), "weights is damaged"),
        (RuntimeError("Error in loading:\n  size mismatch"), "loading: size mismatch"),
        (Exception("no such model wrapper"), "no such model wrapper"),
    ],
)
def test_what_libraries_raise_becomes_one_sentence(error, says):
    sentence = f"the model x could not be loaded: .*{says}"
    with pytest.raises(UserError, match=sentence), told("the model x"):
        raise error


@pytest.mark.parametrize("error", [AttributeError("ours"), TypeError("ours"), AssertionError()])
def test_faults_of_our_own_are_not_hidden(error):
    with pytest.raises(type(error)), told("the model x"):
        raise error


def test_a_user_error_passes_unchanged():
    with pytest.raises(UserError, match=r"^as it was$"), told("the model x"):
        raise UserError("as it was")
