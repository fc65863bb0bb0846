import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from primum.engines.models.reference import model_fingerprint, resolve
from primum.errors import UserError
from tests.tiny import save_tiny


def test_a_run_s_folder_points_to_its_model(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="is a run") as raised:
        resolve(str(tmp_path))
    assert str(tmp_path / "model") in str(raised.value)


def test_a_folder_without_a_model_says_so(tmp_path):
    with pytest.raises(UserError, match=r"holds no config\.json"):
        resolve(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="holds no weights"):
        resolve(str(tmp_path))
    with pytest.raises(UserError, match="there is no model folder"):
        resolve(str(tmp_path / "absent"))


def test_an_adapter_stands_on_its_base(tiny_folder, tmp_path):
    config = {"base_model_name_or_path": str(tiny_folder)}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="only safetensors"):
        resolve(str(tmp_path))
    weights = tmp_path / "adapter_model.safetensors"
    save_file({"factor": torch.ones(2)}, weights)
    found = resolve(str(tmp_path))
    assert (found.base, found.adapters) == (str(tiny_folder), (tmp_path,))
    before = model_fingerprint(str(tmp_path))
    assert before != model_fingerprint(str(tiny_folder))
    save_file({"factor": torch.zeros(2)}, weights)
    assert model_fingerprint(str(tmp_path)) != before


def write_adapter(folder, base):
    folder.mkdir()
    save_file({"factor": torch.ones(2)}, folder / "adapter_model.safetensors")
    config = {} if base is None else {"base_model_name_or_path": str(base)}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


def test_adapters_stand_on_one_another(tiny_folder, tmp_path):
    lower = write_adapter(tmp_path / "lower", tiny_folder)
    upper = write_adapter(tmp_path / "upper", "../lower")
    found = resolve(str(upper))
    assert found.base == str(tiny_folder)
    assert [folder.resolve() for folder in found.adapters] == [lower, upper]
    assert found.adapter == upper
    alone = write_adapter(tmp_path / "alone", tiny_folder)
    assert model_fingerprint(str(upper)) != model_fingerprint(str(alone))


def test_adapters_in_a_circle_are_refused(tmp_path):
    write_adapter(tmp_path / "one", "../two")
    write_adapter(tmp_path / "two", "../one")
    with pytest.raises(UserError, match="stands on itself"):
        resolve(str(tmp_path / "one"))


def test_a_relative_base_is_looked_for_beside_the_adapter_and_then_here(tmp_path, monkeypatch):
    adapter = write_adapter(tmp_path / "adapter", "./base")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(UserError, match=r"neither at .* nor at") as raised:
        resolve(str(adapter))
    for place in (adapter / "base", here / "base"):
        assert str(place) in str(raised.value)
    save_tiny(here / "base")
    assert Path(resolve(str(adapter)).base).resolve() == here / "base"
    save_tiny(adapter / "base")
    assert Path(resolve(str(adapter)).base).resolve() == adapter / "base"


def test_an_adapter_that_names_no_base_is_refused(tmp_path):
    with pytest.raises(UserError, match="base_model_name_or_path"):
        resolve(str(write_adapter(tmp_path / "adapter", None)))
    (tmp_path / "adapter" / "adapter_config.json").write_text("{")
    with pytest.raises(UserError, match="could not be loaded"):
        resolve(str(tmp_path / "adapter"))


def test_a_hub_name_that_cannot_be_reached_is_one_sentence():
    with pytest.raises(UserError, match="configuration of the model nobody/nothing"):
        model_fingerprint("nobody/nothing")
