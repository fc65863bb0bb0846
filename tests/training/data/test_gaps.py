"""SPA weighs by the score gap: where no pair has one, training would change nothing."""

import pytest
from datasets import Dataset

from primum.errors import UserError
from primum.training.trainer import PriorityTrainer
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.samples import config, preference_rows


def swapped_scores(rows):
    """Both sides with the same sum, and another value for each objective."""
    return [{**row, "chosen_scores": [4, 1], "rejected_scores": [1, 4]} for row in rows]


def trainer(folder, rows, **settings):
    return PriorityTrainer(
        tiny_model(),
        config(folder, **settings),
        Dataset.from_list(rows),
        processing_class=tiny_tokenizer(),
    )


def test_no_gap_at_all_is_one_sentence_before_training(tmp_path):
    rows = swapped_scores(preference_rows(prompts=2))
    said = r"none of the 12 pairs has a score gap \(training.gap=paper\).*training.gap=l1.*simpo"
    with pytest.raises(UserError, match=said):
        trainer(tmp_path, rows, loss="spa")


def test_where_l1_finds_none_either_it_is_not_advised(tmp_path):
    rows = [{**row, "rejected_scores": row["chosen_scores"]} for row in preference_rows(prompts=2)]
    with pytest.raises(UserError, match=r"training.gap=l1\)") as found:
        trainer(tmp_path, rows, loss="spa", gap="l1")
    assert "compares" not in str(found.value)


@pytest.mark.parametrize(
    "settings",
    [{"loss": "spa", "gap": "l1"}, {"loss": "spa", "alpha": 0.0}, {"loss": "simpo"}],
)
def test_what_does_not_weigh_by_the_sum_trains(tmp_path, settings):
    rows = swapped_scores(preference_rows(prompts=2))
    assert trainer(tmp_path, rows, **settings).train_groups.pairs == 12


def test_one_gap_is_enough(tmp_path):
    first, *others = preference_rows(prompts=2)
    found = trainer(tmp_path, [first, *swapped_scores(others)], loss="spa")
    assert found.train_groups.gapless == 11
