import json

from primum.engines.openai.chats import conversation
from primum.messages import Message

TOOLS = [{"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}]


def test_tools_and_calls_are_sent_in_fields_of_their_own():
    call = {"id": "a1", "type": "function", "function": {"name": "search", "arguments": {"q": "x"}}}
    turns = (
        Message("tools", json.dumps(TOOLS)),
        Message("user", "look"),
        Message("assistant", "", thought="hm", tool_calls=json.dumps([call])),
        Message("tool", "found x", tool_call_id="a1"),
    )
    sent = conversation(turns, lambda text: text.replace("x", "y"))
    assert sent["tools"] == TOOLS
    user, assistant, tool = sent["messages"]
    assert user == {"role": "user", "content": "look"}
    assert "thought" not in str(assistant)
    assert assistant["tool_calls"][0]["function"] == {"name": "search", "arguments": '{"q": "y"}'}
    assert tool == {"role": "tool", "content": "found y", "tool_call_id": "a1", "name": "search"}


def test_a_conversation_without_tools_is_its_messages():
    assert conversation((Message("user", "Hi"),), str) == {
        "messages": [{"role": "user", "content": "Hi"}]
    }
