"""Answers requests from a call store, and lets a model answer only the others."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic, TypeVar

from primum.engines.base import (
    ChooseRequest,
    ClassifyRequest,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
)
from primum.messages import as_dicts
from primum.store.calls import CallStore, FinishedCall, call_key

R = TypeVar("R", GenerateRequest, ChooseRequest, RepresentRequest, ScoreRequest, ClassifyRequest)
A = TypeVar("A")


@dataclass(frozen=True)
class StoredForm(Generic[R, A]):
    """How answers are stored.

    Args:
        pack: An answer as bytes.
        unpack: The answer to a request from its bytes.
        count: Tokens that a call read and wrote.
    """

    pack: Callable[[A], bytes]
    unpack: Callable[[bytes, R], A]
    count: Callable[[R, A], tuple[int, int]]


def request_key(
    fingerprint: str,
    request: GenerateRequest | ChooseRequest | RepresentRequest | ScoreRequest | ClassifyRequest,
) -> bytes:
    """The key under which the answer to a request is stored.

    It covers the engine's fingerprint and the whole request but for its purpose. The fingerprint
    names the kind of engine, the weights, the adapter, the tokenizer, the template and the number
    format; together with the messages these determine the token ids, and with sampling settings and
    seed (or the choices, or the layers) the answer. Left out on purpose are device, batch size and
    number of workers: they can move the last bits of a rounding, and a run must be able to go on
    with other ones. The kind of request is part of the key, since the same messages can be asked
    for an answer and for probabilities.
    """
    # Not asdict of the whole, which copies every message and takes longer than the commit.
    content: dict[str, Any] = {
        field.name: getattr(request, field.name)
        for field in fields(request)
        if field.name != "purpose"
    }
    if "messages" in content:
        content["messages"] = as_dicts(content["messages"])
    if "sampling" in content:
        content["sampling"] = asdict(content["sampling"])
    return call_key(engine=fingerprint, kind=type(request).__name__, **content)


def replay_or_run(
    store: CallStore,
    fingerprint: str,
    requests: Sequence[R],
    run: Callable[[Sequence[R]], Iterator[tuple[int, A]]],
    form: StoredForm[R, A],
) -> Iterator[tuple[int, A]]:
    """Stored answers first, then those of `run`, each committed before it is handed on.

    Args:
        store: Where answers are looked up and stored.
        fingerprint: Identifies the model; see `request_key`.
        requests: What is asked; requests of the same content are made once.
        run: Lets the model answer.
        form: How answers are stored.

    Yields:
        Index of the request, and its answer.
    """
    keys = [request_key(fingerprint, request) for request in requests]
    stored = store.find(keys)
    asked = zip(requests, keys, strict=True)
    store.note_hits(Counter(request.purpose for request, key in asked if key in stored))
    wanted: dict[bytes, list[int]] = {}
    for index, key in enumerate(keys):
        if key in stored:
            yield index, form.unpack(stored[key], requests[index])
        else:
            wanted.setdefault(key, []).append(index)
    if not wanted:
        return
    places = list(wanted.values())
    began = time.monotonic()
    for position, answer in run([requests[same[0]] for same in places]):
        seconds = time.monotonic() - began
        first, *others = places[position]
        packed = form.pack(answer)
        tokens = form.count(requests[first], answer)
        purpose = requests[first].purpose
        store.add([FinishedCall(keys[first], purpose, packed, *tokens, seconds, len(others))])
        for index in places[position]:
            # What is handed on is what a later run would read back, to the last bit.
            yield index, form.unpack(packed, requests[index])
        began = time.monotonic()
