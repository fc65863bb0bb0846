"""A tracker that cannot be used is named before any work is done."""

from importlib.machinery import ModuleSpec

import pytest

from primum import UserError
from primum.recipe import load_recipe
from primum.run.tracking import opening
from primum.run.tracking.opening import check_trackers


def settings(*overrides):
    return load_recipe(None, overrides).tracking


@pytest.mark.parametrize("name", ["wandb", "trackio", "tensorboard"])
@pytest.mark.parametrize("found", [None, ModuleSpec("folder", None)])
def test_one_that_is_missing_is_named_with_the_command(monkeypatch, name, found):
    # W&B leaves a folder of its name, which Python finds as a package without a file.
    monkeypatch.setattr(opening, "find_spec", lambda _: found)
    with pytest.raises(UserError, match=f"names {name}, which is not installed; run pip install"):
        check_trackers(settings(f"tracking.report_to={name}"))


def test_a_name_alone_none_and_a_list_are_taken():
    assert settings("tracking.report_to=wandb").report_to == ("wandb",)
    assert settings("tracking.report_to=none").report_to == ()
    assert settings("tracking.report_to=[wandb, trackio]").report_to == ("wandb", "trackio")
    with pytest.raises(UserError, match=r"tracking\.report_to"):
        settings("tracking.report_to=mlflow")


def test_a_report_needs_a_tracker_that_takes_it():
    with pytest.raises(UserError, match="only wandb takes a report"):
        check_trackers(settings("tracking.upload_report=true"))
