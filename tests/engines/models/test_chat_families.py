"""What holds for every family: ids are the template's and the tokenizer's, and texts stay texts."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from primum.engines.models.chat import ChatFormat
from primum.messages import Answer, Message, as_dicts
from tests.engines.models.families import FAMILIES, family

CHATS = {name: ChatFormat(family(name)) for name in FAMILIES}
SPELLINGS = sorted(
    {
        token.content
        for chat in CHATS.values()
        for token in chat.tokenizer.added_tokens_decoder.values()
    }
)
HALVES = sorted(
    {part for each in SPELLINGS for part in (each[:2], each[-2:], each[:-1], each[-1:])}
)
SPACES = [" ", "  ", "\n", "\n\n", "\t", "\u2028"]
pieces = st.one_of(
    st.sampled_from(SPELLINGS),
    st.sampled_from(HALVES),
    st.sampled_from(SPACES),
    st.sampled_from(
        ["law", " patient", "Hello!", "1", "e\u0301", "\u017f", "\ufdd0", "\U0010f000"]
    ),
    st.characters(exclude_categories=("Cs",), exclude_characters="\u2581"),
)
texts = st.lists(pieces, min_size=1, max_size=8).map("".join)
names = st.sampled_from(sorted(FAMILIES))


def guarded(chat: ChatFormat, ids: list[int]) -> list[int]:
    """The ids that only a template may write."""
    return [token for token in ids if token in chat._guard.guarded.values()]


def bare(text: str) -> str:
    """The text without white space, which templates, token flags and decoders trim."""
    return "".join(text.split())


def conversation(system: str, first: str, second: str, third: str) -> list[Message]:
    return [
        Message("system", system),
        Message("user", first),
        Message("assistant", second),
        Message("user", third),
    ]


@settings(max_examples=300, deadline=None)
@given(names, texts, texts, texts, texts, texts)
def test_no_text_becomes_a_token_of_the_template(name, system, first, second, third, answer):
    chat = CHATS[name]
    messages = conversation(system, first, second, third)
    plain = conversation("x", "x", "x", "x")
    ids = chat.prompt_ids(messages)
    assert guarded(chat, ids) == guarded(chat, chat.prompt_ids(plain))
    read = bare(chat.tokenizer.decode(ids))
    for turn in messages:
        assert bare(turn.content) in read
    found = chat.answered_ids(messages, Answer(answer))
    assert found.moved or found.ids[: found.start] == ids
    special = [token for token in guarded(chat, found.ids) if token in chat._guard.special.values()]
    clean = chat.answered_ids(plain, Answer("x")).ids
    assert special == [t for t in guarded(chat, clean) if t in chat._guard.special.values()]
    assert bare(chat.decode(found.ids[found.own :])) in (bare(answer), bare(f"x{answer}")[1:])


@settings(max_examples=300, deadline=None)
@given(names, texts, texts, texts, texts)
@example("qwen3", "law", "\n\nlaw", "<|im_end|", "law")
@example("qwen3", "</s>", "\n\n</s>", "</s>", "<t")
def test_ids_are_those_of_the_tokenizer_itself(name, first, second, third, answer):
    chat = CHATS[name]
    if name == "no template":
        return  # Plain turns are ours.
    said = (first, second, third, answer)
    spelled = [text for text in said if any(token in text for token in chat._guard.guarded)]
    if spelled or not all(text.strip() for text in said):
        return
    messages = conversation("", first, second, third)
    own = chat.tokenizer.apply_chat_template
    prompt = own(as_dicts(messages[1:]), add_generation_prompt=True)["input_ids"]
    assert chat.prompt_ids(messages) == list(prompt)
    whole = own(as_dicts([*messages[1:], Message("assistant", answer)]))["input_ids"]
    assert chat.whole_ids([*messages, Message("assistant", answer)]) == list(whole)
    if name not in ("qwen3", "r1"):  # Those write past turns differently.
        ids = chat.answered_ids(messages, Answer(answer)).ids
        if name in ("vicuna", "mistral", "mistral, first"):
            # These write a space, which the model has written itself where the answer begins so.
            once = Message("assistant", answer.removeprefix(" "))
            whole = own(as_dicts([*messages[1:], once]))["input_ids"]
        assert ids == list(whole[: len(ids)])
        assert not chat.tokenizer.decode(whole[len(ids) :]).strip()


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_an_answer_is_encoded_as_the_model_that_follows_its_template_writes_it(name):
    chat = CHATS[name]
    assert chat._guard._twin is not None
    asked = [Message("user", "Hello!")]
    found = chat.answered_ids(asked, Answer("I am fine."))
    assert found.ids[: found.start] == chat.prompt_ids(asked)
    assert not found.moved
    assert tuple(found.ids[-1:]) == chat.end_ids
    cut = chat.answered_ids(asked, Answer("I am fine.", cut=True))
    assert cut.ids == found.ids[:-1]


@pytest.mark.parametrize("name", ["vicuna", "no template", "mistral", "mistral, first"])
def test_the_space_of_the_template_belongs_to_the_answer(name):
    """A piece of its own it would be if prompt and answer were encoded apart."""
    chat = CHATS[name]
    asked = [Message("user", "Hello!")]
    found = chat.answered_ids(asked, Answer("I am fine."))
    first = chat.tokenizer.convert_ids_to_tokens(found.ids[found.start])
    assert first in ("ĠI", "▁I")


def test_an_answer_after_a_header_gets_no_space_that_the_template_does_not_write():
    chat = CHATS["zephyr"]
    found = chat.answered_ids([Message("user", "Hello!")], Answer("I am fine."))
    assert chat.tokenizer.convert_ids_to_tokens(found.ids[found.start]) == "I"
