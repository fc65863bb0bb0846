from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from primum.engines.models.reference import ModelReference
from primum.engines.vllm.setup import adapter_of
from primum.errors import UserError


def write(folder: Path, layer: str) -> Path:
    folder.mkdir()
    names = {f"base_model.model.{layer}.lora_A.weight": torch.ones(4, 32)}
    save_file(names, folder / "adapter_model.safetensors")
    return folder


@pytest.mark.parametrize("layer", ["lm_head", "model.embed_tokens"])
def test_an_adapter_of_layers_that_may_be_one_is_refused(tmp_path, layer):
    folder = write(tmp_path / "adapter", layer)
    with pytest.raises(UserError, match=rf"it changes {layer.rpartition('.')[2]}, which vLLM"):
        adapter_of(ModelReference("base", (folder,)), "identity")


def test_an_adapter_on_an_adapter_is_refused(tmp_path):
    lower, upper = (write(tmp_path / name, "model.layers.0.q_proj") for name in ("low", "up"))
    with pytest.raises(UserError, match=r"stands on the adapter .*low, and vLLM puts one"):
        adapter_of(ModelReference("base", (lower, upper)), "identity")
