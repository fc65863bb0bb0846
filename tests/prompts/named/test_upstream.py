"""Data sets by name from the hub, without the hub."""

from types import SimpleNamespace

import datasets
import pytest
from datasets import Dataset
from huggingface_hub.errors import GatedRepoError

from primum.errors import UserError
from primum.prompts import DATASETS, load_prompts
from primum.prompts.named import DATA_DIR
from tests.prompts.named.copies import ROWS

COLUMNS = {column for known in DATASETS.values() for column in known.prompt}


@pytest.fixture(autouse=True)
def no_folder_of_the_environment(monkeypatch):
    monkeypatch.delenv(DATA_DIR, raising=False)


def failure(name):
    with pytest.raises(UserError) as caught:
        load_prompts(name, heldout=0.5, seed=0)
    return str(caught.value)


def gated():
    request = SimpleNamespace(method="GET", url="https://huggingface.co")
    response = SimpleNamespace(headers={}, status_code=403, request=request)
    return GatedRepoError("403 Client Error.", response=response)


@pytest.mark.parametrize("name", DATASETS)
def test_what_is_asked_for(monkeypatch, name):
    asked = {}

    def load_dataset(path, **options):
        asked.update(options, path=path)
        return Dataset.from_list(two(ROWS[name][0]))

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    found = load_prompts(name, heldout=0.5, seed=0)
    known = DATASETS[name].upstream
    assert asked["path"] == known.path
    assert (asked["name"], asked["data_files"]) == (known.config, known.data_files)
    assert asked["split"] == known.split
    assert len(found.prompts) == 2
    assert DATASETS[name].licence in found.notes[0]


def two(row):
    """The row, and one with another prompt."""
    [key] = COLUMNS & set(row)
    text = row[key]
    return [row, {**row, key: ["Another."] if isinstance(text, list) else "Another."}]


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("name", "terms"),
    [("wildguard", "the AI2 Responsible Use Guidelines"), ("xstest", "its conditions")],
)
def test_gated(monkeypatch, name, terms, wrapped):
    def load_dataset(path, **options):
        try:
            raise gated()
        except GatedRepoError as error:
            if wrapped:  # As datasets does.
                raise datasets.exceptions.DatasetNotFoundError("is a gated dataset") from error
            raise

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    text = failure(name)
    assert f"log in at https://huggingface.co/datasets/{DATASETS[name].upstream.path}, " in text
    assert f"accept {terms} there" in text
    assert "HF_TOKEN" in text
    assert "\n" not in text


def test_offline(monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    text = failure("wildguard")
    assert "wildguard could not be loaded (" in text
    assert "run `hf download allenai/wildguardmix --repo-type dataset" in text
    assert "--local-dir FOLDER/wildguard` where there is one and add --data-dir FOLDER" in text
    assert "\n" not in text


def test_a_row_of_another_shape_is_named(monkeypatch):
    table = Dataset.from_list([{"text": "a"}])
    monkeypatch.setattr(datasets, "load_dataset", lambda path, **options: table)
    assert "xstest, row 1: xstest has its prompts in prompt, and this row has text" in failure(
        "xstest"
    )
