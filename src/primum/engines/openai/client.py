"""One request to a server, made again until it is answered or refused for good."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2

from primum.engines.openai.refusals import ends_at_once, refusal, said
from primum.engines.openai.retrying import PassingError, passes, pause, retry_after
from primum.engines.openai.server import Server, Usage, key
from primum.errors import UserError

A = TypeVar("A")

_LONGEST_WAIT = 900.0  # Seconds; a server that asks for more is out of service for today.


@dataclass
class Client:
    """An open connection to a server. Use `connected`.

    Attributes:
        server: Where requests go.
        usage: Counts what they cost.
        session: Makes them.
        quiet_until: The loop's time before which the server has asked for silence.
    """

    server: Server
    usage: Usage
    session: httpx2.AsyncClient
    quiet_until: float = 0.0

    async def post(self, path: str, body: dict[str, Any], read: Callable[[bytes], A]) -> A:
        """Sends a request until there is an answer.

        Args:
            path: Below the server's address.
            body: The request.
            read: Takes the answer apart; raises `PassingError` where it is none.

        Raises:
            UserError: If the server refuses the request, or fails too often.
        """
        content = json.dumps(body).encode("ascii")
        for attempt in range(self.server.retries + 1):
            await self._silence()
            try:
                return read(await self._answer("POST", path, content))
            except PassingError as failure:
                last = failure
            if attempt < self.server.retries:
                self.usage.retry()
                await self._wait(attempt, last)
        tries = f"{self.server.retries + 1} times" if self.server.retries else "once"
        raise UserError(
            f"the server at {self.server.url} was asked {tries} and did not answer as it should "
            f"({last}); start or mend it, or correct engine.openai.base_url, and run the same "
            "command again: what was finished is kept"
        )

    async def models(self) -> list[dict[str, Any]]:
        """What the server says of its models; empty where it does not say."""
        try:
            found = json.loads(await self._answer("GET", "models", None, explain=False))
            entries = found["data"]
            return [e for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str)]
        except (PassingError, UserError, ValueError, KeyError, TypeError):
            return []

    async def _answer(
        self, method: str, path: str, content: bytes | None, *, explain: bool = True
    ) -> bytes:
        """The body of one answer.

        Raises:
            PassingError: If another try may help.
            UserError: If the server refuses.
        """
        headers = {"Content-Type": "application/json", "User-Agent": "primum"}
        if secret := key():
            headers["Authorization"] = f"Bearer {secret}"
        url = f"{self.server.url}/{path}"
        try:
            async with asyncio.timeout(self.server.timeout):
                found = await self.session.request(method, url, content=content, headers=headers)
        except TimeoutError:
            raise PassingError(f"no answer within {self.server.timeout:g} s") from None
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise PassingError(said(f"{type(error).__name__}: {error}")) from None
        if found.is_success:
            return found.content
        if passes(found.status_code) and not ends_at_once(found.text):
            wait = retry_after(found.headers.get("Retry-After"))
            raise PassingError(f"{found.status_code}: {said(found.text)}", wait)
        names = [entry["id"] for entry in await self.models()] if explain else []
        raise refusal(self.server, found.status_code, found.text, tuple(names))

    async def _wait(self, attempt: int, failure: PassingError) -> None:
        if failure.wait is not None:
            if failure.wait > _LONGEST_WAIT:
                raise UserError(
                    f"the server at {self.server.url} asks to come back in {failure.wait:.0f} s "
                    f"({failure}); run the same command again then: what was finished is kept"
                )
            # What is asked of one request is meant for all.
            until = asyncio.get_running_loop().time() + failure.wait
            self.quiet_until = max(self.quiet_until, until)
        await asyncio.sleep(pause(attempt, failure.wait))

    async def _silence(self) -> None:
        left = self.quiet_until - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(pause(0, left))


@asynccontextmanager
async def connected(server: Server, usage: Usage) -> AsyncIterator[Client]:
    """Opens a connection, and closes it however the work ends."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=server.concurrency)
    # The time is measured over the whole request, not from one received byte to the next.
    async with httpx2.AsyncClient(timeout=None, limits=limits) as session:
        yield Client(server, usage, session)
