"""Prompts from the hub, without the hub."""

import datasets
import pytest
from datasets import Dataset

from primum.errors import UserError
from primum.prompts import load_prompts


@pytest.fixture
def hub(monkeypatch):
    asked = []

    def load_dataset(name, split):
        asked.append((name, split))
        rows = {"prompt": ["a", "b", "a"], "split": ["train", "heldout", "train"]}
        return Dataset.from_dict(rows)

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return asked


def failure(source):
    with pytest.raises(UserError) as caught:
        load_prompts(source, heldout=0.2, seed=0)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("hub:someone/prompts", ("someone/prompts", "train")),
        ("hub:some-one/my.prompts:test", ("some-one/my.prompts", "test")),
        ("hub:a/b:train[:100]", ("a/b", "train[:100]")),
    ],
)
def test_data_set(hub, source, asked):
    found = load_prompts(source, heldout=0.2, seed=0)
    assert hub == [asked]
    assert (len(found.prompts), found.duplicates) == (2, 1)


@pytest.mark.parametrize("source", ["hub:", "hub:prompts", "hub:a/b/c", "hub:../up", "hub:/etc/x"])
def test_name_of_another_form(hub, source):
    assert "is not of the form hub:OWNER/NAME" in failure(source)
    assert hub == []


def test_offline(monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    text = failure("hub:nobody-at-all/no-such-prompts")
    assert "could not be loaded from the hub" in text
    assert "download it and name the file" in text


def test_row_without_a_prompt_is_named(monkeypatch):
    table = Dataset.from_dict({"text": ["a"]})
    monkeypatch.setattr(datasets, "load_dataset", lambda name, split: table)
    assert "hub:a/b, row 1: the row has no prompt" in failure("hub:a/b")
