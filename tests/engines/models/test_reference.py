import json

import pytest

from primum.engines.models.reference import model_fingerprint, resolve
from primum.errors import UserError


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
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    found = resolve(str(tmp_path))
    assert (found.base, found.adapter) == (str(tiny_folder), tmp_path)
    before = model_fingerprint(str(tmp_path))
    assert before != model_fingerprint(str(tiny_folder))
    (tmp_path / "adapter_model.safetensors").write_bytes(b"changed")
    assert model_fingerprint(str(tmp_path)) != before
