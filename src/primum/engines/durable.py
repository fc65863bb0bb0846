"""Wraps an engine so that finished calls are remembered and never made again."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np

from primum.engines.base import (
    ChooseRequest,
    Closable,
    Completion,
    Engine,
    FloatArray,
    GenerateRequest,
    RepresentRequest,
)
from primum.engines.messages import Messages
from primum.store.calls import CallStore, call_key

R = TypeVar("R", GenerateRequest, ChooseRequest, RepresentRequest)
A = TypeVar("A")


@dataclass(frozen=True)
class DurableEngine:
    """An engine whose finished calls are kept in a call store.

    Args:
        engine: Where calls that are not in the store are made.
        store: Where answers are looked up, and committed as they arrive.
    """

    engine: Engine
    store: CallStore

    @property
    def fingerprint(self) -> str:
        """The wrapped engine's."""
        return self.engine.fingerprint

    @property
    def layers(self) -> int:
        """The wrapped engine's."""
        return self.engine.layers

    @property
    def context(self) -> int:
        """The wrapped engine's."""
        return self.engine.context

    def count(self, messages: Messages) -> int:
        """The wrapped engine's."""
        return self.engine.count(messages)

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`."""
        return self._remembered(requests, self.engine.generate, _pack_completion, _read_completion)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, FloatArray]]:
        """See `Engine.choose`."""
        return self._remembered(requests, self.engine.choose, _pack_floats, _read_floats)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, FloatArray]]:
        """See `Engine.represent`."""
        return self._remembered(requests, self.engine.represent, _pack_halves, _read_halves)

    def close(self) -> None:
        """Closes the wrapped engine, where there is something to close."""
        if isinstance(self.engine, Closable):
            self.engine.close()

    def _remembered(
        self,
        requests: Sequence[R],
        run: Callable[[Sequence[R]], Iterator[tuple[int, A]]],
        pack: Callable[[A], bytes],
        read: Callable[[bytes, R], A],
    ) -> Iterator[tuple[int, A]]:
        """Known answers first, then those of the engine, each committed before it is handed on."""
        keys = [self._key(request) for request in requests]
        known = self.store.find(keys)
        wanted: dict[bytes, list[int]] = {}
        for index, key in enumerate(keys):
            if key in known:
                yield index, read(known[key], requests[index])
            else:
                wanted.setdefault(key, []).append(index)
        places = list(wanted.values())
        for position, answer in run([requests[same[0]] for same in places]):
            first = places[position][0]
            packed = pack(answer)
            self.store.add([(keys[first], requests[first].purpose, packed)])
            # What is handed on is what a later run would read back, to the last bit.
            for index in places[position]:
                yield index, read(packed, requests[index])

    def _key(self, request: GenerateRequest | ChooseRequest | RepresentRequest) -> bytes:
        content: dict[str, Any] = asdict(request)
        del content["purpose"]
        return call_key(engine=self.engine.fingerprint, kind=type(request).__name__, **content)


def _pack_completion(completion: Completion) -> bytes:
    return json.dumps(asdict(completion), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _read_completion(packed: bytes, request: GenerateRequest) -> Completion:
    return Completion(**json.loads(packed.decode("utf-8", "surrogatepass")))


def _pack_floats(values: FloatArray) -> bytes:
    return values.astype("<f4").tobytes()


def _read_floats(packed: bytes, request: ChooseRequest) -> FloatArray:
    return np.frombuffer(packed, dtype="<f4").astype(np.float32)


_SINGLE = b"\x04"  # In front of single-precision values; halves alone have an even length.


def _pack_halves(values: FloatArray) -> bytes:
    """Halves, or singles where a value is beyond what a half can hold."""
    if np.abs(values).max(initial=0) > np.finfo(np.float16).max:
        return _SINGLE + np.asarray(values, dtype="<f4").tobytes()
    return np.asarray(values, dtype="<f2").tobytes()


def _read_halves(packed: bytes, request: RepresentRequest) -> FloatArray:
    rows = len(request.layers)
    single = len(packed) % 2 == 1
    values = np.frombuffer(packed, dtype="<f4" if single else "<f2", offset=int(single))
    return values.astype(np.float32).reshape(rows, -1)
