"""Wraps models so that finished calls are recorded and never made again."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    ClassifyRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
)
from primum.engines.delegating import DelegatingClassifier, DelegatingEngine
from primum.engines.replay import StoredForm, replay_or_run
from primum.store.calls import CallStore


@dataclass(frozen=True)
class RecordedEngine(DelegatingEngine):
    """An engine whose finished calls are recorded in a call store.

    Attributes:
        engine: Where calls that are not in the store are made.
        store: Where answers are looked up, and committed as they arrive.
    """

    store: CallStore

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`."""
        form = StoredForm(_pack_completion, _unpack_completion, self._tokens_generated)
        return replay_or_run(self.store, self.fingerprint, requests, self.engine.generate, form)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`."""
        form: StoredForm[ChooseRequest, Float32Array] = StoredForm(
            _pack_floats, _unpack_floats, self._tokens_read
        )
        return replay_or_run(self.store, self.fingerprint, requests, self.engine.choose, form)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        form = StoredForm(_pack_halves, _unpack_halves, self._tokens_read)
        return replay_or_run(self.store, self.fingerprint, requests, self.engine.represent, form)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.score`."""
        form: StoredForm[ScoreRequest, Float32Array] = StoredForm(
            _pack_floats, _unpack_floats, self._tokens_read
        )
        return replay_or_run(self.store, self.fingerprint, requests, self.engine.score, form)

    def _tokens_generated(
        self, request: GenerateRequest, completion: Completion
    ) -> tuple[int, int]:
        return self.engine.count(request.messages), completion.tokens

    def _tokens_read(
        self, request: ChooseRequest | RepresentRequest | ScoreRequest, answer: Float32Array
    ) -> tuple[int, int]:
        return self.engine.count(request.messages), 0


@dataclass(frozen=True)
class RecordedClassifier(DelegatingClassifier):
    """A classification model whose finished calls are recorded in a call store.

    Attributes:
        classifier: Where calls that are not in the store are made.
        store: Where outputs are looked up, and committed as they arrive.
    """

    store: CallStore

    def logits(self, requests: Sequence[ClassifyRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `SequenceClassifier.logits`."""
        form = StoredForm(_pack_floats, _unpack_floats, _tokens_classified)
        return replay_or_run(self.store, self.fingerprint, requests, self.classifier.logits, form)


def _tokens_classified(request: ClassifyRequest, answer: Float32Array) -> tuple[int, int]:
    return len(request.ids), 0


def _pack_completion(completion: Completion) -> bytes:
    """JSON, compressed where that makes it shorter; compressed or not shows in the first byte."""
    plain = json.dumps(asdict(completion), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return min(plain, zlib.compress(plain), key=len)


def _unpack_completion(packed: bytes, request: GenerateRequest) -> Completion:
    plain = packed if packed.startswith(b"{") else zlib.decompress(packed)
    return Completion(**json.loads(plain.decode("utf-8", "surrogatepass")))


def _pack_floats(values: Float32Array) -> bytes:
    return values.astype("<f4").tobytes()


def _unpack_floats(
    packed: bytes, request: ChooseRequest | ClassifyRequest | ScoreRequest
) -> Float32Array:
    return np.frombuffer(packed, dtype="<f4").astype(np.float32)


_SINGLE = b"\x04"  # In front of single-precision values; halves alone have an even length.


def _pack_halves(values: Float32Array) -> bytes:
    """Halves, or singles where a value is beyond what a half can hold."""
    if np.abs(values).max(initial=0) > np.finfo(np.float16).max:
        return _SINGLE + np.asarray(values, dtype="<f4").tobytes()
    return np.asarray(values, dtype="<f2").tobytes()


def _unpack_halves(packed: bytes, request: RepresentRequest) -> Float32Array:
    rows = len(request.layers)
    single = len(packed) % 2 == 1
    values = np.frombuffer(packed, dtype="<f4" if single else "<f2", offset=int(single))
    return values.astype(np.float32).reshape(rows, -1)
