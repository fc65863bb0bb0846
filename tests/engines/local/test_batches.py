"""Memory that runs out makes batches smaller, and results no different."""

from contextlib import contextmanager

import numpy as np
import pytest
import torch

from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest, SamplingParams
from primum.engines.local.batches import is_out_of_memory, run_within_memory
from primum.engines.local.engine import TransformersEngine
from primum.engines.local.memory_budget import MemoryBudget
from primum.engines.models.loading import load
from primum.errors import UserError
from primum.messages import Message

WORDS = ("law", "health", "fox", "question", "the quick brown")


def user(text):
    return (Message("user", text),)


def generations(max_tokens=14):
    return [
        GenerateRequest(
            user(WORDS[at % 5] + " law" * (at % 7)),
            SamplingParams(1.0, 0.9 if at % 2 else 1.0, 1 + at % max_tokens),
            at,
            "test",
        )
        for at in range(24)
    ]


def choices():
    return [ChooseRequest(user("rate " + word * 3), ("1", "2", "10"), "t") for word in WORDS]


def representations():
    return [
        RepresentRequest((*user(word), Message("assistant", reply * 3)), (2, 4), "test")
        for word in WORDS
        for reply in WORDS[:3]
    ]


@pytest.fixture
def engine(tiny_folder):
    return TransformersEngine(load(str(tiny_folder), dtype="float32", device="cpu"), batch_size=16)


def cuda_error():
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def cpu_error():
    return RuntimeError(
        "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate "
        "memory: you tried to allocate 40000000000000 bytes. Error code 12"
    )


def mps_error():
    return RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB, other: 1.00 GB).")


@contextmanager
def memory_of(model, *, rows=10**9, tokens=10**9, error=cuda_error, after=0):
    """A model that runs out of memory beyond so many rows or tokens; notes what it ran."""
    forward, ran = model.model.forward, []

    def limited(*args, **kwargs):
        shape = kwargs["input_ids"].shape
        # In the middle of the pass, when a part of the layers has been cached already.
        too_much = shape[0] > rows or shape.numel() > tokens
        ran.append((tuple(shape), too_much))
        if not too_much or len(ran) <= after:
            return forward(*args, **kwargs)
        handle = model.model.layers[2].register_forward_pre_hook(lambda *_: throw(error()))
        try:
            return forward(*args, **kwargs)
        finally:
            handle.remove()

    model.model.forward = limited
    try:
        yield ran
    finally:
        del model.model.forward


def throw(error):
    raise error


def collected(answers):
    return dict(answers)


@pytest.mark.parametrize("error", [cuda_error, cpu_error, mps_error])
@pytest.mark.parametrize("limit", [{"rows": 3}, {"tokens": 40}, {"rows": 5, "after": 6}])
def test_generations_are_the_same_in_less_memory(engine, limit, error):
    expected = collected(engine.generate(generations()))
    with memory_of(engine.loaded.model, error=error, **limit) as ran:
        assert collected(engine.generate(generations())) == expected
    assert any(failed for _, failed in ran)
    assert engine.budget.rows < 16


def test_a_row_that_was_put_back_goes_on_where_it_was(engine):
    """All of it, from the tokens drawn so far: no token is drawn twice."""
    model = engine.loaded.model
    wanted = [
        GenerateRequest(user("law" * at), SamplingParams(max_tokens=30), at, "test")
        for at in range(1, 9)
    ]
    expected = collected(engine.generate(wanted))
    with memory_of(model, rows=4, after=20) as ran:
        assert collected(engine.generate(wanted)) == expected
    failed = next(at for at, (_, failed) in enumerate(ran) if failed and at >= 20)
    after = ran[failed + 1 :]
    assert max(shape[0] for shape, _ in after) <= 4
    prompts = max(len(engine.loaded.chat.prompt_ids(request.messages)) for request in wanted)
    # The pass that resumes holds the prompt and what was drawn since.
    assert max(shape[1] for shape, _ in after) >= prompts + 15


def test_batches_stay_small_in_later_calls(engine):
    with memory_of(engine.loaded.model, rows=3) as ran:
        list(engine.generate(generations()))
        ran.clear()
        list(engine.generate(generations()))
    assert not any(failed for _, failed in ran)


@pytest.mark.parametrize("error", [cuda_error, cpu_error, mps_error])
def test_choices_are_the_same_in_less_memory(engine, error):
    expected = collected(engine.choose(choices()))
    with memory_of(engine.loaded.model, tokens=60, error=error) as ran:
        got = collected(engine.choose(choices()))
    assert any(failed for _, failed in ran)
    for at, values in expected.items():
        np.testing.assert_allclose(got[at], values, atol=1e-5)


@pytest.mark.parametrize("error", [cuda_error, cpu_error, mps_error])
def test_hidden_states_are_the_same_in_less_memory(engine, error):
    expected = collected(engine.represent(representations()))
    with memory_of(engine.loaded.model, tokens=60, error=error) as ran:
        got = collected(engine.represent(representations()))
    assert any(failed for _, failed in ran)
    for at, values in expected.items():
        np.testing.assert_allclose(got[at], values, atol=1e-5)


def test_a_sequence_that_does_not_fit_alone_is_named(engine):
    prompt = engine.loaded.chat.prompt_ids(user("law"))
    request = GenerateRequest(user("law"), SamplingParams(max_tokens=5), 0, "test")
    with (
        memory_of(engine.loaded.model, tokens=3),
        pytest.raises(UserError, match=f"sequence of {len(prompt)} tokens .* cpu .*lower"),
    ):
        list(engine.generate([request]))
    with memory_of(engine.loaded.model, tokens=3), pytest.raises(UserError, match="even alone"):
        list(engine.choose(choices()))
    with memory_of(engine.loaded.model, tokens=3), pytest.raises(UserError, match="even alone"):
        list(engine.represent(representations()))


def test_another_error_is_not_hidden(engine):
    def other():
        return RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with (
        memory_of(engine.loaded.model, tokens=3, error=other),
        pytest.raises(RuntimeError, match="shapes"),
    ):
        list(engine.choose(choices()))


def test_little_free_memory_makes_small_batches(tiny_folder, monkeypatch):
    loaded = load(str(tiny_folder), dtype="float32", device="cpu")
    # Batches of another shape round otherwise, which in float32 flips a token on some processors.
    loaded.model.double()
    engine = TransformersEngine(loaded, batch_size=16)
    expected = collected(engine.generate(generations()))
    cached = 4 * 2 * 8 * 2 * 8  # Layers, key-value heads, head size, keys and values, bytes.
    monkeypatch.setattr(
        "primum.engines.local.memory_budget.free_bytes", lambda device: 200 * cached * 2
    )
    with memory_of(engine.loaded.model) as ran:
        assert collected(engine.generate(generations())) == expected
    assert engine.budget.limits().held == 200
    assert max(shape[0] for shape, _ in ran) < 8


def test_what_failed_is_freed_before_the_next_try():
    import weakref

    held = []

    class Big:
        pass

    def failing():
        big = Big()
        held.append(weakref.ref(big))
        raise cuda_error()

    assert run_within_memory(failing) is None
    assert held[0]() is None


def test_out_of_memory_is_known_by_its_errors():
    assert all(is_out_of_memory(error) for error in (cuda_error(), cpu_error(), mps_error()))
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("shape mismatch"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_real_allocation_failure_is_recognised():
    def much():
        return torch.empty(1 << 60)

    assert run_within_memory(much) is None


def test_room_is_halved_from_what_did_not_fit(engine):
    budget = MemoryBudget(engine.loaded.model, rows=64)
    budget.shrink(tokens=1000, rows=20, longest=50)
    assert (budget.rows, budget.forward) == (10, 500)
    assert budget.limits().forward == 500
    budget.shrink(tokens=2000, rows=30, longest=50)
    assert (budget.rows, budget.forward) == (5, 250)
