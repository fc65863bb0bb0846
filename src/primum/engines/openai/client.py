"""One request to a server, made again until it is answered or refused for good."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, TypeVar

import httpx2

from primum.engines.openai.refusals import ends_at_once, refusal, server_words
from primum.engines.openai.retrying import PassingError, passes, pause, retry_after
from primum.engines.openai.server import Server, Traffic, api_key
from primum.errors import UserError

A = TypeVar("A")

_LONGEST_WAIT = 900.0
"""Seconds; a server that asks for more is out of service for today. A choice."""

_CONNECTING = 30.0
"""Seconds for a connection, which cannot be ended early. A choice."""


class StoppedError(Exception):
    """The caller wants no further answer."""


@dataclass
class Client:
    """An open connection to a server, for use by several threads. Use `connected`.

    Attributes:
        server: Where requests go.
        traffic: Counts them.
        session: Makes them.
        quiet_until: The time of the monotonic clock before which the server has asked for silence.
    """

    server: Server
    traffic: Traffic
    session: httpx2.Client
    quiet_until: float = 0.0
    _quiet: Lock = field(default_factory=Lock, repr=False)
    _stopped: Event = field(default_factory=Event, repr=False)
    _sockets: list[socket.socket] = field(default_factory=list, repr=False)

    def post(self, path: str, body: dict[str, Any], read: Callable[[bytes], A]) -> A:
        """Sends a request until there is an answer.

        Args:
            path: Below the server's address.
            body: The request.
            read: Takes the answer apart; raises `PassingError` where it is none.

        Raises:
            UserError: If the server refuses the request, or fails too often.
            StoppedError: If the client was stopped.
        """
        content = json.dumps(body).encode("ascii")
        for attempt in range(self.server.retries + 1):
            self._keep_silence()
            try:
                return read(self._answer("POST", path, content))
            except PassingError as failure:
                last = failure
            if attempt < self.server.retries:
                self.traffic.retry()
                self._back_off(attempt, last)
        tries = f"{self.server.retries + 1} times" if self.server.retries else "once"
        raise UserError(
            f"the server at {self.server.url} was asked {tries} and did not answer as it should "
            f"({last}); start or mend it, or correct engine.openai.base_url, and run the same "
            "command again: what was finished is kept"
        )

    def models(self) -> list[dict[str, Any]]:
        """What the server says of its models; empty where it does not say."""
        try:
            found = json.loads(self._answer("GET", "models", None, explain=False))
            entries = found["data"]
            return [e for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str)]
        except (PassingError, UserError, ValueError, KeyError, TypeError):
            return []

    def stop(self) -> None:
        """Ends every request that is under way or waits, in whichever thread."""
        self._stopped.set()
        for each in tuple(self._sockets):
            # Closing would not wake the thread that waits for an answer.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _answer(
        self, method: str, path: str, content: bytes | None, *, explain: bool = True
    ) -> bytes:
        """The body of one answer.

        Args:
            method: Of HTTP.
            path: Below the server's address.
            content: The body of the request.
            explain: Whether a refusal names the models that the server has.

        Raises:
            PassingError: If another try may help.
            UserError: If the server refuses.
            StoppedError: If the client was stopped.
        """
        headers = {"Content-Type": "application/json", "User-Agent": "primum"}
        if secret := api_key():
            headers["Authorization"] = f"Bearer {secret}"
        url = f"{self.server.url}/{path}"
        late = PassingError(f"no answer within {self.server.timeout:g} s")
        deadline = time.monotonic() + self.server.timeout
        hooks = {"trace": self._note_socket}
        try:
            with self.session.stream(
                method, url, content=content, headers=headers, extensions=hooks
            ) as found:
                body = bytearray()
                for part in found.iter_bytes():
                    body += part
                    if time.monotonic() > deadline:
                        raise late
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            self._check_stopped()
            if isinstance(error, httpx2.TimeoutException):
                raise late from None
            raise PassingError(server_words(f"{type(error).__name__}: {error}")) from None
        if found.is_success:
            return bytes(body)
        text = body.decode("utf-8", "replace")
        if passes(found.status_code) and not ends_at_once(text):
            wait = retry_after(found.headers.get("Retry-After"))
            raise PassingError(f"{found.status_code}: {server_words(text)}", wait)
        names = [entry["id"] for entry in self.models()] if explain else []
        raise refusal(self.server, found.status_code, text, tuple(names))

    def _note_socket(self, event: str, info: dict[str, Any]) -> None:
        """Keeps the sockets of new connections, by what the HTTP library tells of its steps."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._sockets.append(info["return_value"].get_extra_info("socket"))
            if self._stopped.is_set():
                self.stop()

    def _back_off(self, attempt: int, failure: PassingError) -> None:
        """Waits before another try."""
        if failure.wait is not None:
            if failure.wait > _LONGEST_WAIT:
                raise UserError(
                    f"the server at {self.server.url} asks to come back in {failure.wait:.0f} s "
                    f"({failure}); run the same command again then: what was finished is kept"
                )
            # What is asked of one request is meant for all.
            with self._quiet:
                self.quiet_until = max(self.quiet_until, time.monotonic() + failure.wait)
        self._sleep(pause(attempt, failure.wait))

    def _keep_silence(self) -> None:
        """Waits as long as the server has asked everybody to."""
        self._check_stopped()
        while (left := self.quiet_until - time.monotonic()) > 0:
            self._sleep(pause(0, left))

    def _sleep(self, seconds: float) -> None:
        self._stopped.wait(seconds)
        self._check_stopped()

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise StoppedError


@contextmanager
def connected(server: Server, traffic: Traffic) -> Iterator[Client]:
    """Opens a connection, and closes it however the work ends."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=server.concurrency)
    timeout = httpx2.Timeout(server.timeout, connect=min(server.timeout, _CONNECTING))
    with httpx2.Client(timeout=timeout, limits=limits) as session:
        yield Client(server, traffic, session)
