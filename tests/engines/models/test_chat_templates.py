"""Templates that lose, change, refuse or know more than turns of text."""

import json

import pytest
from tokenizers import Tokenizer

from primum.engines.models.chat import ChatFormat
from primum.engines.models.chat.guarding import Guard
from primum.engines.models.chat.templates import turn_dicts
from primum.errors import UserError
from primum.messages import Answer, Message
from tests.engines.models.families import family, finished
from tests.tiny import CHATML, tiny_tokenizer

SYSTEM, USER = Message("system", "Be kind and brief."), Message("user", "What is the law?")


def rendered(template, *messages: Message) -> str:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = template
    return tokenizer.decode(ChatFormat(tokenizer).prompt_ids(messages))


def only(*roles: str) -> str:
    """A template that writes these roles' turns alone."""
    return f"{{% for m in messages if m.role in {list(roles)} %}}{{{{ m.content }}}} {{% endfor %}}"


def test_a_system_turn_that_a_template_drops_opens_the_users():
    assert rendered(only("user", "assistant"), SYSTEM, USER) == (
        "Be kind and brief.\n\nWhat is the law? "
    )
    phi = ChatFormat(family("phi3"))
    assert "Be kind" in phi.tokenizer.decode(phi.prompt_ids((SYSTEM, USER)))
    assert not phi.takes_system
    assert ChatFormat(tiny_tokenizer()).takes_system


@pytest.mark.parametrize(
    ("template", "messages", "said"),
    [
        (only("system"), (SYSTEM, USER), r"the user's turn \('What is the law\?'…\): it leaves it"),
        (only("user"), (USER, Message("assistant", "Hm."), USER), r"the assistant's turn \('Hm\.'"),
        (
            "{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}",
            (USER,),
            "writes it 2 times",
        ),
        ("{% for m in messages %}{{ m.content[:9] }}{% endfor %}", (USER,), "leaves it out"),
        (
            "{% for m in messages %}{{ m.content | replace('law', 'word') }}{% endfor %}",
            (USER,),
            "changes its text",
        ),
        (
            "{{ raise_exception('not today') }}",
            (USER,),
            "cannot write this conversation .not today",
        ),
        (CHATML, (USER, Message("tools", "[]")), "knows no tools"),
        (CHATML, (USER, Message("assistant", "", tool_calls="[]"), USER), "knows no calls"),
    ],
)
def test_what_a_template_would_lose_is_refused_by_name(template, messages, said):
    with pytest.raises(UserError, match=said):
        rendered(template, *messages)
    tokenizer = tiny_tokenizer(template)
    with pytest.raises(UserError, match=said):
        ChatFormat(tokenizer).check(messages)


def test_a_system_turn_may_stand_at_another_place():
    """As in Mistral's later templates, which put it into the last user turn."""
    template = (
        "{% for m in messages if m.role != 'system' %}"
        "{% if loop.last %}{{ messages[0].content + '\n' }}{% endif %}"
        "{{ m.content + '\n' }}{% endfor %}"
    )
    found = rendered(template, SYSTEM, USER, Message("assistant", "Hm."), Message("user", "And?"))
    assert found == "What is the law?\nHm.\nBe kind and brief.\nAnd?\n"


def test_of_several_templates_the_default_is_taken():
    for several in (
        {"default": CHATML, "rag": "no"},
        [{"name": "default", "template": CHATML}, {"name": "rag", "template": "no"}],
    ):
        assert rendered(several, USER) == rendered(CHATML, USER)
    with pytest.raises(UserError, match="none is named default"):
        rendered({"rag": CHATML}, USER)


def test_a_template_sees_the_texts_themselves():
    template = "{% for m in messages %}{{ m.content | length }} {{ m.content }}{% endfor %}"
    assert rendered(template, USER) == "16 What is the law?"


def test_a_template_that_asks_for_the_day_is_always_told_the_same():
    for asked in ("strftime_now('%d %b %Y')", 'strftime_now ( format = "%d %b %Y" )'):
        template = "{{ " + asked + " }}: {{ messages[0].content }}"
        assert rendered(template, USER) == "01 Jan 2026: What is the law?"
    template = "{% set form = '%d' %}{{ strftime_now(form) }}{{ messages[0].content }}"
    with pytest.raises(UserError, match="in a form that it makes up"):
        rendered(template, USER)
    guarded = "{% if strftime_now is defined %}{{ strftime_now('%Y') }} {% endif %}"
    assert rendered(guarded + CHATML, USER).startswith("2026 ")


def test_a_thought_has_the_name_by_which_the_template_asks():
    """Later versions of Transformers give it by both names themselves."""
    turn = Message("assistant", "Yes.", "Hm.")
    for source in ("{{ message.thinking }}", "{{ m.reasoning_content }}"):
        [given] = turn_dicts([turn], ["Yes."], source, None, str)
        assert (given["thinking"], given["reasoning_content"]) == ("Hm.", "Hm.")


TOOLS = [{"type": "function", "function": {"name": "search", "description": "<|im_end|>"}}]
CALLS = [
    {
        "id": "a1",
        "type": "function",
        "function": {"name": "search", "arguments": '{"q": "<|im_end|>"}'},
    }
]


def test_tools_calls_and_what_they_return_reach_the_template_as_text():
    chat = ChatFormat(family("qwen3"))
    messages = (
        Message("tools", json.dumps(TOOLS)),
        USER,
        Message("assistant", "", tool_calls=json.dumps(CALLS)),
        Message("tool", "<|im_end|>", tool_call_id="a1"),
    )
    ids = chat.prompt_ids(messages)
    text = chat.tokenizer.decode(ids)
    assert '{"type": "function", "function": {"name": "search"' in text
    assert '{"name": "search", "arguments": {"q": "<|im_end|>"}}' in text
    assert "<|im_start|>tool\n<|im_end|><|im_end|>" in text
    end, call = chat.tokenizer.convert_tokens_to_ids(["<|im_end|>", "<tool_call>"])
    assert (ids.count(end), ids.count(call)) == (4, 1)


def test_a_template_of_its_own_is_taken_where_there_are_tools():
    several = {"default": CHATML, "tool_use": "{{ tools[0].function.name }}: " + CHATML}
    assert rendered(several, Message("tools", json.dumps(TOOLS)), USER).startswith("search: ")


@pytest.mark.parametrize("dropped", ["tools", "message.tool_calls"])
def test_a_function_that_a_template_mentions_but_does_not_write_is_refused(dropped):
    """As where definitions are written beside a setting alone that nobody gives."""
    both = (
        "{{ tools | tojson }}{% for message in messages %}"
        "{{ message.content }}{{ message.tool_calls | default(0) | tojson }}{% endfor %}"
    )
    messages = (
        Message("tools", json.dumps(TOOLS)),
        USER,
        Message("assistant", "", tool_calls=json.dumps(CALLS)),
        Message("tool", "42", tool_call_id="a1"),
    )
    assert rendered(both, *messages)
    template = both.replace(f"{dropped} |", f"({dropped} if builtin is defined else 0) |")
    with pytest.raises(UserError, match="leaves out the function 'search'"):
        rendered(template, *messages)


@pytest.mark.parametrize("text", ["{", '{"name": "search"}'])
def test_tools_that_are_no_list_are_refused(text):
    with pytest.raises(UserError, match="no JSON"):
        rendered({"default": "{{ tools }}" + CHATML}, Message("tools", text), USER)


def test_the_private_spellings_of_tokens_are_text_too():
    chat = ChatFormat(tiny_tokenizer())
    private = chat._guard.private("<|im_end|>")
    ids = chat.prompt_ids([Message("user", f"a {private} b")])
    assert ids.count(2) == 1
    assert private in chat.tokenizer.decode(ids)
    found = chat.answered_ids([USER], Answer(private))
    assert found.ids.count(2) == 2


def test_a_tokenizer_that_finds_its_tokens_behind_spaces_alone_writes_the_templates():
    """As the first ones of Llama 2, whose tokens were looked for after a space was put in front."""
    own = family("zephyr")
    description = json.loads(own.backend_tokenizer.to_str())
    for token in description["added_tokens"]:
        token["normalized"] = True
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    tokenizer = finished(Tokenizer.from_str(json.dumps(description)), own.chat_template, **names)
    chat = ChatFormat(tokenizer)
    found = chat.answered_ids([Message("user", "Hi</s> </s>")], Answer("I.</s> </s>"))
    assert found.ids.count(tokenizer.eos_token_id) == 2
    assert not found.moved
    assert tokenizer.convert_ids_to_tokens(found.ids[found.start]) == "I"


def test_a_tokenizer_written_in_python_is_used_piece_by_piece(monkeypatch):
    messages = [
        SYSTEM,
        Message("user", "a <|im_end|> b <|im_"),
        Message("assistant", "the fox"),
        USER,
    ]
    own = ChatFormat(tiny_tokenizer()).prompt_ids(messages)
    monkeypatch.setattr(Guard, "_twin", None)
    assert ChatFormat(tiny_tokenizer()).prompt_ids(messages) == own
