"""Conversations in the shapes in which data sets hold them."""

import json

import pytest
from datasets import Dataset

from primum.errors import UserError
from primum.messages import Message, as_dicts
from primum.prompts import load_prompts, prompt_id
from primum.prompts.rows import Row, conversation_of, entry_of

TOOL = {"name": "weather", "description": "Of a city.", "parameters": {"type": "object"}}
WRAPPED = {"type": "function", "function": TOOL}
CALL = {"type": "function", "function": {"name": "weather", "arguments": {"city": "Łódź"}}}
ASKED = Message("user", "Is it raining?")
CALLED = Message("assistant", "", tool_calls=json.dumps([CALL], ensure_ascii=False))
TOLD = Message("tool", '{"rain": true}')
DEFINED = Message("tools", json.dumps([WRAPPED]))


def said(**values):
    return conversation_of(Row("p.jsonl, line 2", values))


def failure(**values):
    with pytest.raises(UserError) as caught:
        said(**values)
    text = str(caught.value)
    assert text.startswith("p.jsonl, line 2: ")
    return text


def openai(*turns):
    return [{"role": role, "content": content} for role, content in turns]


def sharegpt(*turns):
    return [{"from": role, "value": value} for role, value in turns]


TALK = (
    Message("system", "Be brief."),
    Message("user", "Hi"),
    Message("assistant", "Hello."),
    Message("user", "Why?"),
)


@pytest.mark.parametrize(
    "values",
    [
        {"prompt": as_dicts(TALK)},
        {"prompt": list(TALK)},
        {"messages": [*as_dicts(TALK), *openai(("assistant", "So."))]},
        {"messages": openai(("developer", "Be brief."), *((t.role, t.content) for t in TALK[1:]))},
        {
            "messages": [
                {"role": turn.role, "content": [{"type": "text", "text": turn.content}]}
                for turn in TALK
            ]
        },
        {
            "conversations": sharegpt(
                ("system", "Be brief."),
                ("human", "Hi"),
                ("gpt", "Hello."),
                ("human", "Why?"),
                ("gpt", "So."),
            )
        },
        {"conversations": as_dicts(TALK)},
        {"system": "Be brief.", "conversations": as_dicts(TALK[1:])},
        {"system": "Be brief.", "messages": as_dicts(TALK)},
        {
            "instruction": "Why?",
            "input": "",
            "output": "So.",
            "system": "Be brief.",
            "history": [["Hi", "Hello."]],
        },
    ],
)
def test_one_conversation_in_many_shapes(values):
    assert said(**values) == TALK


@pytest.mark.parametrize(
    "values",
    [
        {
            "tools": [WRAPPED],
            "messages": [
                *openai(("user", "Is it raining?")),
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "content": TOLD.content},
            ],
        },
        {
            "tools": json.dumps([TOOL]),
            "messages": [
                *openai(("user", "Is it raining?")),
                {
                    "role": "assistant",
                    "function_call": {"name": "weather", "arguments": '{"city": "Łódź"}'},
                },
                {"role": "function", "name": "weather", "content": TOLD.content},
                *openai(("assistant", "Yes.")),
            ],
        },
        {
            "tools": json.dumps([TOOL]),
            "conversations": sharegpt(
                ("human", "Is it raining?"),
                ("function_call", json.dumps(CALL["function"])),
                ("observation", TOLD.content),
                ("gpt", "Yes."),
            ),
        },
        {"prompt": as_dicts([DEFINED, ASKED, CALLED, TOLD])},
        {"prompt": [DEFINED, ASKED, CALLED, TOLD]},
    ],
)
def test_tools_and_calls_in_many_shapes(values):
    assert said(**values) == (DEFINED, ASKED, CALLED, TOLD)


def test_a_row_that_has_tools_system_and_both_in_order():
    found = said(system="Be brief.", prompt=as_dicts([DEFINED, ASKED]))
    assert [turn.role for turn in found] == ["tools", "system", "user"]
    found = said(tools=[TOOL], prompt=as_dicts([TALK[0], ASKED]))
    assert [turn.role for turn in found] == ["tools", "system", "user"]
    assert said(tools=[], system="", prompt="Hi") == (Message("user", "Hi"),)


def test_the_keys_that_a_table_fills_with_null_are_none():
    rows = [
        {"prompt": openai(("user", "a"))},
        {
            "prompt": [
                *openai(("user", "b")),
                {"role": "assistant", "tool_calls": [CALL | {"id": "c1"}]},
                {"role": "tool", "content": "d", "tool_call_id": "c1"},
            ]
        },
    ]
    plain, called = (entry_of(Row("r", row)).messages for row in Dataset.from_list(rows))
    assert plain == (Message("user", "a"),)
    assert json.loads(called[1].tool_calls) == [CALL | {"id": "c1"}]
    assert called[2] == Message("tool", "d", tool_call_id="c1")


@pytest.mark.parametrize("key", ["reasoning_content", "thinking", "reasoning"])
def test_earlier_thoughts_are_kept(key):
    turns = [*openai(("user", "a")), {"role": "assistant", "content": "b", key: "t"}]
    assert said(prompt=[*turns, *openai(("user", "c"))])[1] == Message("assistant", "b", "t")


def test_parts_of_text_are_lines_and_a_part_may_be_a_thought():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b", "image_url": None}]
    assert said(prompt=[{"role": "user", "content": parts}]) == (Message("user", "a\nb"),)
    parts = [{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "b"}]
    turns = [
        *openai(("user", "a")),
        {"role": "assistant", "content": parts},
        *openai(("user", "c")),
    ]
    assert said(prompt=turns)[1] == Message("assistant", "b", "t")


def test_ids_cover_what_plain_conversations_do_not_have():
    assert prompt_id([Message("user", "How are you?")]) == "8cbe8d663ebefed3"
    assert prompt_id(TALK) == "cb4de77a6e008852"
    answers = [
        Message("assistant", "b"),
        Message("assistant", "b", "t"),
        Message("assistant", "b", "u"),
        Message("assistant", "b", tool_calls="t"),
        Message("assistant", "b", tool_call_id="t"),
    ]
    assert len({prompt_id([ASKED, answer, ASKED]) for answer in answers}) == 5


IMAGE = {"type": "image_url", "image_url": {"url": "data:"}}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"prompt": [{"role": "user", "content": [IMAGE]}]}, "part of type 'image_url'"),
        ({"prompt": [{"role": "user", "content": ["a"]}]}, "content[0] should be a part with"),
        ({"prompt": [{"role": "user", "content": []}]}, "prompt[0].content should be text"),
        ({"prompt": openai(("user", "a"), ("assistant", None))}, "[1].content should be text"),
        ({"conversations": sharegpt(("alien", "a"))}, "conversations[0] has the role 'alien'"),
        ({"conversations": "a"}, "conversations should be a list of chat messages"),
        ({"messages": openai(("user", "a"), ("system", "b"))}, "[1] is a system message"),
        ({"prompt": as_dicts([ASKED, DEFINED])}, "prompt[1] defines tools, which can only"),
        ({"prompt": [{"role": "tools", "content": "[]"}]}, "prompt[0] defines no tools"),
        ({"prompt": "a", "tools": "weather"}, "tools, line 1: malformed JSON"),
        ({"prompt": "a", "tools": 7}, "tools should be a list"),
        ({"prompt": "a", "tools": [{"x": 1}]}, "tools[0] should name a function"),
        ({"prompt": "a", "system": 7}, "system should be text"),
        ({"prompt": as_dicts(TALK), "system": "Be long."}, "system differs from what the"),
        ({"instruction": "a", "input": 7}, "input should be text, and is a number"),
        ({"instruction": "a", "history": [["b"]]}, "history should be a list of pairs"),
        ({"instruction": "a", "history": "b"}, "history should be a list of pairs"),
        (
            {"prompt": [{"role": "user", "content": "a", "tool_calls": [CALL]}]},
            "prompt[0] is a turn of the user, and only the assistant's",
        ),
        (
            {"prompt": [{"role": "assistant", "function_call": {"name": "f", "arguments": "[1]"}}]},
            "should have arguments that are a JSON object",
        ),
        (
            {"prompt": [{"role": "assistant", "tool_calls": [{"id": "x"}]}]},
            "prompt[0].tool_calls[0] should name a function",
        ),
    ],
)
def test_what_is_wrong_is_named(values, problem):
    assert problem in failure(**values)


def test_a_list_of_sharegpt_turns_is_a_conversation():
    turns = sharegpt(("human", "a"))
    assert load_prompts([turns, "b"], heldout=0.5, seed=0).prompts[0].messages[0].content == "a"
    with pytest.raises(UserError, match="is a single message"):
        load_prompts(turns, heldout=0.5, seed=0)
