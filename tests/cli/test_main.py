"""How the command ends: one sentence, and a status that says what kind of end it was."""

import os
import re
import subprocess
import sys

import pytest

import primum
from primum.cli.main import main


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


class RepositoryNotFoundError(Exception):
    """As huggingface_hub names its own."""


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (caused(OSError("no files"), ConnectError("x")), r"the network failed \(OSError: no files"),
        (ConnectError("no route\nto the host"), r"the network failed \(ConnectError: no route\)"),
        (caused(OSError("no x"), RepositoryNotFoundError()), r"the hub refused \(OSError: no x\)"),
        (OSError(5, "Input/output error"), r"a file or a device failed \(OSError: .*Input/output"),
        (PermissionError(13, "Permission denied", "/x/y"), r"/x/y: permission denied; give yours"),
        (OSError(30, "Read-only file system", "/x"), r"/x: read-only file system; name a place"),
        (OSError(36, "File name too long", "/x"), r"/x: file name too long; choose a shorter"),
        (
            OSError(28, "No space left on device"),
            r"the disk is full.* \(OSError: .*; free",
        ),
        (
            Exception("I/O error: No space left on device (os error 28)"),
            r"the disk is full, or .* \(",
        ),
        (ImportError("no ray"), r"a package cannot be imported \(ImportError: no ray\)"),
        (MemoryError(), r"memory ran out \(MemoryError: MemoryError\); set a smaller engine"),
        (OutOfMemoryError("CUDA."), r"memory ran out \(OutOfMemoryError: CUDA\); set a smaller"),
    ],
)
def test_what_the_machine_refuses_is_one_sentence(ended, error, said):
    status, text = ended(error)
    assert status == 2
    assert re.match(f"primum: {said}", text), text
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    "error",
    [KeyError("stages"), EOFError("ended"), ImportError("no name", name="primum.x"), TypeError()],
)
def test_a_fault_of_ours_keeps_its_traceback_and_asks_for_a_report(
    ended, error, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    status, text = ended(error)
    assert status == 70
    assert re.match(rf"primum: this is a fault in primum \({type(error).__name__}: ", text), text
    assert "please report it" in text
    assert text.count("\n") == 1
    [log] = tmp_path.iterdir()
    assert str(log) in text
    assert "Traceback" in log.read_text()
    assert "in fail" in log.read_text()


@pytest.mark.parametrize(("error", "status"), [(TypeError("x"), 70), (OSError(5, "no"), 2)])
def test_a_traceback_can_be_seen_as_it_is(ended, error, status, monkeypatch):
    monkeypatch.setenv("PRIMUM_DEBUG", "1")
    found, text = ended(error)
    # Never 1, which is the gate's word "fail".
    assert found == status
    assert "in fail" in text


def test_a_pipe_that_nobody_reads_is_no_verdict(ended):
    assert ended(BrokenPipeError(32, "Broken pipe")) == (141, "")


def test_a_long_sentence_is_one_line_where_it_is_piped(ended):
    status, text = ended(primum.UserError("a mistake " * 40 + "[bold]"))
    assert status == 2
    assert text == f"primum: {'a mistake ' * 40}[bold]\n"


@pytest.mark.parametrize("arguments", [["align"], ["nonsense"], ["gate", "--wrong", "x"]])
def test_wrong_use(monkeypatch, capsys, arguments):
    monkeypatch.setattr(sys, "argv", ["primum", *arguments])
    with pytest.raises(SystemExit) as status:
        main()
    assert status.value.code == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r"primum: .*; see `.* --help`\n", said), said


@pytest.mark.parametrize("command", ["report", "constitution show harmless-helpful"])
def test_a_full_disk_behind_stdout_is_one_sentence(finished, command):
    words = [*command.split(), *([str(finished.path)] if command == "report" else [])]
    with open("/dev/full", "w") as full:
        found = subprocess.run(
            [sys.executable, "-m", "primum", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PRIMUM_DEBUG": ""},
        )
    assert found.returncode == 2
    assert re.fullmatch(r"primum: the disk is full, .*\n", found.stderr), found.stderr


def test_letters_that_the_terminal_lacks_are_no_fault(finished):
    found = subprocess.run(
        [sys.executable, "-m", "primum", "constitution", "show", str(finished.constitution)],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
    )
    assert (found.returncode, found.stderr) == (0, b"")
