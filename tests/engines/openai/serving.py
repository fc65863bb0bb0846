"""A server on 127.0.0.1 that answers, or fails, as a test tells it to."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What goes back: a status, a body, headers; late, byte by byte, cut short, or not at all."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    trickle: float = 0.0
    cut: bool = False
    drop: bool = False


def completion(text: str | None = "fine", finish: str | None = "stop", **more: Any) -> Answer:
    """A chat completion, whatever was asked."""
    message = {"role": "assistant", "content": text, **more.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": finish, **more.pop("choice", {})}
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return Answer({"object": "chat.completion", "choices": [choice], "usage": usage, **more})


def tokens(listed: dict[str, float], **usage: int) -> Answer:
    """A chat completion with the log-probabilities of its first token."""
    entries = [{"token": token, "logprob": value} for token, value in listed.items()]
    place = {**entries[0], "top_logprobs": entries}
    counted = {"usage": {"completion_tokens": 1, **usage}} if usage else {}
    return completion("x", "length", choice={"logprobs": {"content": [place]}}, **counted)


@dataclass
class Served:
    """A running server.

    Attributes:
        url: Its address.
        asked: Bodies of the chat requests, in order of arrival.
        headers: Their headers.
        times: When they came, in seconds of the monotonic clock.
        most: The most that were under way at a time.
    """

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    most: int = 0

    def texts(self) -> list[str]:
        """The last message of every request."""
        return [body["messages"][-1]["content"] for body in self.asked]


Handle = Callable[[dict[str, Any], int], Answer]
"""From a request and how often the same one has come before, to the answer."""


@contextmanager
def serving(handle: Handle, models: Any = ("tiny",)) -> Iterator[Served]:
    """Runs a server for as long as the block.

    Args:
        handle: Answers chat requests.
        models: Names for `/models`, or entries; an `Answer` is given as it is.
    """
    lock = threading.Lock()
    seen: dict[str, int] = {}
    under_way = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: Any) -> None:
            pass

        def do_GET(self) -> None:
            entries = [m if isinstance(m, dict) else {"id": m, "object": "model"} for m in models]
            self._send(Answer({"object": "list", "data": entries}))

        def do_POST(self) -> None:
            nonlocal under_way
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            body = json.loads(content)
            with lock:
                before = seen.get(content, 0)
                seen[content] = before + 1
                served.asked.append(body)
                served.headers.append(dict(self.headers))
                served.times.append(time.monotonic())
                under_way += 1
                served.most = max(served.most, under_way)
            try:
                answer = handle(body, before)
                time.sleep(answer.delay)
            finally:
                with lock:
                    under_way -= 1
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            if answer.drop:
                # As by a server that is killed.
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            content = answer.body
            if not isinstance(content, bytes):
                content = json.dumps(content).encode()
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if answer.trickle:
                    self._trickle(content, answer.trickle)
                else:
                    self.wfile.write(content[: len(content) // 2] if answer.cut else content)
            except OSError:
                pass
            if answer.cut:
                self.close_connection = True

        def _trickle(self, content: bytes, seconds: float) -> None:
            for byte in content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(seconds)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Served(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
