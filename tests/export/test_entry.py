import json
from pathlib import Path

import pytest

from primum.errors import UserError
from primum.export.entry import export_run
from primum.export.source import read_source
from tests.export.conftest import change
from tests.tiny import save_tiny


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


def test_a_folder_of_the_form_of_a_hub_name_is_none_elsewhere(whole_run):
    # The run was started beside a folder models/base, and is exported from another place.
    change(whole_run / "manifest.json", model="models/base")
    assert read_source(whole_run).origin.name is None
    card = whole_run / "README.md"
    card.write_text(card.read_text().replace("---\n", "---\nbase_model: models/base\n", 1))
    assert read_source(whole_run).origin.name == "models/base"


def test_an_adapter_never_takes_a_strangers_model_for_its_base(run, tmp_path):
    change(run / "manifest.json", model="models/base")
    export_run(run, "adapter", tmp_path / "out")
    config = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"].endswith("/base")
    assert Path(config["base_model_name_or_path"]).is_dir()
    assert "models/base" not in (tmp_path / "out" / "README.md").read_text().split("---")[1]


def test_another_revision_than_the_hubs_first_goes_by_its_folder(run, tmp_path):
    base = tmp_path / "models--org--base" / "snapshots" / "abc"
    save_tiny(base)
    change(run / "model" / "adapter_config.json", base_model_name_or_path=str(base))
    made = export_run(run, "adapter", tmp_path / "out")
    config = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(base)
    assert any("--base OWNER/NAME" in note for note in made.notes)


def test_a_damaged_adapter_is_not_exported(run, tmp_path):
    (run / "model" / "adapter_model.safetensors").write_bytes(b"cut")
    with pytest.raises(UserError, match=r"the adapter .*model could not be loaded"):
        export_run(run, "adapter", tmp_path / "out")


@pytest.mark.parametrize("name", ["base", "org/na me", "/home/ann/base"])
def test_what_is_told_to_be_the_base_is_a_name_on_the_hub(run, tmp_path, name):
    with pytest.raises(UserError, match=r"is no name of a model on the hub; write OWNER/NAME"):
        export_run(run, "merged", tmp_path / "out", base=name)


def test_a_link_stands_for_the_folder_that_it_leads_to(run, tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "absent"):
        (tmp_path / "link").symlink_to(tmp_path / name)
        export_run(run, "adapter", tmp_path / "link")
        assert (tmp_path / name / "README.md").is_file()
        (tmp_path / "link").unlink()
