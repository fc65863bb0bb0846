"""Prompts that never were in a file."""

import json
import subprocess
import sys

import pytest
from datasets import Dataset, DatasetDict

from primum.errors import UserError
from primum.messages import Message
from primum.prompts import load_prompts

CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]


def load(source):
    return load_prompts(source, heldout=0.5, seed=0)


def failure(source):
    with pytest.raises(UserError) as caught:
        load(source)
    return str(caught.value)


def test_texts_conversations_and_rows():
    said = tuple(Message(turn["role"], turn["content"]) for turn in CHAT)
    found = load(
        [
            "How?",
            CHAT,
            [Message("user", "Who?")],
            {"instruction": "Sum up.", "input": "A text.", "category": "c", "split": "heldout"},
            {"messages": [*CHAT[1:], {"role": "assistant", "content": "So."}], "split": "train"},
            "How?",
        ]
    )
    assert [prompt.messages for prompt in found.prompts] == [
        (Message("user", "How?"),),
        said,
        (Message("user", "Who?"),),
        (Message("user", "Sum up.\n\nA text."),),
        said[1:],
    ]
    assert (found.prompts[3].category, found.prompts[3].split) == ("c", "heldout")
    assert found.prompts[4].split == "train"
    assert found.duplicates == 1


def test_a_list_a_file_and_a_data_set_are_the_same_prompts(tmp_path):
    rows = [{"prompt": f"Question {n}?", "category": "c"} for n in range(9)]
    file = tmp_path / "p.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    assert load(rows) == load(tuple(rows)) == load(file) == load(Dataset.from_list(rows))


def test_a_data_set_of_conversations():
    rows = [{"prompt": CHAT, "split": "train"}, {"prompt": CHAT[1:], "split": "heldout"}]
    found = load(Dataset.from_list(rows))
    assert [len(prompt.messages) for prompt in found.prompts] == [2, 1]
    assert [prompt.split for prompt in found.prompts] == ["train", "heldout"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ([], "the list holds no prompts"),
        (["fine", " "], "prompt 2 of the list: prompt is empty"),
        (["fine", 7], "prompt 2 of the list should be text, a list of messages, or"),
        (["fine", []], "prompt 2 of the list: prompt holds no message"),
        (["fine", CHAT[:1]], "prompt 2 of the list: prompt ends with a turn of the system"),
        (["fine", ["a", "b"]], "prompt 2 of the list: prompt[0] should have role and content"),
        (CHAT, "prompt 1 of the list is a single message"),
        ([Message("user", "a")], "prompt 1 of the list is a single message"),
        (["fine", {"text": "a"}], "prompt 2 of the list: the row has no prompt"),
        (["fine", {"prompt": "a", "split": "test"}], "prompt 2 of the list: the split is 'test'"),
        (["alone"], "the list: there is only one prompt"),
        (
            [{"prompt": "a", "split": "train"}, {"prompt": "a", "split": "heldout"}],
            "the same prompt is heldout here and train in prompt 1 of the list",
        ),
        (Dataset.from_list([{"text": "a"}]), "row 1 of the data set: the row has no prompt"),
        (Dataset.from_list([]), "the data set holds no prompts"),
        (DatasetDict(train=Dataset.from_list([{"prompt": "a"}])), "not a DatasetDict"),
        ({"prompt": "a"}, "not a dict"),
        (None, "not a NoneType"),
    ],
)
def test_what_is_wrong_is_named(source, problem):
    assert problem in failure(source)


@pytest.mark.parametrize(
    "room", ["primum.prompts", "primum.constitution", "primum.recipe", "primum.documents"]
)
def test_nothing_heavy_is_imported(room):
    heavy = ("datasets", "pandas", "torch", "scipy", "sklearn", "transformers")
    code = f"import sys, {room}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
