"""A trainer on thoughts: their weight reaches the loss, and without thoughts nothing changes."""

import pytest
from datasets import Dataset

from primum.training import PriorityTrainer
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.data.test_thoughts import THINKING
from tests.training.samples import config, preference_rows


def losses(folder, rows, **settings):
    trainer = PriorityTrainer(
        tiny_model(),
        config(folder, max_steps=2, prompts_per_step=2, **settings),
        Dataset.from_list(rows),
        processing_class=tiny_tokenizer(THINKING),
    )
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def with_thoughts(rows):
    return [
        {
            **row,
            **{
                side: [{**row[side][0], "reasoning_content": f"law {row[side][0]['content']}"}]
                for side in ("chosen", "rejected")
            },
        }
        for row in rows
    ]


@pytest.mark.parametrize("loss", ["spa", "dpo"])
def test_the_weight_reaches_the_loss_and_only_that_of_thoughts(tmp_path, loss):
    rows = preference_rows(prompts=2, responses=3)
    plain = losses(tmp_path / "a", rows, loss=loss)
    assert losses(tmp_path / "b", rows, loss=loss, thought_weight=0.25) == plain
    thoughtful = with_thoughts(rows)
    found = [
        losses(tmp_path / str(weight), thoughtful, loss=loss, thought_weight=weight)
        for weight in (0.0, 0.5, 1.0)
    ]
    assert len({tuple(each) for each in found}) == 3
