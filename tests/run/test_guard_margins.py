import json

import pytest

from primum.constitution import load_constitution
from primum.errors import UserError
from primum.evaluation.guards.asking.questions import DATA_DIR
from primum.recipe import load_recipe
from primum.run.checks import check_settings


def check(*overrides):
    check_settings(load_recipe("quickstart", overrides), load_constitution("harmless-helpful"))


def test_a_margin_of_no_guard_is_refused_before_the_run():
    with pytest.raises(UserError, match="did you mean 'length'"):
        check("gate.guards.margins.lenght=0.9")


def test_a_test_of_ability_may_have_a_margin(tmp_path, monkeypatch):
    file = tmp_path / "mmlu" / "mmlu_test.jsonl"
    file.parent.mkdir()
    question = {"question": "1 + 1?", "A": "1", "B": "2", "C": "3", "D": "4", "answer": "B"}
    file.write_text(json.dumps(question))
    monkeypatch.setenv(DATA_DIR, str(tmp_path))
    wanted = "gate.guards.ability=[mmlu]"
    check(wanted, "gate.guards.margins={ability/mmlu: 0.02}")
    check(wanted, "gate.guards.margins.ability/mmlu=0.02")
    # Under any other name the margin would be read by nobody.
    with pytest.raises(UserError, match="did you mean 'ability/mmlu'"):
        check(wanted, "gate.guards.margins.mmlu=0.02")
