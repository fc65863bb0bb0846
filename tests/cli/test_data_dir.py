"""`--data-dir`: a folder of copies for the data sets known by name."""

import sys

import pytest

import primum.audit.entry
import primum.forecast
import primum.forecast.fit
import primum.proof.evaluate
import primum.run.align
from primum.cli.main import main
from primum.prompts import NamedPrompts
from tests.prompts.named.copies import GATHERED, ROWS, write_copy


@pytest.fixture
def asked(monkeypatch):
    """Runs a command up to its work, and gives the prompts that the work would have."""

    def run(*arguments):
        found = []

        def work(*given, prompts=None, **named):
            found.append(given[0] if prompts is None else prompts)
            raise SystemExit(0)

        for module, name in (
            (primum.run.align, "align"),
            (primum.forecast.fit, "fit"),
            (primum.forecast, "forecast"),
            (primum.audit, "audit"),
            (primum.proof.evaluate, "evaluate"),
        ):
            monkeypatch.setattr(module, name, work)
        monkeypatch.setattr(sys, "argv", ["primum", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return found[0] if found else end.value.code

    return run


@pytest.mark.parametrize(
    "command",
    [
        ["align", "xstest", "--model", "m", "--out", "o"],
        ["align", "xstest", "--model", "m", "--out", "o", "--dry-run"],
        ["align", "xstest", "--model", "m", "--out", "o", "--dry-run", "--fit"],
        ["audit", "--model", "m", "--prompts", "xstest"],
        ["evaluate", "xstest", "--model", "m"],
    ],
    ids=lambda command: " ".join(command),
)
def test_every_command_that_takes_prompts(asked, tmp_path, command):
    assert asked(*command, "--data-dir", tmp_path) == NamedPrompts("xstest", tmp_path)
    assert asked(*command) == "xstest"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["audit", "--model", "m"], "--data-dir goes with --prompts"),
        (["align", "seed", "--model", "m", "--out", "o"], "'seed' is none: leave one out"),
    ],
    ids=["audit", "align"],
)
def test_a_folder_without_a_name(asked, tmp_path, capsys, command, words):
    assert asked(*command, "--data-dir", tmp_path) == 2
    assert words in capsys.readouterr().err


@pytest.mark.slow
def test_the_licence_is_said_before_a_dry_run(tmp_path, tiny_folder, monkeypatch, capsys):
    rows = [
        {**row, "prompt": f"{row['prompt']} {at}"} for at in range(40) for row in ROWS["xstest"]
    ]
    write_copy(tmp_path / "data" / GATHERED["xstest"], rows)
    arguments = ["align", "xstest", "--data-dir", tmp_path / "data", "--model", tiny_folder]
    arguments += ["--out", tmp_path / "run", "--dry-run", "sampling.max_tokens=4"]
    monkeypatch.setattr(sys, "argv", ["primum", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert end.value.code == 0, said.err
    assert "xstest: 80 rows from" in said.out + said.err
    assert "licence: CC BY 4.0" in said.out + said.err
