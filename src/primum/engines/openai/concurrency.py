"""Many requests under way at a time, and a plain iterator over what they bring."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from queue import SimpleQueue
from typing import TypeVar

C = TypeVar("C")
Q = TypeVar("Q")
A = TypeVar("A")

_GRACE = 30.0  # Seconds for what is under way to finish once a request has failed for good.


def as_finished(
    connect: Callable[[], AbstractAsyncContextManager[C]],
    ask: Callable[[C, Q], Awaitable[A]],
    requests: Sequence[Q],
    *,
    places: int,
) -> Iterator[tuple[int, A]]:
    """Answers as they arrive, with never more than `places` requests under way.

    The requests run in an event loop in a thread of its own, so that this works inside another
    loop too (a notebook), and answers go on arriving while the caller stores the last one. Once a
    request has failed for good, no other one is begun; those under way may still finish, are
    handed out, and then the failure is raised. A caller who stops early ends them all: when the
    iterator is closed, thread, loop and connections are gone.

    Args:
        connect: Opens what requests are made with.
        ask: Makes one request.
        requests: All of them.
        places: Most of them at a time.

    Yields:
        Index of the request, and its answer.
    """
    if not requests:
        return
    arrived: SimpleQueue[tuple[int, A] | BaseException | None] = SimpleQueue()
    loop = asyncio.new_event_loop()
    work = loop.create_task(_work(connect, ask, requests, places, arrived.put))

    def run() -> None:
        try:
            loop.run_until_complete(work)
        except BaseException as error:  # Raised again where the answers are taken.
            arrived.put(error)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            arrived.put(None)

    thread = threading.Thread(target=run, name="primum-openai", daemon=True)
    thread.start()
    try:
        while (found := arrived.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        loop.call_soon_threadsafe(work.cancel)
        thread.join()
        loop.close()


async def _work(
    connect: Callable[[], AbstractAsyncContextManager[C]],
    ask: Callable[[C, Q], Awaitable[A]],
    requests: Sequence[Q],
    places: int,
    hand_out: Callable[[tuple[int, A]], None],
) -> None:
    waiting = iter(enumerate(requests))
    failures: list[Exception] = []

    async def take(connection: C) -> None:
        while not failures and (request := next(waiting, None)) is not None:
            try:
                hand_out((request[0], await ask(connection, request[1])))
            except Exception as error:
                failures.append(error)
                raise

    async with connect() as connection:
        takers = [asyncio.create_task(take(connection)) for _ in range(min(places, len(requests)))]
        try:
            _, going = await asyncio.wait(takers, return_when=asyncio.FIRST_EXCEPTION)
            if going:
                await asyncio.wait(going, timeout=_GRACE)
        finally:
            for taker in takers:
                taker.cancel()
            await asyncio.gather(*takers, return_exceptions=True)
    if failures:
        raise failures[0]
