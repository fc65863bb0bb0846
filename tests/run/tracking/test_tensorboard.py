"""The whole run in TensorBoard's event files, through an interruption."""

import json

import pytest

from primum.run.tracking import joined
from tests.run.tracking.looking import cut_and_resumed, start

accumulators = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator",
    reason="needs TensorBoard (primum[tracking])",
)


def events(folder):
    (tracked,) = (folder / "run" / "tensorboard").iterdir()
    found = accumulators.EventAccumulator(str(tracked))
    found.Reload()
    return found


def word(found, tag):
    (event,) = found.Tensors(f"{tag}/text_summary")
    return event.tensor_proto.string_val[0].decode()


def test_one_tracked_run_holds_recipe_stages_curve_gate_and_cost(tmp_path, monkeypatch):
    outcome = cut_and_resumed(tmp_path, "tensorboard")
    found = events(tmp_path)
    assert [event.step for event in found.Scalars("train/loss")] == [1, 2, 3, 4]
    scalars = found.Tags()["scalars"]
    once = [tag for tag in scalars if tag.startswith(("stages/", "gate/", "guards/", "cost/"))]
    assert [tag for tag in once if len(found.Scalars(tag)) != 1] == []
    manifest = json.loads((outcome.path / "manifest.json").read_text())
    for stage, record in manifest["stages"].items():
        (event,) = found.Scalars(f"stages/{stage}/seconds")
        assert event.value == pytest.approx(record["seconds"], abs=1e-3)
    shown = outcome.gate.objectives[0].by[0]
    (event,) = found.Scalars(f"gate/{shown.objective}/{shown.judge}/after")
    assert event.value == pytest.approx(shown.after, abs=1e-4)
    assert len([tag for tag in scalars if tag.startswith("guards/")]) >= len(outcome.gate.guards)
    assert found.Scalars("cost/calls")[0].value > 0
    assert word(found, "gate/verdict") == outcome.gate.verdict
    recipe = word(found, "recipe")
    assert "| training.loss | spa |" in recipe
    assert "| model | tiny |" in recipe
    assert str(tmp_path) not in recipe
    # Settings of tracking change no result: nothing is run again, and nothing sent twice.
    assert start(tmp_path).executed == ()
    assert start(tmp_path, "tensorboard").executed == ()
    assert len(events(tmp_path).Scalars("stages/gate/seconds")) == 1

    # A tracker that comes later gets all that was before it, and one that fails costs nothing.
    def unreachable(run):
        raise ConnectionError("no route")

    monkeypatch.setattr(joined, "OPEN", {**joined.OPEN, "tensorboard": unreachable})
    assert start(tmp_path, "tensorboard").executed == ()
    monkeypatch.undo()
    (tmp_path / "run" / "tracking.json").unlink()
    for old in (tmp_path / "run" / "tensorboard").iterdir():
        old.rename(tmp_path / old.name)
    assert start(tmp_path, "tensorboard").executed == ()
    assert [event.step for event in events(tmp_path).Scalars("train/loss")] == [1, 2, 3, 4]
