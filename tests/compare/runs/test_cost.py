"""What a run cost, from its records."""

import json
from dataclasses import asdict

from primum.compare.finished import Cost
from primum.compare.runs.cost import cost_of
from primum.store.manifest import StageRecord
from tests.report.sample import make_run


def made(seconds, outputs=(), **facts):
    return StageRecord("x", dict.fromkeys(outputs, "y"), seconds, facts)


def test_stages_up_to_the_model_count_and_no_round_that_the_recipe_has_no_more(tmp_path):
    for folder, tokens, memory in ((".", 100, 7), ("iteration-1", 40, 9), ("iteration-2", 1, 99)):
        (tmp_path / folder).mkdir(exist_ok=True)
        summary = {**asdict(make_run().training), "tokens": tokens, "memory": memory}
        (tmp_path / folder / "training.json").write_text(json.dumps(summary))
    spent = {"prompt_tokens": 30, "answer_tokens": 5}
    records = {
        "iteration-1/synthesis": made(10, spent=spent),
        "iteration-1/train": made(3, ["iteration-1/training.json"]),
        "iteration-2/synthesis": made(1000, spent=spent),
        "iteration-2/train": made(1000, ["iteration-2/training.json"]),
        "synthesis": made(20, spent=spent),
        "train": made(4, ["model", "training.json"]),
        "evaluate": made(1000, spent=spent, answer_tokens=12.5),
        "gate": made(1000),
    }
    assert cost_of(tmp_path, records, 2) == Cost(60, 10, 140, 12.5, 37.0, 9)
    assert cost_of(tmp_path, records, 1) == Cost(30, 5, 100, 12.5, 24.0, 7)


def test_a_run_that_trained_nothing(tmp_path):
    assert cost_of(tmp_path, {"prompts": made(2)}, 1) == Cost(0, 0, 0, 0.0, 2.0, None)
