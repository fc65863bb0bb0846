import json

import pytest

from primum.errors import UserError
from primum.export.entry import export_run
from tests.export.conftest import change


def test_a_failed_model_goes_out_only_if_one_says_so(failed_run, tmp_path):
    with pytest.raises(UserError, match=r"gate of .* says fail .*kind.*--despite-gate"):
        export_run(failed_run, "adapter", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    export_run(failed_run, "adapter", tmp_path / "out", despite_gate=True)
    assert "## Verdict: fail" in (tmp_path / "out" / "README.md").read_text()


def test_an_unfinished_run_is_not_exported(run, tmp_path):
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["stages"]["report"]
    change(run / "manifest.json", stages=manifest["stages"])
    with pytest.raises(UserError, match="is not finished; run the same primum align again"):
        export_run(run, "merged", tmp_path / "out")
    with pytest.raises(UserError, match="holds no run"):
        export_run(tmp_path / "absent", "merged", tmp_path / "out")


def test_the_adapter_names_the_base_as_the_hub_does(run, tmp_path):
    made = export_run(run, "adapter", tmp_path / "out", base="org/base")
    config = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "org/base"
    assert not any("names" in note for note in made.notes if "adapter" in note)
    ours = (run / "model" / "adapter_model.safetensors").read_bytes()
    assert (tmp_path / "out" / "adapter_model.safetensors").read_bytes() == ours


def test_a_base_that_only_this_machine_has_is_told(run, tmp_path):
    made = export_run(run, "adapter", tmp_path / "out")
    assert any("--base OWNER/NAME" in note for note in made.notes)
    assert any("licence of the base is not known" in note for note in made.notes)


def test_all_weights_have_no_adapter(whole_run, tmp_path):
    with pytest.raises(UserError, match=r"trained all weights, .*--merged"):
        export_run(whole_run, "adapter", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_that_has_lost_its_model(run, tmp_path):
    (run / "model").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="has lost its model"):
        export_run(run, "merged", tmp_path / "out")
