"""What runs in a Ray cluster: an engine in each replica, and the way of shards to them."""

import pickle
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, TypeAlias

import ray
from ray.exceptions import ObjectLostError, RayActorError

from primum.arrays import Float32Array
from primum.engines.base import Completion, Engine, thinks
from primum.errors import UserError
from primum.messages import Messages

EngineMethod = Literal["generate", "choose", "represent", "score"]
Answer: TypeAlias = Completion | Float32Array
AnswerPart: TypeAlias = "list[tuple[int, Answer]] | UserError"
"""Answers that have finished, by index of the request; or why there are none."""

THREADS = 4
"""Of a replica's process: one answers, the others say that it is busy."""

_HELD_BACK = 0.5
"""Seconds that a finished answer may wait for others to travel with. A choice."""

_PAUSE = 0.2
"""Seconds before busy replicas are tried again. A choice."""


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What an engine says of itself; see `Engine`."""

    fingerprint: str
    layers: int
    context: int
    thinks: bool


class Replica:
    """An engine in a process of its own. A user's mistake is an answer, not a crash.

    Args:
        build: Makes the engine.
    """

    def __init__(self, build: Callable[[], Engine]) -> None:
        self._answering = Lock()
        self._engine: Engine | UserError
        try:
            self._engine = build()
        except UserError as error:
            self._engine = error

    def describe(self) -> EngineDescription | UserError:
        """The engine's properties; why there is no engine, where it could not be built."""
        engine = self._engine
        if isinstance(engine, UserError):
            return engine
        return EngineDescription(engine.fingerprint, engine.layers, engine.context, thinks(engine))

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        assert not isinstance(self._engine, UserError)
        return self._engine.count(messages)

    def answer(
        self, method: EngineMethod, shard: Sequence[tuple[int, Any]]
    ) -> Iterator[AnswerPart]:
        """Answers the requests of a shard, in parts, soon after they finish.

        Yields:
            Nothing at all where another shard is being answered.
        """
        if not self._answering.acquire(blocking=False):
            return
        finished: list[tuple[int, Answer]] = []
        sent = time.monotonic()
        try:
            answers = getattr(self._engine, method)([request for _, request in shard])
            for place, answer in answers:
                finished.append((shard[place][0], answer))
                if time.monotonic() - sent >= _HELD_BACK:
                    yield finished
                    finished, sent = [], time.monotonic()
            yield finished
        except UserError as error:
            yield finished
            yield error
        finally:
            self._answering.release()


def dispatch(
    row: dict[str, bytes], replicas: Sequence[Any], method: EngineMethod
) -> Iterator[dict[str, bytes]]:
    """The step of a Ray Data pipeline that has a shard answered, by whichever replica is free.

    Where the replica's process is killed, Ray starts another one, which gets what has not come
    back; where it does not start again, the other replicas do.

    Args:
        row: Holds the shard.
        replicas: Handles of `Replica`s.
        method: Which of the engine's methods.

    Yields:
        Rows that hold a `AnswerPart` each.
    """
    waiting = dict(pickle.loads(row["shard"]))
    left = list(replicas)
    while waiting:
        # As many shards as replicas come at a time, so one is free or will be soon.
        random.shuffle(left)
        for replica in tuple(left):
            try:
                for part in _parts(replica, method, list(waiting.items())):
                    yield {"part": pickle.dumps(part)}
                    if isinstance(part, UserError):
                        return
                    for index, _ in part:
                        del waiting[index]
            except (RayActorError, ObjectLostError):
                state = restarted(replica)
                if isinstance(state, UserError):
                    left.remove(replica)
                    if not left:
                        yield {"part": pickle.dumps(state)}
                        return
            if not waiting:
                return
        time.sleep(_PAUSE)


def _parts(
    replica: Any, method: EngineMethod, shard: list[tuple[int, Any]]
) -> Iterator[AnswerPart]:
    for part in replica.answer.options(num_returns="streaming").remote(method, shard):
        yield ray.get(part)


def restarted(replica: Any) -> EngineDescription | UserError:
    """Waits until a replica is up (again); says why where it never will be."""
    try:
        state: EngineDescription | UserError = ray.get(
            replica.describe.options(max_task_retries=-1).remote()
        )
    except RayActorError as error:
        last = str(error).strip().split("\n")[-1].rstrip(".")
        return UserError(
            f"a worker of the Ray cluster ended and does not start again ({last}); see to it that "
            "it has enough memory, and that primum and the model are on its host"
        )
    return state
