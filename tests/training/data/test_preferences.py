import pytest
from datasets import Dataset

from primum.errors import UserError
from primum.messages import Answer, Message
from primum.training.data.preferences import read_preferences


def read(rows: list[dict], loss: str = "simpo"):
    return list(read_preferences(Dataset.from_list(rows), loss=loss))


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def test_conversations_with_a_prompt():
    row = {"prompt": [user("a")], "chosen": [assistant("b")], "rejected": [assistant("c")]}
    (found,) = read([row])
    assert found.prompt == (Message("user", "a"),)
    assert (found.chosen.text, found.rejected.text) == ("b", "c")
    assert found.chosen_scores is None


def test_conversations_that_both_begin_with_the_prompt():
    turns = [user("a"), assistant("b"), user("c")]
    row = {"chosen": [*turns, assistant("d")], "rejected": [*turns, assistant("e")]}
    (found,) = read([row])
    assert [turn.content for turn in found.prompt] == ["a", "b", "c"]
    assert (found.chosen.text, found.rejected.text) == ("d", "e")


def test_equal_conversations_keep_their_last_turn_as_response():
    row = {"chosen": [user("a"), assistant("b")], "rejected": [user("a"), assistant("b")]}
    (found,) = read([row])
    assert (found.chosen.text, found.rejected.text) == ("b", "b")


def test_text_with_and_without_a_prompt():
    (explicit,) = read([{"prompt": "Q", "chosen": " yes", "rejected": " no"}])
    (implicit,) = read([{"chosen": "Q is yes", "rejected": "Q is no"}])
    assert (explicit.prompt, explicit.chosen.text) == ("Q", " yes")
    assert (implicit.prompt, implicit.chosen.text, implicit.rejected.text) == (
        "Q is",
        " yes",
        " no",
    )


@pytest.mark.parametrize(
    ("names", "values", "expected"),
    [
        (("chosen_scores", "rejected_scores"), ([9.0, 2.0], [3.0, 4.0]), ((9.0, 2.0), (3.0, 4.0))),
        (("score_chosen", "score_rejected"), (8, 1), ((8.0,), (1.0,))),
    ],
)
def test_scores(names, values, expected):
    row = {"prompt": "Q", "chosen": "a", "rejected": "b"} | dict(zip(names, values, strict=True))
    (found,) = read([row], loss="spa")
    assert (found.chosen_scores, found.rejected_scores) == expected


GOOD = {"prompt": "Q", "chosen": "a", "rejected": "b", "score_chosen": 2.0, "score_rejected": 1.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chosen": " \n"}, "row 1 has an empty chosen response"),
        ({"rejected": ""}, "row 1 has an empty rejected response"),
        ({"prompt": ""}, "row 1 has an empty prompt"),
        ({"score_rejected": None}, "row 1: score_rejected has a missing score"),
        ({"score_chosen": float("nan")}, "row 1: score_chosen has a missing score"),
        ({"chosen": None}, "row 1 mixes text and chat messages"),
    ],
)
def test_a_bad_row_is_named(change, message):
    with pytest.raises(UserError, match=message):
        read([GOOD, GOOD | change], loss="spa")


CALLING = {"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}
CHAT = {"prompt": [user("a")], "chosen": [assistant("b")], "rejected": [assistant("c")]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chosen": [user("b")]}, "row 1: chosen must be one assistant message"),
        ({"chosen": [assistant("b"), assistant("d")]}, "it has 2 messages"),
        ({"chosen": []}, "it has 0 messages"),
        ({"prompt": []}, "row 1: prompt holds no message"),
        ({"chosen": [assistant("  ")]}, r"row 1: chosen\[0\].content is empty"),
        ({"chosen": [{"role": "assistant", "content": None}]}, r"chosen\[0\].content should be"),
        (
            {"prompt": [user("a"), assistant("b")]},
            "row 1: prompt ends with a turn of the assistant",
        ),
        ({"chosen": [CALLING]}, "row 1: chosen is a tool call, and only answers in words"),
        ({"chosen": [user("z"), assistant("b")]}, r"it has 2 messages \(user, assistant\)"),
    ],
)
def test_a_bad_conversation_is_named(change, message):
    with pytest.raises(UserError, match=message):
        read([CHAT, CHAT | change])


def test_messages_without_role_or_content():
    with pytest.raises(UserError, match=r"row 0: chosen\[0\] has the role None"):
        read([{"prompt": ["a"], "chosen": [{"text": "b"}], "rejected": [{"text": "c"}]}])


def test_columns_that_are_missing_are_named():
    with pytest.raises(UserError, match="no column chosen and no column rejected; it has text"):
        read([{"text": "a"}])
    with pytest.raises(UserError, match="use the loss simpo"):
        read([{"prompt": "Q", "chosen": "a", "rejected": "b"}], loss="spa")


def test_numbers_of_scores_that_differ():
    row = {"prompt": "Q", "chosen": "a", "rejected": "b"}
    two, one = {"chosen_scores": [1.0, 2.0], "rejected_scores": [0.0, 1.0]}, [1.0]
    with pytest.raises(UserError, match="row 0 has 2 scores for the chosen response but 1"):
        read([row | two | {"rejected_scores": one}], loss="spa")
    with pytest.raises(UserError, match="row 1 has 1 scores, but the rows before it 2"):
        read([row | two, row | {"chosen_scores": one, "rejected_scores": one}], loss="spa")


def test_tools_go_in_front_of_the_prompt():
    (found,) = read([CHAT | {"tools": [{"name": "search"}]}])
    assert [turn.role for turn in found.prompt] == ["tools", "user"]
    with pytest.raises(UserError, match="row 0 has tools beside a prompt that is text"):
        read([GOOD | {"tools": [{"name": "search"}]}])
    with pytest.raises(UserError, match="row 0 has system beside a prompt that is text"):
        read([GOOD | {"system": "Be brief."}])
    assert read([GOOD | {"system": "", "tools": []}])[0].prompt == "Q"


@pytest.mark.parametrize(
    ("score", "problem"),
    [
        ("high", "row 1 .prompt_id p7.: score_chosen holds 'high', which is no number"),
        ("inf", "holds 'inf', which is no number"),
        ("", "has a missing score"),
    ],
)
def test_scores_as_text(score, problem):
    row = GOOD | {"score_chosen": " 7.5", "score_rejected": "2", "prompt_id": "p7"}
    found = read([row], loss="spa")[0]
    assert (found.chosen_scores, found.rejected_scores) == ((7.5,), (2.0,))
    with pytest.raises(UserError, match=problem):
        read([row, row | {"score_chosen": score}], loss="spa")


def test_a_truth_value_is_no_score():
    with pytest.raises(UserError, match="holds True, which is no number"):
        read([GOOD | {"score_chosen": True}], loss="spa")


def test_a_thought_of_an_answer_is_kept():
    row = CHAT | {"chosen": [{"role": "assistant", "content": "b", "reasoning_content": "t"}]}
    assert read([row])[0].chosen == Answer("b", "t")


def test_a_response_that_was_cut_is_known_as_such():
    rows = [
        {"prompt": "Q", "chosen": "a", "rejected": "b", "chosen_finish": "stop"}
        | {"rejected_finish": "length"}
    ]
    (found,) = read(rows)
    assert (found.chosen.cut, found.rejected.cut) == (False, True)
