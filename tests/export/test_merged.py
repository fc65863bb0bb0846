import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from primum.engines.models.loading import load, load_chat
from primum.errors import UserError
from primum.export import merged
from primum.export.entry import export_run
from primum.messages import Message
from primum.store.files import disk_errors
from tests.tiny import save_tiny

IDS = torch.arange(40).reshape(2, 20)


def logits(model):
    with torch.no_grad():
        return model(IDS).logits


def test_merged_weights_are_the_model_of_the_run(run, tmp_path):
    export_run(run, "merged", tmp_path / "out")
    ours = load(str(run / "model"), dtype="float32").model
    base = load(str(run.parent / "run" / "model"), dtype="float32")
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert theirs.dtype == torch.float32
    assert torch.equal(logits(theirs), logits(ours))
    start = AutoModelForCausalLM.from_pretrained(base.source)
    assert not torch.allclose(logits(start), logits(ours), atol=0.1)
    files = {file.name for file in (tmp_path / "out").iterdir()}
    assert files >= {
        *("config.json", "generation_config.json", "model.safetensors", "README.md"),
        *("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"),
    }
    assert str(tmp_path) not in (tmp_path / "out" / "config.json").read_text()
    assert oct((tmp_path / "out" / "model.safetensors").stat().st_mode & 0o777) == "0o644"


def test_conversations_are_written_as_in_the_run(run, tmp_path):
    export_run(run, "merged", tmp_path / "out")
    turns = [Message("system", "Be kind."), Message("user", "Hello <|im_end|>")]
    ours = load_chat(str(run / "model")).prompt_ids(turns)
    assert load_chat(str(tmp_path / "out")).prompt_ids(turns) == ours


def test_a_model_without_a_template_gets_the_turns_that_the_run_has_used(whole_run, tmp_path):
    save_tiny(whole_run / "model", template=None)
    (whole_run / "model" / "chat_template.jinja").unlink(missing_ok=True)
    turns = [Message("user", "Hello")]
    chat = load_chat(str(whole_run / "model"))
    assert not chat.has_own_template
    export_run(whole_run, "merged", tmp_path / "out")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    told = [{"role": "user", "content": "Hello"}]
    theirs = tokenizer.apply_chat_template(told, add_generation_prompt=True)["input_ids"]
    assert theirs == chat.prompt_ids(turns)
    assert load_chat(str(tmp_path / "out")).prompt_ids(turns) == chat.prompt_ids(turns)


@pytest.fixture
def half_base(run):
    """The run's base as stored in bfloat16, but for one tensor."""
    config = json.loads((run / "model" / "adapter_config.json").read_text())
    base = run.parent / "half"
    save_tiny(base)
    tensors = load_file(base / "model.safetensors")
    half = {
        name: tensor if name == "model.norm.weight" else tensor.bfloat16()
        for name, tensor in tensors.items()
    }
    save_file(half, base / "model.safetensors", {"format": "pt"})
    config["base_model_name_or_path"] = str(base)
    (run / "model" / "adapter_config.json").write_text(json.dumps(config))
    return base


def test_weights_are_stored_as_the_base_stores_them(run, half_base, tmp_path):
    export_run(run, "merged", tmp_path / "out")
    stored = load_file(tmp_path / "out" / "model.safetensors")
    kinds = {name: tensor.dtype for name, tensor in stored.items()}
    assert kinds.pop("model.norm.weight") == torch.float32
    assert set(kinds.values()) == {torch.bfloat16}
    assert json.loads((tmp_path / "out" / "config.json").read_text())["dtype"] == "bfloat16"
    exact = load(str(run / "model"), dtype="float32").model.state_dict()
    name = "model.layers.0.mlp.up_proj.weight"
    # Merged first, and rounded once.
    assert torch.equal(stored[name], exact[name].bfloat16())


def test_float32_keeps_all(run, half_base, tmp_path):
    export_run(run, "merged", tmp_path / "out", dtype="float32")
    stored = load_file(tmp_path / "out" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float32}


def test_all_weights_that_were_trained(whole_run, tmp_path):
    export_run(whole_run, "merged", tmp_path / "out")
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    ours = AutoModelForCausalLM.from_pretrained(whole_run / "model")
    assert torch.equal(logits(theirs), logits(ours))
    assert "base_model_relation" not in (tmp_path / "out" / "README.md").read_text()


def test_nothing_is_merged_into_a_quantised_base(run, tmp_path, monkeypatch):
    def quantised(*args, **named):
        loaded = load(*args, **named)
        loaded.model.config.quantization_config = {"quant_method": "gptq"}
        return loaded

    monkeypatch.setattr(merged, "load", quantised)
    with pytest.raises(UserError, match=r"stored in gptq, .* export the adapter with --adapter"):
        export_run(run, "merged", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_export_is_whole_or_absent(run, tmp_path, monkeypatch):
    monkeypatch.setattr("primum.export.entry.write_card", _no_space)
    with pytest.raises(UserError, match="the disk is full"):
        export_run(run, "merged", tmp_path / "deep" / "out")
    assert list((tmp_path / "deep").iterdir()) == []


def _no_space(*args, **named):
    with disk_errors(args[2]):
        raise OSError(28, "No space left on device")


def test_what_is_there_is_never_written_over(run, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").touch()
    with pytest.raises(UserError, match="there already and not empty"):
        export_run(run, "merged", out)
    (out / "mine").unlink()
    export_run(run, "adapter", out)
    assert (out / "README.md").exists()
