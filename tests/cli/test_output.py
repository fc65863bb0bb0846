"""Streams that lack letters, and logs that hold nothing but our lines."""

import io
import os
import re
import subprocess
import sys

import pytest

from primum.cli.main import main
from tests.cli.conftest import SETTINGS
from tests.run.small_job import PROMPTS


@pytest.fixture
def written(monkeypatch):
    """Runs the command with streams of ASCII; gives the bytes that it writes."""

    def write(*words):
        out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
        monkeypatch.setattr(sys, "argv", ["primum", *words])
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", out)
        with pytest.raises(SystemExit):
            main()
        return out.buffer.getvalue()

    return write


def test_signs_of_ours_have_others_in_ascii(finished, written):
    said = written("report", str(finished.path)).decode("ascii")
    assert "(teacher - examiner)" in said
    assert not re.search(r"\\(u|x)[0-9a-f]", said)


def test_letters_of_others_become_escapes(written):
    said = written("report", "Schön_τ").decode("ascii")
    assert said.startswith(r"primum: Sch\xf6n_tau holds no run")


def test_a_narrow_terminal_cuts_no_figure(finished, written, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    said = written("report", str(finished.path)).decode()
    assert "kind by examiner: " in said
    assert "..." not in said
    assert max(map(len, said.splitlines())) <= 42  # An arrow is two signs in ASCII.


@pytest.mark.slow
def test_a_log_holds_our_lines_alone(finished, tmp_path):
    """Without a terminal, without UTF-8: no bar, no colour, no advice of a library."""
    silenced = ("TQDM_", "TRANSFORMERS_", "HF_HUB_VERB", "NO_COLOR", "FORCE_COLOR", "PYTHONUTF8")
    kept = {name: v for name, v in os.environ.items() if not name.startswith(silenced)}
    words = ["align", str(PROMPTS), "--model", finished.model, "--out", str(tmp_path / "run")]
    found = subprocess.run(
        [
            *(sys.executable, "-m", "tests.run.scripted_align", str(tmp_path / "log"), *words),
            *("--constitution", str(finished.constitution), *SETTINGS),
        ],
        env={**kept, "LANG": "C", "PYTHONIOENCODING": "ascii", "TERM": "dumb", "PRIMUM_DEBUG": ""},
        capture_output=True,
    )
    assert found.returncode == 0, found.stderr
    said = found.stderr.decode("ascii")
    assert not re.search(r"[\r\x1b]", said + found.stdout.decode("ascii"))
    ours = re.compile(r"primum: |.* done in |.* of \d+, \d")
    assert [line for line in said.splitlines() if not ours.match(line)] == []
    assert "primum: the adapter names the folder" in said
