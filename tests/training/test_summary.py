import json
from dataclasses import asdict, replace

import pytest

from primum.errors import UserError
from primum.training.summary import join_summaries, read_summary
from tests.report.sample import make_run


def test_training_is_read_back_as_it_was_written(tmp_path):
    file = tmp_path / "training.json"
    facts = make_run().training
    file.write_text(json.dumps(asdict(facts)))
    assert read_summary(file) == facts


def test_a_summary_from_before_memory_was_measured_is_read(tmp_path):
    file = tmp_path / "training.json"
    content = asdict(make_run().training)
    del content["memory"]
    file.write_text(json.dumps(content))
    assert read_summary(file).memory is None


@pytest.mark.parametrize("text", [None, "{", "[]", '{"steps": "many"}'])
def test_a_file_without_a_summary_of_training_is_a_users_error(tmp_path, text):
    file = tmp_path / "training.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UserError, match=r"training\.json"):
        read_summary(file)


def test_trainings_one_after_another_are_told_as_one():
    facts = make_run().training
    first = replace(
        facts, steps=2, seconds=1.5, history=[{"step": 1.0, "loss": 3.0}, {"loss": 2.0}]
    )
    second = replace(first, steps=1, stop="drift", collapsed=True, history=[{"step": 1, "loss": 5}])
    joined = join_summaries([first, second])
    assert joined.history == [
        {"step": 1, "loss": 3},
        {"step": 2, "loss": 2},
        {"step": 3, "loss": 5},
    ]
    assert (joined.steps, joined.seconds, joined.pairs) == (3, 3.0, 2 * facts.pairs)
    assert (joined.stop, joined.collapsed) == ("drift", True)
    assert join_summaries([second, first]).stop == "drift"
    assert not join_summaries([first, first]).collapsed
