import json
import stat

import pytest
import torch
from gguf import GGUFReader
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from primum.engines.models.loading import load
from primum.errors import UserError
from primum.export.entry import export_run
from primum.export.gguf import find_converter, write_gguf
from primum.export.gguf_llama import vocabulary_for
from tests.tiny import CHATML, save_tiny

TEXT = "Hello 123 world, it's 2024!\n\n<|im_end|> ünïcödé 🧑 the fox"


def test_the_file_is_the_model_of_the_run(run, tmp_path):
    export_run(run, "gguf", tmp_path / "out")
    names = {
        "pretrained_model_name_or_path": tmp_path / "out",
        "gguf_file": "base-aligned-F32.gguf",
    }
    theirs = AutoModelForCausalLM.from_pretrained(**names, dtype=torch.float32)
    ours = load(str(run / "model"), dtype="float32")
    ids = torch.arange(40).reshape(2, 20)
    with torch.no_grad():
        assert torch.equal(theirs(ids).logits, ours.model(ids).logits)
    tokenizer = AutoTokenizer.from_pretrained(**names)
    assert tokenizer(TEXT)["input_ids"] == ours.chat.tokenizer(TEXT)["input_ids"]
    assert tokenizer.chat_template == CHATML
    assert tokenizer.eos_token == "<|im_end|>"
    assert {file.name for file in (tmp_path / "out").iterdir()} == {names["gguf_file"], "README.md"}


def test_special_tokens_and_cutting_are_told(run, tmp_path):
    export_run(run, "gguf", tmp_path / "out", dtype="bfloat16")
    fields = GGUFReader(tmp_path / "out" / "base-aligned-BF16.gguf").fields
    assert fields["tokenizer.ggml.pre"].contents() == "gpt-2"
    assert fields["tokenizer.ggml.token_type"].contents()[:4] == [3, 3, 3, 1]
    assert fields["tokenizer.ggml.add_bos_token"].contents() is False
    kinds = {
        t.name: t.tensor_type.name
        for t in GGUFReader(tmp_path / "out" / "base-aligned-BF16.gguf").tensors
    }
    assert kinds["blk.0.attn_q.weight"] == "BF16"
    assert kinds["blk.0.attn_norm.weight"] == "F32"
    assert "output.weight" not in kinds


def test_digits_that_stand_alone_have_a_name_of_their_own(tmp_path):
    loaded = load(str(save_tiny(tmp_path / "m")), dtype="float32")
    level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend = loaded.chat.tokenizer.backend_tokenizer
    backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), level])
    assert vocabulary_for(loaded).pre == "smollm"
    backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), level])
    with pytest.raises(UserError, match="cuts texts in a way that is not known"):
        vocabulary_for(loaded)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_type": "qwen2"}, "its architecture is qwen2, and only llama"),
        ({"rope_parameters": {"rope_type": "llama3"}}, r"positions are scaled \(llama3\)"),
        ({"attention_bias": True}, "it has biases"),
    ],
)
def test_what_is_not_written_here_is_refused_by_name(tmp_path, changed, said):
    loaded = load(str(save_tiny(tmp_path / "m")), dtype="float32")
    for name, value in changed.items():
        setattr(loaded.model.config, name, value)
    with pytest.raises(UserError, match=said):
        vocabulary_for(loaded)


@pytest.fixture
def foreign(run, monkeypatch):
    """A run whose model is not written here."""
    monkeypatch.delenv("LLAMA_CPP", raising=False)
    monkeypatch.setattr("primum.export.gguf.vocabulary_for", _refuse)
    return run


def _refuse(loaded):
    raise UserError("its architecture is qwen2")


def script(folder, text):
    folder.mkdir(exist_ok=True)
    file = folder / "convert_hf_to_gguf.py"
    file.write_text(text)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


ARGUMENTS = "import json, sys; open(sys.argv[3], 'w').write(json.dumps(sys.argv[1:]))"


def test_another_architecture_goes_through_llama_cpp(foreign, tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"qwen2; get it with `git clone .*--converter.*LLAMA_CPP"):
        export_run(foreign, "gguf", tmp_path / "out")
    script(tmp_path / "llama.cpp; true", ARGUMENTS)
    monkeypatch.setenv("LLAMA_CPP", str(tmp_path / "llama.cpp; true"))
    export_run(foreign, "gguf", tmp_path / "out")
    given = json.loads((tmp_path / "out" / "base-aligned-F32.gguf").read_text())
    assert given[1:2] + given[3:] == ["--outfile", "--outtype", "f32"]
    # The merged model is for the converter alone.
    assert {file.suffix for file in (tmp_path / "out").iterdir()} == {".gguf", ".md"}


def test_the_converter_that_is_named_is_taken(run, tmp_path):
    named = script(tmp_path / "tools", ARGUMENTS)
    export_run(run, "gguf", tmp_path / "out", converter=named, dtype="float16")
    assert "f16" in (tmp_path / "out" / "base-aligned-F16.gguf").read_text()
    with pytest.raises(UserError, match="there is no converter"):
        export_run(run, "gguf", tmp_path / "other", converter=tmp_path / "absent.py")


def test_a_converter_that_fails_is_told_in_one_sentence(run, tmp_path):
    named = script(tmp_path / "tools", "raise SystemExit('Model Foo is not supported')")
    with pytest.raises(UserError, match=r"\(Model Foo is not supported\); see"):
        export_run(run, "gguf", tmp_path / "out", converter=named)
    assert not (tmp_path / "out").exists()


def test_the_converter_is_found_on_the_path(tmp_path, monkeypatch):
    monkeypatch.delenv("LLAMA_CPP", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_converter() is None
    script(tmp_path, "")
    assert find_converter() == tmp_path / "convert_hf_to_gguf.py"


@pytest.mark.slow
def test_the_bundled_model_comes_back_as_it_was(tmp_path):
    loaded = load("bundled:smollm2-135m", device="cpu", dtype="float32")
    file = write_gguf(loaded, tmp_path, name="bundled")
    names = {"pretrained_model_name_or_path": tmp_path, "gguf_file": file.name}
    theirs = AutoModelForCausalLM.from_pretrained(**names, dtype=torch.float32)
    ids = torch.arange(64).reshape(2, 32) * 97
    with torch.no_grad():
        assert torch.equal(theirs(ids).logits, loaded.model(ids).logits)
    assert AutoTokenizer.from_pretrained(**names)(TEXT) == loaded.chat.tokenizer(TEXT)
