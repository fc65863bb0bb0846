"""What the losses demand of pairs beside two responses, and what they say where it is not there."""

import pytest
from datasets import Dataset

from primum.engines.models.chat import ChatFormat
from primum.errors import UserError
from primum.training.data.groups import group_by_prompt
from primum.training.data.preferences import read_preferences
from primum.training.data.sources import load_pairs
from tests.tiny import tiny_tokenizer

PAIR = {"prompt": "Q", "chosen": "a", "rejected": "b"}
MARKED = PAIR | {"chosen_met": True, "rejected_met": False}
SCORED = PAIR | {"chosen_scores": [2.0, 5.0, 9.0], "rejected_scores": [4.0, 1.0, 8.0]}


def read(rows, loss):
    return list(read_preferences(Dataset.from_list(rows), loss=loss))


def grouped(rows, loss):
    chat = ChatFormat(tiny_tokenizer())
    return group_by_prompt(Dataset.from_list(rows), chat, max_length=50, loss=loss)


@pytest.mark.parametrize("loss", ["simpo", "dpo", "sft", "ipo", "orpo"])
def test_most_losses_demand_nothing(loss):
    [found] = read([PAIR], loss)
    assert (found.chosen_scores, found.met) == (None, None)


@pytest.mark.parametrize("loss", ["safedpo", "bfpo"])
def test_marks_are_read(loss):
    other = MARKED | {"rejected_met": True}
    assert [one.met for one in read([MARKED, other], loss)] == [(True, False), (True, True)]
    [group] = grouped([MARKED, other], loss).items
    assert group.met.tolist() == [[True, False], [True, True]]
    assert group.others is None


@pytest.mark.parametrize("loss", ["safedpo", "bfpo"])
def test_data_without_marks_is_refused(loss):
    said = f"the loss {loss} asks whether .* has no chosen_met and rejected_met; .* loss dpo"
    with pytest.raises(UserError, match=said):
        read([PAIR | {"chosen_met": True}], loss)


def test_a_missing_mark_names_its_row():
    said = "row 1: rejected_met is missing.*pairing.thresholds"
    with pytest.raises(UserError, match=said):
        read([MARKED, MARKED | {"rejected_met": None}], "bfpo")


def test_marks_of_tables_of_text_and_numbers(tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("prompt,chosen,rejected,chosen_met,rejected_met\nQ,a,b,True,false\nQ,b,a,1,0\n")
    found = read_preferences(load_pairs(str(file)), loss="safedpo")
    assert [one.met for one in found] == [(True, False), (True, False)]
    [found] = read([PAIR | {"chosen_met": 1.0, "rejected_met": 0.0}], "safedpo")
    assert found.met == (True, False)
    with pytest.raises(UserError, match="row 0: chosen_met holds 'perhaps'; write true or false"):
        read([PAIR | {"chosen_met": "perhaps", "rejected_met": "no"}], "safedpo")


def test_a_pair_that_safety_would_turn_round_is_refused_by_safedpo_alone():
    turned = MARKED | {"chosen_met": False, "rejected_met": True}
    with pytest.raises(UserError, match=r"row 1: the chosen .* misses .* pairing\.rule=safe"):
        read([MARKED, turned], "safedpo")
    assert read([turned], "bfpo")[0].met == (False, True)


def test_the_other_objectives_margin_is_their_mean_difference():
    [group] = grouped([SCORED, SCORED | {"chosen_scores": [4.0, 1.0, 8.0]}], "modpo").items
    assert group.others.tolist() == [(2 - 4 + 5 - 1) / 2, 0.0]
    assert group.met is None


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([PAIR], "the loss modpo takes .* for a margin, but .* use the loss dpo"),
        ([PAIR | {"score_chosen": 2, "score_rejected": 1}], "row 0 has one score per response"),
        (
            [SCORED, SCORED | {"chosen_scores": [9.0, 9.0, 7.0]}],
            "row 1: .* lower score on the last objective .7 against 8.*pairing.rule=weighted",
        ),
    ],
)
def test_what_modpo_cannot_weigh(rows, said):
    with pytest.raises(UserError, match=said):
        grouped(rows, "modpo")


def test_other_marks_or_margins_are_other_data():
    one = grouped([MARKED], "bfpo").fingerprint()
    assert grouped([MARKED | {"rejected_met": True}], "bfpo").fingerprint() != one
    other = SCORED | {"chosen_scores": [3.0, 4.5, 9.0]}
    assert grouped([SCORED], "modpo").fingerprint() != grouped([other], "modpo").fingerprint()
