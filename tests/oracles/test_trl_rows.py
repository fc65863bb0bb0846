"""Rows of preferences are read as TRL reads them, wherever TRL trains on one answer per side."""

from copy import deepcopy

import pytest
from datasets import Dataset

from primum.errors import UserError
from primum.messages import Message, as_dicts
from primum.training.data.preferences import read_preferences
from tests.tiny import tiny_tokenizer

trl = pytest.importorskip("trl.data_utils")


def turn(role, content):
    return {"role": role, "content": content}


def said(speaker, value):
    return {"from": speaker, "value": value}


def parts(message):
    return message | {"content": [{"type": "text", "text": message["content"]}]}


HI, WHY, S = turn("user", "Hi"), turn("user", "Why?"), turn("system", "Be brief.")
A, B, MID = (turn("assistant", text) for text in ("Yes.", "No.", "Hm."))
TOOL = turn("tool", "rain")

ROWS = {
    "explicit": {"prompt": [HI], "chosen": [A], "rejected": [B]},
    "explicit with a system": {"prompt": [S, HI], "chosen": [A], "rejected": [B]},
    "explicit of several turns": {"prompt": [HI, MID, WHY], "chosen": [A], "rejected": [B]},
    "explicit and equal": {"prompt": [HI], "chosen": [A], "rejected": [A]},
    "implicit": {"chosen": [HI, A], "rejected": [HI, B]},
    "implicit with a system": {"chosen": [S, HI, A], "rejected": [S, HI, B]},
    "implicit of several turns": {"chosen": [HI, MID, WHY, A], "rejected": [HI, MID, WHY, B]},
    "implicit with a tool": {"chosen": [HI, MID, TOOL, A], "rejected": [HI, MID, TOOL, B]},
    "no prompt": {"prompt": None, "chosen": [HI, A], "rejected": [HI, B]},
    "text inside": {"prompt": "Hi", "chosen": [HI, A], "rejected": [HI, B]},
    "text inside after a system": {
        "prompt": "Hi",
        "chosen": [S, HI, A],
        "rejected": [S, HI, B],
    },
    "the last text inside": {
        "prompt": "Why?",
        "chosen": [HI, MID, WHY, A],
        "rejected": [HI, MID, WHY, B],
    },
    "the first text inside": {
        "prompt": "Hi",
        "chosen": [HI, MID, WHY, A],
        "rejected": [HI, MID, WHY, B],
    },
    "from and value": {
        "prompt": [said("user", "Hi")],
        "chosen": [said("assistant", "Yes.")],
        "rejected": [said("assistant", "No.")],
    },
    "from and value, implicit": {
        "chosen": [said("user", "Hi"), said("assistant", "Yes.")],
        "rejected": [said("user", "Hi"), said("assistant", "No.")],
    },
    "with an id": {"prompt_id": "x", "prompt": [HI], "chosen": [A], "rejected": [B]},
    "text": {"prompt": "The sky is", "chosen": " blue.", "rejected": " green."},
    "text that begins alike": {"prompt": "Hi", "chosen": "Hi there", "rejected": "Hi you"},
    "implicit text": {"chosen": "The sky is blue.", "rejected": "The sky is green."},
    "implicit text in the middle of a word": {"chosen": "A sky blue", "rejected": "A sky blew"},
    "text, other columns": {"prompt": "Q", "chosen": "a", "rejected": "b", "source": "x"},
}


def read(row):
    [found] = read_preferences(Dataset.from_list([row]), loss="simpo")
    return found


def read_by_trl(row):
    converted = trl.maybe_convert_to_chatml(deepcopy(row))
    if converted.get("prompt") is None:
        converted.pop("prompt", None)
    found = trl.maybe_extract_prompt(converted)
    return {key: found[key] for key in ("prompt", "chosen", "rejected")}


@pytest.mark.parametrize("name", ROWS)
def test_the_same_prompt_and_answers(name):
    theirs, ours = read_by_trl(ROWS[name]), read(ROWS[name])
    if isinstance(ours.prompt, str):
        assert theirs == {
            "prompt": ours.prompt,
            "chosen": ours.chosen.text,
            "rejected": ours.rejected.text,
        }
        return
    mine = {
        "prompt": as_dicts(ours.prompt),
        "chosen": [turn("assistant", ours.chosen.text)],
        "rejected": [turn("assistant", ours.rejected.text)],
    }
    tokenizer = tiny_tokenizer()
    assert trl.apply_chat_template(mine, tokenizer) == trl.apply_chat_template(theirs, tokenizer)


def test_the_whole_prompt_inside_stands_once():
    row = {"prompt": [S, HI], "chosen": [S, HI, A], "rejected": [S, HI, B]}
    assert len(read_by_trl(row)["prompt"] + read_by_trl(row)["chosen"]) == 5
    found = read(row)
    assert found.prompt == (Message("system", "Be brief."), Message("user", "Hi"))
    assert (found.chosen.text, found.rejected.text) == ("Yes.", "No.")


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Hi", "chosen": [A], "rejected": [B]},
        {"prompt": [HI], "chosen": "Yes.", "rejected": "No."},
        {"question": "Hi", "chosen": "Yes.", "rejected": "No."},
        {"instruction": "Hi", "input": "", "chosen": "Yes.", "rejected": "No."},
        {"conversations": [said("human", "Hi")], "chosen": "Yes.", "rejected": "No."},
        {
            "conversations": [said("human", "Hi")],
            "chosen": said("gpt", "Yes."),
            "rejected": said("gpt", "No."),
        },
        {"messages": [HI, MID], "chosen": [A], "rejected": [B]},
        {"chosen": [turn("human", "Hi"), A], "rejected": [HI, turn("gpt", "No.")]},
        {"chosen": [parts(HI), parts(A)], "rejected": [parts(HI), parts(B)]},
    ],
)
def test_shapes_that_trl_does_not_know(row):
    found = read(row)
    assert found.prompt == (Message("user", "Hi"),)
    assert (found.chosen.text, found.rejected.text) == ("Yes.", "No.")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"prompt": "Other", "chosen": [HI, A], "rejected": [HI, B]}, "it has 2 messages"),
        ({"chosen": [HI, A, WHY, A], "rejected": [HI, B, WHY, B]}, "it has 3 messages"),
        (
            {"prompt": [HI, MID], "chosen": [A], "rejected": [B]},
            "ends with a turn of the assistant",
        ),
        ({"prompt": [S], "chosen": [A], "rejected": [B]}, "ends with a turn of the system"),
        ({"chosen": [A], "rejected": [B]}, "holds no message for the model to answer"),
    ],
)
def test_what_trl_trains_on_that_is_no_answer(row, problem):
    with pytest.raises(UserError, match=problem):
        read(row)
