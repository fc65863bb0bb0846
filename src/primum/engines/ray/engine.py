"""The engine of several replicas in a Ray cluster, which is one engine to those who use it."""

import logging
import math
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    Completion,
    Engine,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
    Thinking,
)
from primum.engines.ray.cluster import connect, disconnect, host_resources, share_per_replica
from primum.errors import UserError
from primum.messages import Messages

if TYPE_CHECKING:
    from primum.engines.ray.worker import AnswerPart, EngineDescription, EngineMethod

R = TypeVar("R", GenerateRequest, ChooseRequest, RepresentRequest, ScoreRequest)

_LEAST = 8
"""Requests in a shard, at least. A choice."""

_RESTARTS = 8
"""How often a replica's process is started again. A choice."""

_PATIENCE = 60.0
"""Seconds after which a start that is not finished is worth a warning. A choice."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class RayEngine:
    """Spreads requests over replicas of an engine, one per worker of a Ray cluster.

    Ray keeps the replicas alive and starts one again that was killed; Ray Data deals shards of
    requests to those that are free and streams the answers back. What the replicas compute is
    what one engine computes, since a request draws from its own seed.

    Nothing is started before it is needed. Only one model's replicas are up at a time, since they
    take what the cluster has: those of another model end.

    Args:
        build: Makes the engine, in each worker.
        replicas: How many.
        cluster: See `cluster.connect`.
        device: Where an engine runs; decides what a replica asks the cluster for.
        gpus_each: How many GPUs an engine runs on, where it runs on any.
    """

    build: Callable[[], Engine]
    replicas: int
    cluster: str | None = None
    device: str = "cpu"
    gpus_each: int = 1
    _running: tuple[Any, ...] = ()
    _known: "EngineDescription | None" = field(default=None)

    def __post_init__(self) -> None:
        if self.device.startswith("cuda:"):
            raise UserError(
                f"engine.device={self.device} names one card, but with engine.replicas every "
                "worker gets its own; write engine.device=cuda"
            )

    @property
    def fingerprint(self) -> str:
        """That of a single engine."""
        return self._description().fingerprint

    @property
    def layers(self) -> int:
        """That of a single engine."""
        return self._description().layers

    @property
    def context(self) -> int:
        """That of a single engine."""
        return self._description().context

    @property
    def thinks(self) -> bool:
        """That of a single engine."""
        return self._description().thinks

    def check_thinking(self, thinking: Thinking) -> None:
        """Nothing: the replicas check it with their first request."""

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        import ray

        replica = self._started()[0]
        return int(ray.get(replica.count.options(max_task_retries=-1).remote(messages)))

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`."""
        return self._spread("generate", requests)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`."""
        return self._spread("choose", requests)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        return self._spread("represent", requests)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.score`."""
        return self._spread("score", requests)

    def close(self) -> None:
        """Ends the replicas, and leaves the cluster; either starts again when needed."""
        self._stop()
        if not _running_engines:
            disconnect()

    def _spread(self, method: "EngineMethod", requests: Sequence[R]) -> Iterator[tuple[int, Any]]:
        """Every request is answered once.

        A killed task of Ray Data runs again, and may say other things than before: answers that
        came already are dropped, and what a pass has left out is asked for in another one.
        """
        waiting = dict(enumerate(requests))
        for _ in range(1 + _RESTARTS):
            if not waiting:
                return
            for part in _stream(self._started(), method, shards(waiting, self.replicas)):
                if isinstance(part, UserError):
                    raise part
                for index, answer in part:
                    if waiting.pop(index, None) is not None:
                        yield index, answer
        if waiting:
            raise RuntimeError(f"{len(waiting)} requests ({method}) came back without an answer")

    def _description(self) -> "EngineDescription":
        if self._known is None:
            self._started()
        assert self._known is not None
        return self._known

    def _started(self) -> tuple[Any, ...]:
        """The replicas, up and all of one kind."""
        if self._running:
            return self._running
        for other in tuple(_running_engines):
            other._stop()
        connect(self.cluster, self.replicas)
        import ray

        from primum.engines.ray.worker import THREADS, Replica

        share = share_per_replica(host_resources(), self.device, self.replicas, self.gpus_each)
        worker = ray.remote(Replica).options(
            num_cpus=share.cpus,
            num_gpus=share.gpus,
            max_restarts=_RESTARTS,
            max_concurrency=THREADS,
        )
        self._running = tuple(worker.remote(self.build) for _ in range(self.replicas))
        _running_engines.append(self)
        try:
            self._known = _common_description(self._running)
        except BaseException:
            self._stop()
            raise
        return self._running

    def _stop(self) -> None:
        if self._running:
            import ray

            if ray.is_initialized():
                for replica in self._running:
                    ray.kill(replica)
            self._running = ()
            _running_engines.remove(self)


_running_engines: list[RayEngine] = []


def shards(requests: Mapping[int, R], replicas: int) -> list[list[tuple[int, R]]]:
    """Cuts requests into shards, those that begin alike side by side.

    Sizes fall towards the end, so that replicas end together without many small shards before
    (guided self-scheduling: Polychronopoulos and Kuck 1987).

    Args:
        requests: By index.
        replicas: How many take shards; one gets a single shard.
    """
    ordered = sorted(requests.items(), key=lambda item: _order(item[1].messages))
    cut = []
    while ordered:
        size = max(_LEAST, math.ceil(len(ordered) / (2 * replicas - 1)))
        cut.append(ordered[:size])
        ordered = ordered[size:]
    return cut


def _order(messages: Messages) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in messages]


def _common_description(replicas: Sequence[Any]) -> "EngineDescription":
    """Waits for all replicas, and makes sure that it does not matter who answers."""
    import ray

    from primum.engines.ray.worker import restarted

    calls = [replica.describe.options(max_task_retries=-1).remote() for replica in replicas]
    _, pending = ray.wait(calls, num_returns=len(calls), timeout=_PATIENCE)
    if pending:
        _log.warning("%d of %d engines are not up yet", len(pending), len(calls))
    described: list[EngineDescription] = []
    for replica in replicas:
        state = restarted(replica)
        if isinstance(state, UserError):
            raise state
        described.append(state)
    kinds = sorted({state.fingerprint for state in described})
    if len(kinds) > 1:
        raise UserError(
            f"the workers of the Ray cluster would compute differently ({', '.join(kinds)}); put "
            "the same model on every host, and set engine.device and engine.dtype"
        )
    return described[0]


def _stream(
    replicas: Sequence[Any], method: "EngineMethod", parts: Sequence[Sequence[tuple[int, Any]]]
) -> "Iterator[AnswerPart]":
    """Runs shards as a Ray Data pipeline, and passes on what finishes as it does.

    Args:
        replicas: Handles of the engines.
        method: Which of their methods.
        parts: The shards: requests with their indices.
    """
    import ray.data

    from primum.engines.ray.worker import dispatch

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    # Every part travels at once instead of waiting until a block is full.
    context.target_max_block_size = 1
    rows = [{"shard": pickle.dumps(part)} for part in parts]
    with ray.data.DataContext.current(context):
        answers = ray.data.from_items(rows, override_num_blocks=len(rows)).flat_map(
            dispatch,
            fn_kwargs={"replicas": replicas, "method": method},
            # Light tasks, which wait most of the time, beside the replicas that have the CPUs.
            compute=ray.data.TaskPoolStrategy(size=min(len(replicas), len(rows))),
            num_cpus=0,
        )
    for batch in answers.iter_batches(batch_size=None, prefetch_batches=0):
        for part in batch["part"]:
            yield pickle.loads(part)
