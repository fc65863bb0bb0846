import json
import logging
import shutil

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from primum.engines.models import bundled
from primum.engines.models.lineage import base_of, name_base
from primum.engines.models.reference import resolve
from tests.tiny import save_tiny


def new_adapter(folder, base="/somewhere/of/this/machine"):
    folder.mkdir(parents=True)
    save_file({"factor": torch.ones(2)}, folder / "adapter_model.safetensors")
    content = {"base_model_name_or_path": base, "target_modules": ["v_proj", "k_proj", "q_proj"]}
    (folder / "adapter_config.json").write_text(json.dumps(content))
    return folder


def named(folder):
    return json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]


def test_a_hub_name_is_the_base_s_name(tmp_path):
    adapter = new_adapter(tmp_path / "adapter")
    name_base(adapter, "owner/model")
    assert named(adapter) == "owner/model"
    assert resolve(str(adapter)).base == "owner/model"
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert config["target_modules"] == ["k_proj", "q_proj", "v_proj"]


def test_an_adapter_on_the_bundled_model_names_the_published_one(tmp_path, monkeypatch):
    adapter = new_adapter(tmp_path / "adapter")
    name_base(adapter, "bundled:smollm2-135m")
    assert named(adapter) == "HuggingFaceTB/SmolLM2-135M-Instruct"
    moved = tmp_path / "moved" / "model"
    shutil.copytree(adapter, moved)
    monkeypatch.setattr("primum.engines.models.reference.bundled_model", lambda name: f"<{name}>")
    assert resolve(str(moved)).base == "<bundled:smollm2-135m>"
    further = new_adapter(tmp_path / "further")
    name_base(further, str(moved))
    assert named(further) == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert base_of(further) == "bundled:smollm2-135m"
    texts = [path.read_text() for path in (*adapter.glob("*.json"), *further.glob("*.json"))]
    assert not any(str(tmp_path) in text for text in texts)


def test_every_bundled_model_has_its_public_name():
    assert bundled.PUBLISHED.keys() == bundled.BUNDLED.keys()


def test_a_folder_of_the_hub_s_cache_is_named_as_on_the_hub(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--owner--model"
    snapshot = repository / "snapshots" / "a1b2"
    snapshot.mkdir(parents=True)
    save_tiny(snapshot)
    (repository / "refs").mkdir()
    head = repository / "refs" / "main"
    head.write_text("a1b2")
    adapter = new_adapter(tmp_path / "adapter")
    name_base(adapter, str(snapshot))
    assert named(adapter) == "owner/model"
    head.write_text("c3d4")  # By its name one would get another revision.
    name_base(adapter, str(snapshot))
    assert named(adapter) == str(snapshot)


@pytest.mark.parametrize("relative", [True, False])
def test_any_other_folder_is_named_whole_and_said_so(tmp_path, monkeypatch, caplog, relative):
    base = save_tiny(tmp_path / "base")
    adapter = new_adapter(tmp_path / "run" / "model")
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.WARNING):
        name_base(adapter, "base" if relative else str(base))
    assert "before you share it" in caplog.text
    shutil.move(tmp_path / "run", tmp_path / "moved")
    monkeypatch.chdir("/")
    assert resolve(str(tmp_path / "moved" / "model")).base == str(base)
