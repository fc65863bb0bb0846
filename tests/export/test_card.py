import dataclasses

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries

from primum.engines.models.origin import Origin
from primum.errors import UserError
from primum.export.card import export_name, write_card
from primum.export.source import read_source
from primum.recipe.schema import Recipe
from primum.report.drawing.local_paths import local_paths
from tests.report.proven import proven_run
from tests.report.sample import NASTY, make_run


@pytest.fixture
def source(run):
    return read_source(run, base="org/base")


def card_of(source, form, folder, **named):
    folder.mkdir()
    write_card(source, form, folder, **named)
    return ModelCard.load(folder / "README.md")


@pytest.mark.parametrize(
    ("form", "relation", "library"),
    [
        ("adapter", "adapter", "peft"),
        ("merged", "finetune", "transformers"),
        ("gguf", "finetune", "transformers"),
    ],
)
def test_the_hub_can_read_what_it_is(source, tmp_path, form, relation, library):
    data = card_of(source, form, tmp_path / "out").data
    assert (data.base_model, data.base_model_relation) == ("org/base", relation)
    assert (data.library_name, data.pipeline_tag) == (library, "text-generation")
    assert ("lora" in data.tags) == (form == "adapter")
    assert ("gguf" in data.tags) == (form == "gguf")
    assert data.license is None


def test_results_are_metadata_that_the_hub_reads(source, tmp_path):
    card = card_of(source, "merged", tmp_path / "out")
    results = {found.metric_name.partition(":")[0]: found for found in card.data.eval_results}
    assert list(results) == ["kind", "useful"]
    assert card.data.model_name == "base-aligned"
    found = results["kind"]
    after = source.data.gate.objectives[0].by[0].after
    assert found.metric_value == pytest.approx(after, abs=1e-4)
    assert found.dataset_type == "held-out-prompts"
    [examiner] = [judge for judge in source.data.gate.judges if judge.role == "examiner"]
    assert f"by the first examiner ({examiner.description}), 1 to 10" in found.metric_name
    assert not (tmp_path / "out" / ".eval_results").exists()


def test_the_results_name_the_examiner_without_its_place_and_are_scores(source, tmp_path):
    secret = tmp_path / "patients" / "judge"
    data = proven_run()
    judges = tuple(
        dataclasses.replace(judge, description=f"asked {secret}") for judge in data.gate.judges
    )
    gate = dataclasses.replace(
        data.gate,
        judges=judges,
        objectives=tuple(
            # Preferences of people, which are no scores, may stand among the examiners' too.
            dataclasses.replace(result, by=(result.people, *result.by[::-1]))
            for result in data.gate.objectives
        ),
    )
    placed = dataclasses.replace(source, data=dataclasses.replace(data, gate=gate))
    card = card_of(placed, "merged", tmp_path / "out", dataset="org/x")
    assert [found.metric_value for found in card.data.eval_results] == [5.45, 5.05]
    assert "patients" not in card.content
    text = (tmp_path / "out" / ".eval_results" / "primum.yaml").read_text()
    assert "did not make" in " ".join(text.split())
    assert "patients" not in text


def test_results_on_a_data_set_of_the_hub(source, tmp_path):
    card = card_of(source, "merged", tmp_path / "out", dataset="org/heldout")
    assert {found.dataset_type for found in card.data.eval_results} == {"org/heldout"}
    text = (tmp_path / "out" / ".eval_results" / "primum.yaml").read_text()
    entries = parse_eval_result_entries(yaml.safe_load(text))
    assert [(e.dataset_id, e.task_id) for e in entries] == [
        ("org/heldout", "kind"),
        ("org/heldout", "useful"),
    ]
    with pytest.raises(UserError, match="no name of a data set"):
        write_card(source, "merged", tmp_path, dataset="../here")


def test_the_licence_of_the_base_is_repeated(source, tmp_path):
    known = {"license": "other", "license_name": "clinic", "license_link": "LICENSE.md"}
    known_source = dataclasses.replace(source, origin=Origin("org/base", known, ("en", "de")))
    data = card_of(known_source, "merged", tmp_path / "out").data
    assert (data.license, data.license_name, data.language) == ("other", "clinic", ["en", "de"])


@pytest.mark.parametrize("text", NASTY)
def test_untrusted_text_stays_text(source, tmp_path, text):
    text = text.replace("\ud800", "?")
    data = make_run(objectives=(text, "helpful"), recipe=Recipe(name=text))
    nasty = dataclasses.replace(source, data=dataclasses.replace(data, model=text))
    card = card_of(nasty, "merged", tmp_path / "out", dataset="org/heldout")
    assert card.data.base_model == "org/base"
    assert len(card.data.eval_results) == 2
    assert {line for line in card.text.splitlines() if line.startswith("## ")} >= {"## Limits"}
    outside = card.text.partition("## Recipe")[0]
    assert "\n# out" not in outside
    for line in outside.splitlines():
        # Whatever looks like HTML stands within backticks.
        assert "<script" not in line.split("`")[0]


def test_no_place_of_this_machine_is_published(source, tmp_path):
    secret = tmp_path / "patients" / "judge"
    recipe = Recipe(judging={"model": str(secret)}, training={"accelerate": str(secret)})
    placed = dataclasses.replace(source, data=dataclasses.replace(source.data, recipe=recipe))
    text = card_of(placed, "merged", tmp_path / "out", dataset="org/x").content
    assert "patients" not in text
    assert "model: judge" in text
    assert local_paths(text) == []
    evaluated = source.data.tables["evaluation"]
    for column in ("prompt", "before", "after"):
        assert not any(cell in text for cell in evaluated.column(column).to_pylist() if cell)


def test_a_name_that_files_can_have(source):
    for model, name in (
        ("a/b:c", "b-c-aligned"),
        ("/x/y z/", "y-z-aligned"),
        ("..", "model-aligned"),
    ):
        assert export_name(dataclasses.replace(source.data, model=model)) == name
