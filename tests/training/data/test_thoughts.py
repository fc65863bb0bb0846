"""Thoughts in what is trained: which tokens they are, and that nothing is left of an answer."""

import pytest
from datasets import Dataset

from primum.engines.models.chat import ChatFormat
from primum.errors import UserError
from primum.messages import Answer, Message
from primum.training.data.datasets import group_set
from primum.training.data.encoding import encode
from primum.training.data.groups import group_by_prompt
from tests.tiny import tiny_tokenizer
from tests.training.samples import config

QUESTION = (Message("user", "what is law"),)
THINKING = (
    "{% set known = '</think>' %}{% for m in messages %}"
    "{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and not enable_thinking %}"
    "{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}"
)
OPENING = THINKING.replace("{% if enable_thinking is", "{{ '<think>\n' }}{% if false and x is")


def chat_of(template):
    return ChatFormat(tiny_tokenizer(template))


@pytest.mark.parametrize("template", [THINKING, OPENING])
def test_the_thought_comes_first_and_its_marks_belong_to_it(template):
    chat = chat_of(template)
    found = encode(chat, QUESTION, Answer("the fox", "a quick law"), 300, row=0)
    own = found.ids[found.start + found.thought :]
    assert chat.decode(own) == "the fox"
    thought = chat.decode(found.ids[found.start : found.start + found.thought])
    opening = "<think>\n" if template == THINKING else ""
    assert thought == f"{opening}a quick law\n</think>\n\n"


def test_no_thought_is_none_and_an_empty_one_is_its_marks():
    chat = chat_of(THINKING)
    assert encode(chat, QUESTION, Answer("the fox"), 300, row=0).thought == 0
    empty = encode(chat, QUESTION, Answer("the fox", ""), 300, row=0)
    marks = chat.decode(empty.ids[empty.start : empty.start + empty.thought])
    assert marks == "<think>\n\n</think>\n\n"


def test_where_thinking_was_off_the_prompt_is_written_so():
    chat = chat_of(THINKING)
    found = encode(chat, QUESTION, Answer("the fox"), 300, row=0, thinking="off")
    assert chat.decode(found.ids[: found.start]).endswith("<think>\n\n</think>\n\n")
    assert chat.decode(found.ids[found.start :]) == "the fox"


def test_nothing_but_a_thought_cannot_be_trained_with_weight_zero(tmp_path):
    turn = {"role": "assistant", "content": "the fox", "reasoning_content": "law " * 100}
    other = {"role": "assistant", "content": "a quick fox", "reasoning_content": "law"}
    row = {"prompt": [{"role": "user", "content": "a"}], "chosen": [turn], "rejected": [other]}
    data = Dataset.from_list([row])
    chat = chat_of(THINKING)
    settings = {"loss": "simpo", "max_length": 100}
    with pytest.raises(UserError, match="row 0: thought_weight is 0, and within max_length 100"):
        group_set(data, chat, config(tmp_path, thought_weight=0.0, **settings))
    assert len(group_set(data, chat, config(tmp_path, **settings))) == 1


def messages(text, thought=None):
    turn = {"role": "assistant", "content": text}
    return [turn if thought is None else {**turn, "reasoning_content": thought}]


def grouped(chosen, rejected, template=THINKING):
    row = {"prompt": [{"role": "user", "content": "a"}], "chosen": chosen, "rejected": rejected}
    chat = chat_of(template)
    [group] = group_by_prompt(Dataset.from_list([row]), chat, max_length=300, loss="simpo").items
    return group.responses


def test_thoughts_between_marks_in_a_text_are_thoughts():
    found = grouped(messages("<think>\nlaw\n</think>\n\nfox"), messages("<think>a</think>b"))
    apart = grouped(messages("fox", "law"), messages("b", "a"))
    assert [each.ids.tolist() for each in found] == [each.ids.tolist() for each in apart]
    assert all(each.thought for each in found)
    unclosed = grouped(messages("<think>law"), messages("<think>a"))
    assert not any(each.thought for each in unclosed)


def test_where_the_template_opens_the_thought_the_closing_mark_is_enough():
    """As in what DeepSeek-R1 and its like write, kept as text."""
    texts = messages("law\n</think>\n\nfox"), messages("a</think>b")
    apart = messages("fox", "law"), messages("b", "a")
    for template in (OPENING, THINKING):
        same = [
            kept.ids.tolist() == split.ids.tolist()
            for kept, split in zip(
                grouped(*texts, template), grouped(*apart, template), strict=True
            )
        ]
        assert same == [template == OPENING] * 2


def test_pairs_of_two_forms_are_trained_and_named(caplog):
    assert [bool(each.thought) for each in grouped(messages("fox", ""), messages("law"))] == [
        True,
        False,
    ]
    assert "in 1 of 1 pairs one side has a thought and the other has none" in caplog.text
    caplog.clear()
    grouped(messages("fox", ""), messages("law", "a"))
    assert not caplog.text
