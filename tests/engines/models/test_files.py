import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from primum.engines.local.classifier import load_classifier
from primum.engines.models.files import check_files, tensor_names
from primum.engines.models.loading import load
from primum.engines.models.reference import model_fingerprint
from primum.errors import UserError
from tests.tiny import save_tiny

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 538090408\n"


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("look", [load, model_fingerprint, load_classifier])
def test_a_stand_in_of_git_lfs_is_told_from_the_file(tmp_path, name, look):
    save_tiny(tmp_path)
    (tmp_path / name).write_text(POINTER)
    with pytest.raises(UserError, match=f"{name} is a stand-in of git-lfs"):
        look(str(tmp_path))


@pytest.mark.parametrize("kept", [3, 200, 30_000, -1])
def test_a_cut_file_of_weights_is_refused(tmp_path, kept):
    save_tiny(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(UserError, match=r"model\.safetensors is cut"):
        model_fingerprint(str(tmp_path))


def test_a_shard_that_is_missing_is_named(tmp_path):
    save_tiny(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    (tmp_path / "model.safetensors").unlink()
    parts = {"a.safetensors": list(tensors)[:9], "b.safetensors": list(tensors)[9:]}
    for file, names in parts.items():
        save_file({name: tensors[name] for name in names}, tmp_path / file)
    index = {"weight_map": {name: file for file, names in parts.items() for name in names}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    check_files(tmp_path)
    (tmp_path / "b.safetensors").unlink()
    with pytest.raises(UserError, match=r"lacks b\.safetensors"):
        check_files(tmp_path)
    (tmp_path / "b.safetensors").write_text(POINTER)
    with pytest.raises(UserError, match=r"b\.safetensors is a stand-in"):
        check_files(tmp_path)


def test_files_that_nobody_reads_do_not_matter(tmp_path):
    save_tiny(tmp_path)
    (tmp_path / "consolidated.safetensors").write_text(POINTER)
    (tmp_path / "pytorch_model.bin").write_text(POINTER)
    check_files(tmp_path)


def test_names_of_tensors_come_from_the_header(tmp_path):
    save_file({"a": torch.ones(2), "b": torch.ones(3)}, tmp_path / "x", metadata={"format": "pt"})
    assert tensor_names(tmp_path / "x") == {"a", "b"}
