"""Transformers' own OpenAI-compatible server, as a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

START = "from transformers.cli.transformers import main; main()"


@contextmanager
def transformers_serve(folder: Path, log: Path, *, timeout: float = 120) -> Iterator[str]:
    """Serves a model folder for as long as the block.

    Args:
        folder: The model; the server calls it by this path.
        log: Where the server's output goes.
        timeout: Seconds that it may take to start.

    Yields:
        The server's address.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["serve", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", START, *arguments, "--device", "cpu"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log, time.monotonic() + timeout)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path, until: float) -> None:
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx2.get(url, timeout=1).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")


def let_it_sample(folder: Path) -> Path:
    """Has the server draw answers: it takes whether it does from the model's own settings."""
    file = folder / "generation_config.json"
    settings = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**settings, "do_sample": True}))
    return folder
