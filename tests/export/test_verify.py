import json
import re

import pytest
from safetensors.torch import load_file, save_file

from primum.export.entry import export_run
from primum.export.verify import verify
from primum.judging import Score
from primum.progress import Silent
from primum.store.files import digest_file
from tests.export.test_merged import half_base  # noqa: F401, a fixture


@pytest.mark.parametrize("form", ["merged", "adapter", "gguf"])
def test_an_export_answers_as_the_run_does(run, tmp_path, form):
    calls = digest_file(run / "calls.sqlite")
    made = export_run(run, form, tmp_path / "out", base="org/base")
    found = verify(made, Silent())
    assert found.prompts > 1
    assert (found.difference, found.rounding) == (0, None)
    assert found.scores == {"kind": 0, "useful": 0}
    assert digest_file(run / "calls.sqlite") == calls


def lengths(judge, items, *, stage, progress):
    """In a judge's place: two objectives, of which the second is never read."""
    return {name: (Score(float(len(item.response))), Score(None)) for name, item in items.items()}


def test_a_wrong_export_is_found_and_judged(run, tmp_path, monkeypatch):
    monkeypatch.setattr("primum.export.verify.judge_all", lengths)
    made = export_run(run, "merged", tmp_path / "out")
    file = tmp_path / "out" / "model.safetensors"
    tensors = load_file(file)
    tensors["model.layers.0.mlp.up_proj.weight"] *= -3
    save_file(tensors, file, {"format": "pt"})
    found = verify(made, Silent(), most=4)
    assert found.prompts == 4
    assert found.difference > 0.5
    assert abs(found.scores["kind"]) > 0.1
    assert found.scores["useful"] is None


def test_what_rounding_changes_is_told_apart(run, half_base, tmp_path):  # noqa: F811
    made = export_run(run, "merged", tmp_path / "out")
    assert made.dtype == "base"
    found = verify(made, Silent())
    assert found.difference == 0
    assert found.rounding is not None


def test_another_template_is_a_difference(run, tmp_path):
    made = export_run(run, "merged", tmp_path / "out")
    (tmp_path / "out" / "chat_template.jinja").write_text("{{ messages[0].content }}")
    config = tmp_path / "out" / "tokenizer_config.json"
    assert "chat_template" not in json.loads(config.read_text())
    assert verify(made, Silent()).difference > 0


@pytest.mark.parametrize("thinking", ["auto", "off"])
def test_the_answers_think_as_those_of_the_run_did(run, tmp_path, monkeypatch, thinking):
    asked = []

    def answered(engine, prompts, settings, *, seed, stage, progress, thinking="auto"):
        asked.append(thinking)
        return {prompt.prompt_id: stage.split()[0] for prompt in prompts}

    recipe = run / "recipe.yaml"
    recipe.write_text(re.sub(r"thinking: \w+", f"thinking: '{thinking}'", recipe.read_text()))
    monkeypatch.setattr("primum.export.verify.answer", answered)
    assert verify(export_run(run, "merged", tmp_path / "out"), Silent()).difference == 0
    assert asked == [thinking, thinking]
