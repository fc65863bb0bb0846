"""The plan of a comparison as a file."""

import json

import pytest

from primum.compare.layout import PLAN
from primum.compare.runs.methods import settings_of
from primum.compare.runs.plan import ComparisonPlan, PlannedMethod, read_plan, write_plan
from primum.recipe import load_recipe


@pytest.fixture
def settings():
    return settings_of(load_recipe("quickstart"))


def stored(folder, settings):
    method = PlannedMethod("spa", "spa", settings)
    write_plan(folder, ComparisonPlan("m", "1", "c", "2", None, (method,), (0,), "3", "4"))
    return read_plan(folder).methods[0].settings


def test_a_setting_that_a_later_version_added_takes_its_default(tmp_path, settings):
    older = {name: value for name, value in settings.items() if name != "combination"}
    assert older != settings
    assert stored(tmp_path, older) == settings


def test_what_was_set_and_what_is_no_more_stay(tmp_path, settings):
    assert stored(tmp_path, settings | {"max_prompts": 7}) == settings | {"max_prompts": 7}
    assert stored(tmp_path, settings | {"gone": 1}) == settings | {"gone": 1}
    assert "gone" in json.loads((tmp_path / PLAN).read_text())["methods"][0]["settings"]
