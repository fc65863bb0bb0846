import shutil

import pytest
from typer.testing import CliRunner

from primum.cli.main import app
from primum.errors import UserError
from primum.export.verify import Verification


def primum(*arguments):
    """Runs the command; a mistake of the user is raised."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.fixture
def run(finished, tmp_path):
    """A copy of a finished run, whose gate may say anything."""
    shutil.copytree(finished.path, tmp_path / "run")
    return tmp_path / "run"


def test_a_run_is_exported_verified_and_shown_before_it_goes(run, tmp_path):
    out = tmp_path / "out"
    said = primum("export", run, "--merged", out, "--verify", "--despite-gate")
    assert f"{out} holds the model (merged).\n" in said
    assert "the licence of the base is not known" in said
    assert "export_difference: 0 (" in said
    assert "kind: +0.000 points\n" in said
    shown = primum("push", out, "org/name", "--private")
    assert "private repository org/name" in shown
    assert "  model.safetensors\n" in shown
    assert "## Limits" in shown
    assert shown.endswith("Nothing was sent; --yes sends it.\n")


def test_a_run_is_pushed_as_it_was_trained(run):
    with pytest.raises(UserError, match=r"adapter_config\.json names"):
        primum("push", run, "org/name", "--despite-gate")


def test_one_form_is_named(run, tmp_path):
    for forms in ((), ("--merged", tmp_path / "a", "--gguf", tmp_path / "b")):
        with pytest.raises(UserError, match="name one form and its folder"):
            primum("export", run, *forms)


def test_an_option_without_use_is_a_mistake(run, tmp_path):
    with pytest.raises(UserError, match="--dtype goes with --merged or --gguf"):
        primum("export", run, "--adapter", tmp_path / "a", "--dtype", "float16")
    with pytest.raises(UserError, match="--converter goes with --gguf"):
        primum("export", run, "--merged", tmp_path / "a", "--converter", tmp_path / "c.py")


def test_an_export_that_differs_is_a_mistake(run, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "primum.export.verify.verify", lambda *given: Verification(8, 0.25, None, {"kind": None})
    )
    with pytest.raises(UserError, match=r"answers otherwise than .* \(25.0% of 8"):
        primum("export", run, "--merged", tmp_path / "out", "--verify", "--despite-gate")
