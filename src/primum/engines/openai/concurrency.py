"""Many requests under way at a time, and a plain iterator over what they bring."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

THREADS = "primum-openai"
"""What the names of the threads begin with."""

_GRACE = 30.0
"""Seconds for what is under way to finish once a request has failed for good. A choice."""


def as_finished(
    ask: Callable[[Q], A], requests: Sequence[Q], *, places: int, stop: Callable[[], None]
) -> Iterator[tuple[int, A]]:
    """Answers as they arrive, with never more than `places` requests under way.

    Requests run in threads, so that answers go on arriving while the caller stores the last one.
    Once a request has failed for good, no other one is begun; those under way may still finish, are
    handed out, and then the failure is raised. A caller who stops early ends them all: when the
    iterator is closed, the threads are gone.

    Args:
        ask: Makes one request.
        requests: All of them.
        places: Most of them at a time.
        stop: Is called once no further answer is wanted. From then on `ask` must end soon,
            by raising or returning.

    Yields:
        Index of the request, and its answer.
    """
    waiting = deque(enumerate(requests))
    arrived: SimpleQueue[tuple[int, Future[A]]] = SimpleQueue()
    failed = Event()
    pool = ThreadPoolExecutor(places, thread_name_prefix=THREADS)

    def begin() -> None:
        # One after another rather than all at once: an interpreter that exits before the iterator
        # is closed finishes what a pool was given.
        with suppress(IndexError, RuntimeError):
            index, request = waiting.popleft()
            pool.submit(ask, request).add_done_callback(partial(end, index))

    def end(index: int, finished: Future[A]) -> None:
        if finished.exception():
            failed.set()
        if not failed.is_set():
            begin()
        arrived.put((index, finished))

    failure: BaseException | None = None
    deadline = float("inf")
    taken = 0
    try:
        for _ in range(min(places, len(requests))):
            begin()
        while taken < len(requests) - len(waiting):
            try:
                index, finished = arrived.get(timeout=_left_until(deadline))
            except Empty:
                break
            taken += 1
            error = finished.exception()
            if error is None:
                yield index, finished.result()
            elif failure is None:
                failure, deadline = error, time.monotonic() + _GRACE
        if failure is not None:
            raise failure
    finally:
        failed.set()
        stop()
        pool.shutdown()


def _left_until(deadline: float) -> float | None:
    """Seconds up to a time of the monotonic clock; None where it never comes."""
    return None if deadline == float("inf") else max(0.0, deadline - time.monotonic())
