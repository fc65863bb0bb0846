"""Wraps models so that finished calls are remembered and never made again."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from primum.engines.base import (
    ChooseRequest,
    ClassifyRequest,
    Closable,
    Completion,
    Engine,
    FloatArray,
    GenerateRequest,
    RepresentRequest,
)
from primum.engines.local.classifier import Ids, SequenceClassifier
from primum.engines.replay import Codec, remembered
from primum.messages import Messages
from primum.store.calls import CallStore


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
        codec = Codec(_pack_completion, _read_completion, self._generated)
        return remembered(self.store, self.fingerprint, requests, self.engine.generate, codec)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, FloatArray]]:
        """See `Engine.choose`."""
        codec = Codec(_pack_floats, _read_floats, self._only_read)
        return remembered(self.store, self.fingerprint, requests, self.engine.choose, codec)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, FloatArray]]:
        """See `Engine.represent`."""
        codec = Codec(_pack_halves, _read_halves, self._only_read)
        return remembered(self.store, self.fingerprint, requests, self.engine.represent, codec)

    def _generated(self, request: GenerateRequest, completion: Completion) -> tuple[int, int]:
        return self.engine.count(request.messages), completion.tokens

    def close(self) -> None:
        """Closes the wrapped engine, where there is something to close."""
        if isinstance(self.engine, Closable):
            self.engine.close()

    def _only_read(
        self, request: ChooseRequest | RepresentRequest, answer: FloatArray
    ) -> tuple[int, int]:
        return self.engine.count(request.messages), 0


@dataclass(frozen=True)
class DurableClassifier:
    """A classification model whose finished calls are kept in a call store.

    Args:
        classifier: Where calls that are not in the store are made.
        store: Where outputs are looked up, and committed as they arrive.
    """

    classifier: SequenceClassifier
    store: CallStore

    @property
    def labels(self) -> tuple[str, ...]:
        """The wrapped model's."""
        return self.classifier.labels

    @property
    def independent(self) -> bool:
        """The wrapped model's."""
        return self.classifier.independent

    @property
    def fingerprint(self) -> str:
        """The wrapped model's."""
        return self.classifier.fingerprint

    @property
    def context(self) -> int:
        """The wrapped model's."""
        return self.classifier.context

    def encode(self, messages: Messages) -> Ids:
        """The wrapped model's."""
        return self.classifier.encode(messages)

    def logits(self, requests: Sequence[ClassifyRequest]) -> Iterator[tuple[int, FloatArray]]:
        """See `SequenceClassifier.logits`."""
        codec = Codec(_pack_floats, _read_floats, _length)
        return remembered(self.store, self.fingerprint, requests, self.classifier.logits, codec)


def _length(request: ClassifyRequest, answer: FloatArray) -> tuple[int, int]:
    return len(request.ids), 0


def _pack_completion(completion: Completion) -> bytes:
    """JSON, compressed where that makes it shorter; compressed or not shows in the first byte."""
    plain = json.dumps(asdict(completion), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return min(plain, zlib.compress(plain), key=len)


def _read_completion(packed: bytes, request: GenerateRequest) -> Completion:
    plain = packed if packed.startswith(b"{") else zlib.decompress(packed)
    return Completion(**json.loads(plain.decode("utf-8", "surrogatepass")))


def _pack_floats(values: FloatArray) -> bytes:
    return values.astype("<f4").tobytes()


def _read_floats(packed: bytes, request: ChooseRequest | ClassifyRequest) -> FloatArray:
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
