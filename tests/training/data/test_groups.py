import logging

import pytest
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import processors

from primum.engines.models.chat import ChatFormat
from primum.errors import UserError
from primum.messages import Answer, Message
from primum.training.data.encoding import encode
from primum.training.data.groups import group_by_prompt
from tests.tiny import tiny_tokenizer
from tests.training.samples import preference_rows, preferences

CHAT = ChatFormat(tiny_tokenizer())
QUESTION = (Message("user", "the fox? " * 6),)


def grouped(data: Dataset, **kwargs):
    settings = {"max_length": 300, "loss": "spa"} | kwargs
    return group_by_prompt(data, CHAT, **settings)


def test_each_distinct_response_is_there_once():
    groups = grouped(preferences(prompts=3, responses=5))
    assert [len(group.responses) for group in groups.items] == [5, 5, 5]
    assert [len(group.pairs) for group in groups.items] == [10, 10, 10]
    assert (len(groups), groups.pairs, groups.responses) == (3, 30, 15)
    assert groups.truncated == groups.moved == 0


def test_rows_of_one_prompt_need_not_stand_together():
    rows = preference_rows(prompts=3)
    shuffled = [*rows[1::2], *rows[::2]]
    one, other = grouped(Dataset.from_list(rows)), grouped(Dataset.from_list(shuffled))
    assert len(one) == len(other) == 3
    assert sorted(len(g.responses) for g in other.items) == [4, 4, 4]
    assert one.fingerprint() != other.fingerprint()


def test_a_pair_given_twice_counts_twice():
    rows = preference_rows(prompts=1, responses=2)
    groups = grouped(Dataset.from_list([*rows, *rows]))
    assert groups.responses == 2
    assert groups.pairs == 2


def test_gaps_and_pairs_without_one():
    rows = preference_rows(prompts=1, responses=2)
    rows[0] |= {"chosen_scores": [9.0, 4.0], "rejected_scores": [7.0, 6.0]}
    data = Dataset.from_list(rows)
    assert grouped(data).gapless == 1
    assert grouped(data, gap="l1").items[0].gaps.tolist() == [4.0]
    assert grouped(data, loss="simpo").items[0].gaps.tolist() == [1.0]


def test_losers_are_left_out_where_only_winners_count():
    groups = grouped(preferences(prompts=2, responses=4), loss="sft")
    assert [len(group.responses) for group in groups.items] == [3, 3]
    assert all((group.pairs[:, 0] == group.pairs[:, 1]).all() for group in groups.items)


def test_the_prompt_is_a_prefix_and_bos_stands_once():
    found = encode(CHAT, QUESTION, Answer("quick law"), 300, row=0)
    prompt = CHAT.prompt_ids(QUESTION)
    assert found.ids[: found.start].tolist() == prompt
    assert (
        found.ids[found.start :].tolist()
        == CHAT.answered_ids(QUESTION, Answer("quick law")).ids[len(prompt) :]
    )
    assert not found.moved


def test_no_end_is_trained_where_the_answer_was_cut():
    ended, cut = (encode(CHAT, QUESTION, Answer("quick law", cut=c), 300, 0) for c in (False, True))
    assert ended.ids.tolist() == [*cut.ids.tolist(), *CHAT.end_ids]
    assert ended.start == cut.start


def test_no_end_is_trained_behind_text_that_was_cut():
    for add_bos in (False, True):
        chat = text_chat(add_bos)
        found = encode(chat, "the fox:", Answer(" quick law", cut=True), 300, row=0)
        assert chat.tokenizer.eos_token_id not in found.ids.tolist()


def test_a_response_cannot_spell_a_special_token():
    found = encode(CHAT, QUESTION, Answer("a <|im_end|> b"), 300, row=0)
    assert found.ids[found.start :].tolist().count(CHAT.end_ids[0]) == 1


@given(st.integers(3, 120))
def test_truncation_cuts_the_prompt_from_the_left_and_then_the_response(length):
    whole = encode(CHAT, QUESTION, Answer("quick brown law"), 300, row=0)
    cut = encode(CHAT, QUESTION, Answer("quick brown law"), length, row=0)
    assert len(cut.ids) == min(length, len(whole.ids))
    assert len(whole.ids) - len(cut.ids) == cut.cut_prompt + cut.cut_response
    assert 1 <= cut.start < len(cut.ids)
    if cut.cut_prompt:
        assert cut.ids[0] == whole.ids[0] or cut.start == 1  # BOS stays
        assert cut.ids[cut.start - 1] == whole.ids[whole.start - 1]
    if cut.cut_response:
        assert cut.start <= 2
    else:
        assert cut.ids[cut.start :].tolist() == whole.ids[whole.start :].tolist()


def test_truncation_is_counted_and_said(caplog):
    with caplog.at_level(logging.WARNING):
        groups = grouped(preferences(prompts=2), max_length=20)
    assert groups.truncated == 8
    assert "8 of 8 responses were cut to max_length" in caplog.text


def test_nothing_left_of_a_response_is_refused():
    with pytest.raises(UserError, match="row 7: nothing is left of the response"):
        encode(CHAT, QUESTION, Answer("quick"), 1, row=7)


def text_chat(add_bos: bool) -> ChatFormat:
    tokenizer = tiny_tokenizer()
    if add_bos:
        bos = ("<|im_start|>", tokenizer.bos_token_id)
        tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
            single="<|im_start|> $A", special_tokens=[bos]
        )
    return ChatFormat(tokenizer)


@pytest.mark.parametrize("add_bos", [False, True])
@pytest.mark.parametrize("prompt", ["the fox:", "<|im_start|>the fox:"])
def test_text_has_bos_once_and_ends_once(add_bos, prompt):
    chat = text_chat(add_bos)
    found = encode(chat, prompt, Answer(" quick law"), 300, row=0)
    bos, eos = chat.tokenizer.bos_token_id, chat.tokenizer.eos_token_id
    assert found.ids.tolist().count(bos) == int(add_bos or prompt.startswith("<|"))
    assert found.ids.tolist().count(eos) == 1
    assert found.ids[-1] == eos
    assert chat.tokenizer.decode(found.ids[found.start : -1]) == " quick law"


def test_a_boundary_inside_a_merged_token_is_found_and_said(caplog):
    row = {"prompt": "the qu", "chosen": "ick", "rejected": "estion"}
    with caplog.at_level(logging.WARNING):
        groups = grouped(Dataset.from_list([row]), loss="simpo")
    (group,) = groups.items
    assert groups.moved == 2
    assert "merges the prompt's end" in caplog.text
    for response, text in zip(group.responses, ("quick", "question"), strict=True):
        assert text in CHAT.tokenizer.decode(response.ids[response.start :])


def test_no_rows():
    with pytest.raises(UserError, match="no rows"):
        grouped(preferences().select([]))
