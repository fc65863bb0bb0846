"""Real OpenAI-compatible servers, each as a process of its own."""

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
def transformers_serve(folder: Path, log: Path) -> Iterator[str]:
    """Serves a model folder with Transformers for as long as the block.

    Args:
        folder: The model; the server calls it by this path.
        log: Where the server's output goes.

    Yields:
        The server's address.
    """
    command = [sys.executable, "-c", START, "serve", str(folder), "--device", "cpu"]
    with _running(command, log) as address:
        yield address


@contextmanager
def vllm_serve(python: Path, folder: Path, log: Path) -> Iterator[str]:
    """The same with vLLM, which calls the model `tiny`, takes 512 tokens and lists 400."""
    # The command `vllm` looks for a package of that name, which the CPU build has not.
    command = [str(python), "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--model", str(folder), "--served-model-name", "tiny"]
    command += ["--dtype", "float32", "--max-model-len", "512", "--max-logprobs", "400"]
    command += ["--enforce-eager", "--generation-config", "vllm"]
    with _running(command, log, VLLM_CPU_KVCACHE_SPACE="1", PYTHONPATH="") as address:
        yield address


@contextmanager
def _running(command: list[str], log: Path, **variables: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", **variables},
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log, time.monotonic() + 240)
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
