"""Chromium, driven through its own protocol over two pipes: no package and no port is needed."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HIGH = 100  # Above the numbers 3 and 4, which Chromium wants.


class Tab:
    """One page.

    Attributes:
        complaints: What the console and the log said, and errors of scripts.
    """

    def __init__(self, into: int, out: int) -> None:
        self._into, self._out = into, out
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        attached = self("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **given: Any) -> Any:
        """Calls a method of the protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": given}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            found = self._receive()
            if found.get("id") == self._number:
                assert "error" not in found, found
                return found["result"]

    def _receive(self) -> Any:
        while b"\0" not in self._rest:
            read = os.read(self._out, 1 << 16)
            assert read, "the browser has ended"
            self._rest += read
        text, _, self._rest = self._rest.partition(b"\0")
        found = json.loads(text)
        if found.get("method") in (
            "Log.entryAdded",
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
        ):
            self.complaints.append(json.dumps(found["params"]))
        return found

    def open(self, page: Path) -> None:
        """Loads a file, and waits until its scripts have run."""
        self("Page.navigate", url=page.as_uri())
        while self.run("document.readyState") != "complete" or "html" not in self.run(
            "location.href"
        ):
            pass

    def run(self, script: str) -> Any:
        """What an expression of JavaScript gives."""
        found = self("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            name = {"code": f"Key{key.upper()}"} if key.isalpha() and len(key) == 1 else {}
            text = {"text": key} if len(key) == 1 else {}
            self("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **name)
            self("Input.dispatchKeyEvent", type="keyUp", key=key, **name)


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A browser with a profile and downloads in a folder."""
    reads, into = os.pipe()
    out, writes = os.pipe()
    theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD, HIGH) for fd in (reads, writes)]
    for fd in (reads, writes):
        os.close(fd)
    order = f'exec "$@" 3<&{theirs[0]} 4>&{theirs[1]}'
    words = [BROWSER, *QUIET, "--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}"]
    process = subprocess.Popen(
        ["bash", "-c", order, "bash", *words, "about:blank"],
        pass_fds=theirs,
        stderr=subprocess.DEVNULL,
    )
    for fd in theirs:
        os.close(fd)
    try:
        tab = Tab(into, out)
        tab("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        yield tab
    finally:
        os.close(into)
        os.close(out)
        process.terminate()
        process.wait(30)
