"""How the command ends: one sentence, and a status that says what kind of end it was."""

import re
import signal
import subprocess
import sys
import time

import pytest

import primum
from primum.cli.main import main
from tests.run.restarts import ROOT
from tests.run.small_job import arguments, write_constitution


@pytest.fixture
def ended(monkeypatch, capsys):
    """The status and stderr of `primum report RUN` when its work raises an error."""
    monkeypatch.delenv("PRIMUM_DEBUG", raising=False)

    def end(error):
        def fail(run):
            raise error

        monkeypatch.setattr("primum.run.directory.check_finished", fail)
        monkeypatch.setattr(sys, "argv", ["primum", "report", "run"])
        with pytest.raises(SystemExit) as status:
            main()
        return status.value.code, capsys.readouterr().err

    return end


class OutOfMemoryError(RuntimeError):
    """As PyTorch names its own."""


class ConnectError(Exception):
    """As httpx names its own."""

    __module__ = "httpx._exceptions"


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (caused(OSError("no files"), ConnectError("x")), r"the network failed \(OSError: no files"),
        (KeyError("stages"), r"this is a fault in primum \(KeyError: 'stages'\); please report it"),
        (OSError(5, "Input/output error"), r"a file or a device failed \(OSError: .*Input/output"),
        (ImportError("no ray"), r"a package cannot be imported \(ImportError: no ray\)"),
        (ConnectError("no route\nto the host"), r"the network failed \(ConnectError: no route\)"),
        (MemoryError(), r"memory ran out \(MemoryError: MemoryError\); set a smaller engine"),
        (OutOfMemoryError("CUDA."), r"memory ran out \(OutOfMemoryError: CUDA\); set a smaller"),
    ],
)
def test_what_no_code_foresaw(ended, error, said, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    status, text = ended(error)
    assert status == 70
    assert re.match(f"primum: {said}", text), text
    assert text.count("\n") == 1
    [log] = tmp_path.iterdir()
    assert str(log) in text
    assert "Traceback" in log.read_text()
    assert "in fail" in log.read_text()


def test_a_fault_can_be_seen_as_it_is(ended, monkeypatch):
    monkeypatch.setenv("PRIMUM_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["primum", "report", "run"])
    monkeypatch.setattr("primum.run.directory.check_finished", lambda run: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main()


def test_a_long_sentence_is_one_line_where_it_is_piped(ended):
    status, text = ended(primum.UserError("a mistake " * 40 + "[bold]"))
    assert status == 2
    assert text == f"primum: {'a mistake ' * 40}[bold]\n"


@pytest.mark.parametrize("arguments", [["align"], ["nonsense"], ["gate", "--wrong", "x"]])
def test_wrong_use(monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["primum", *arguments])
    with pytest.raises(SystemExit) as status:
        main()
    assert status.value.code == 2


def test_ctrl_c_says_how_to_go_on(tiny_folder, tmp_path):
    log, out = tmp_path / "log", tmp_path / "run"
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    job = arguments(str(tiny_folder), constitution, out, "judging.kind=rating-expected")
    program = [sys.executable, "-m", "tests.run.scripted_align", str(log), *job]
    with subprocess.Popen(program, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        wait_for(log, process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert said.splitlines()[-1] == "primum: stopped; the same command goes on where it was"
    assert "Traceback" not in said
    assert process.returncode == 130


def wait_for(file, process):
    """Until the run has made a call."""
    end = time.monotonic() + 120
    while not (file.exists() and file.stat().st_size):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.01)
