"""`primum view` as a command."""

import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from primum.cli.reading import view as command
from tests.cli.test_signals import QUIET
from tests.cli.test_startup import HEAVY
from tests.run.restarts import ROOT
from tests.view.made import make_finished
from tests.view.serving import serving


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "primum", "view", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=QUIET,
    )


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_says_its_address_once_and_ends_when_told(tmp_path, number, status):
    make_finished(tmp_path / "run")
    with start(tmp_path) as process:
        said = process.stdout.readline()
        address = re.fullmatch(
            rf"{re.escape(str(tmp_path))} is shown at (http://127\.0\.0\.1:\d+/) until Ctrl-C\.\n",
            said,
        )
        assert address, said
        with urllib.request.urlopen(address[1], timeout=20) as answer:
            assert b"run" in answer.read()
        process.send_signal(number)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (status, "", "primum: stopped\n")


def test_mistakes_are_one_sentence(tmp_path):
    make_finished(tmp_path / "runs" / "first")
    (tmp_path / "empty").mkdir()
    with serving(tmp_path) as server:
        port = server.server_port
        for words, sentence in (
            ([tmp_path / "empty"], "empty holds no run, comparison or audit; name the folder"),
            ([tmp_path / "absent"], "absent is no folder; name one that holds"),
            ([tmp_path, "--port", port], f"port {port} cannot be had (Address already in use)"),
            ([tmp_path, "--port", "99999"], "invalid value for '--port'"),
        ):
            with start(*words) as process:
                out, error = process.communicate(timeout=60)
            assert (process.returncode, out) == (2, "")
            assert sentence in error
            assert error.count("\n") == 1


def test_no_heavy_library_is_waited_for():
    program = f"""
import sys
import primum.view.server
print([name for name in {HEAVY} if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout == "[]\n", found.stderr


@pytest.mark.parametrize(
    ("terminal", "display", "words", "opens"),
    [
        (True, ":0", {}, True),
        (True, ":0", {"no_open": True}, False),
        (False, ":0", {}, False),
        (True, "", {}, False),
    ],
)
def test_a_browser_opens_where_somebody_sees_it(
    tmp_path, monkeypatch, terminal, display, words, opens
):
    make_finished(tmp_path / "run")
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("primum.view.server.ViewServer.serve_forever", lambda server: None)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    command.view(tmp_path, 0, **{"no_open": False, **words})
    assert bool(opened) == opens
