"""Thoughts and answers, split; the cases are those that benchmarks/think_split_cases.py counts."""

import pytest
from benchmarks.think_split_cases import CASES, FAMILIES, split, tokenizer

from primum.engines.models.chat import ChatFormat
from primum.engines.models.thoughts import splitter_of
from primum.messages import Answer, Message


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_turn_is_split(case):
    found = split(case)
    assert (found.thought, found.text) == (case.thought, case.text)
    assert (found.missing or "").startswith(case.missing or "")
    assert (found.missing is None) == (case.missing is None)


def test_the_cases_are_many_and_different():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


ASKED = (Message("user", "What is two and two?"),)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("thought", [None, "", "Two and two.", "a\n\nb, <b>c</b>"])
def test_what_is_trained_is_split_into_what_it_was_made_of(family, thought):
    """And so a model's turn in the usual form is trained with just the tokens that it wrote."""
    chat = ChatFormat(tokenizer(family))
    if chat.marks is None and thought is not None:
        return
    opened = chat.opens_thought(ASKED)
    for text in ("It is 4.", "4\n\n- four", "</b> 4"):
        answered = chat.answered_ids(ASKED, Answer(text, thought, cut=True))
        wrote = answered.ids[answered.start :]
        found = splitter_of(chat).split(wrote, opened=opened, cut=False)
        assert (found.text, found.missing) == (text, None)
        assert found.thought == ("" if opened and thought is None else thought)
        again = chat.answered_ids(ASKED, Answer(found.text, found.thought, cut=True))
        assert again.ids == answered.ids


def test_a_prompt_cannot_open_a_thought():
    chat = ChatFormat(tokenizer("distilled in plain text"))
    for text in ("<think>", "<think>\n", "Write <think>"):
        assert not chat.opens_thought((Message("user", text),))
