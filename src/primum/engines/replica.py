"""What runs in a Ray cluster: an engine in each replica, and the way of shards to them."""

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Literal, TypeAlias

import ray
from ray.exceptions import ObjectLostError, RayActorError

from primum.engines.base import Completion, Engine, FloatArray
from primum.engines.messages import Messages
from primum.errors import UserError

Method = Literal["generate", "choose", "represent"]
Answer: TypeAlias = Completion | FloatArray
Part: TypeAlias = "list[tuple[int, Answer]] | UserError"
"""Answers that have finished, by index of the request; or why there are none."""

_HELD_BACK = 0.5  # Seconds that a finished answer may wait for others to travel with.


@dataclass(frozen=True, slots=True)
class Description:
    """What an engine says of itself; see `Engine`."""

    fingerprint: str
    layers: int
    context: int


class Replica:
    """An engine in a process of its own. A user's mistake is an answer, not a crash.

    Args:
        build: Makes the engine.
    """

    def __init__(self, build: Callable[[], Engine]) -> None:
        self._engine: Engine | UserError
        try:
            self._engine = build()
        except UserError as error:
            self._engine = error

    def describe(self) -> Description | UserError:
        """The engine's properties; why there is no engine, where it could not be built."""
        engine = self._engine
        if isinstance(engine, UserError):
            return engine
        return Description(engine.fingerprint, engine.layers, engine.context)

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        assert not isinstance(self._engine, UserError)
        return self._engine.count(messages)

    def answer(self, method: Method, shard: Sequence[tuple[int, Any]]) -> Iterator[Part]:
        """Answers the requests of a shard, in parts, soon after they finish."""
        finished: list[tuple[int, Answer]] = []
        sent = time.monotonic()
        try:
            answers = getattr(self._engine, method)([request for _, request in shard])
            for place, answer in answers:
                finished.append((shard[place][0], answer))
                if time.monotonic() - sent >= _HELD_BACK:
                    yield finished
                    finished, sent = [], time.monotonic()
        except UserError as error:
            yield finished
            yield error
            return
        yield finished


class Dispatcher:
    """The step of a Ray Data pipeline that has shards answered, each by a replica that is free.

    Args:
        replicas: Handles of `Replica`s; as many shards come at a time.
        method: Which of the engine's methods.
    """

    def __init__(self, replicas: Sequence[Any], method: Method) -> None:
        self._method = method
        self._free: SimpleQueue[Any] = SimpleQueue()
        for replica in replicas:
            self._free.put(replica)

    def __call__(self, row: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
        """From a row with a shard to rows with parts of its answers."""
        waiting = dict(pickle.loads(row["shard"]))
        replica = self._free.get()
        try:
            while waiting:
                for part in self._parts(replica, list(waiting.items())):
                    yield {"part": pickle.dumps(part)}
                    if isinstance(part, UserError):
                        return
                    for index, _ in part:
                        del waiting[index]
        finally:
            self._free.put(replica)

    def _parts(self, replica: Any, shard: list[tuple[int, Any]]) -> Iterator[Part]:
        """What a replica answers until its shard or its process ends.

        A process that has died is started again by Ray, which is waited for here.
        """
        try:
            stream = replica.answer.options(num_returns="streaming").remote(self._method, shard)
            for reference in stream:
                yield ray.get(reference)
        except (RayActorError, ObjectLostError):
            state = restarted(replica)
            if isinstance(state, UserError):
                yield state


def restarted(replica: Any) -> Description | UserError:
    """Waits until a replica is up (again); says why where it never will be."""
    try:
        state: Description | UserError = ray.get(
            replica.describe.options(max_task_retries=-1).remote()
        )
    except RayActorError as error:
        last = str(error).strip().split("\n")[-1].rstrip(".")
        return UserError(
            f"a worker of the Ray cluster ended and does not start again ({last}); see to it that "
            "it has enough memory, and that primum and the model are on its host"
        )
    return state
