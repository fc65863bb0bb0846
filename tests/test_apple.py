"""What can be known of Apple's devices without one: number formats, and whose random numbers."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from primum.engines.base import SamplingParams
from primum.engines.local.active_batch import DecodeRequest
from primum.engines.local.continuous_batching import decode
from primum.engines.local.hidden_states import EncodedAnswer, represent
from primum.engines.local.logprobs.choices import EncodedChoices, choose
from primum.engines.local.memory_budget import MemoryBudget
from primum.forecast import resources
from primum.training.data.encoding import Encoded
from primum.training.data.groups import Group
from primum.training.network.packing import choose_layout
from primum.training.network.scoring import install, mean_logprobs
from primum.training.step import optimizer_step
from primum.training.step.loss import LossSettings, pairs_of_step
from primum.training.step.microbatch import collate
from tests.tiny import tiny_model

MPS = torch.device("mps")
PROMPTS = ((5, 6, 7, 8), (9, 10), (5, 6, 11, 12, 13))


class NoFloat64(TorchDispatchMode):
    """As Metal does: refuses every tensor in float64."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        found = function(*args, **(kwargs or {}))
        for leaf in tree_leaves((args, kwargs, found)):
            if isinstance(leaf, torch.Tensor) and leaf.dtype == torch.float64 and leaf.ndim:
                raise TypeError(f"{function}: MPS doesn't support float64")
        return found


def test_the_mode_refuses_what_metal_does():
    with NoFloat64(), pytest.raises(TypeError, match="float64"):
        torch.ones(2).double()


def test_the_engine_computes_nothing_in_float64():
    model = tiny_model()
    budget = MemoryBudget(model, rows=2)
    jobs = [
        DecodeRequest(at, prompt, SamplingParams(temperature, top_p, 4), at)
        for at, (prompt, temperature, top_p) in enumerate(
            zip(PROMPTS, (0.0, 0.7, 1.0), (1.0, 0.5, 1.0), strict=True)
        )
    ]
    questions = [EncodedChoices(at, p, ((7,), (8, 9))) for at, p in enumerate(PROMPTS)]
    answers = [EncodedAnswer(at, p, (20, 21), (1, 2)) for at, p in enumerate(PROMPTS)]
    with NoFloat64():
        written = list(decode(model, jobs, stop_ids=frozenset(), pad_id=2, budget=budget))
        assert len(written) == 3
        assert len(list(choose(model, questions, pad_id=2, budget=budget))) == 3
        assert len(list(represent(model, answers, pad_id=2, budget=budget))) == 3


@pytest.mark.parametrize("loss", ["spa", "simpo", "dpo", "sft"])
def test_training_computes_nothing_in_float64_on_the_device(loss):
    model = tiny_model()
    install(model)
    layout = choose_layout(model)
    items = tuple(
        Encoded(
            np.array([*prompt, *range(30, 30 + size)], dtype=np.int32), len(prompt), 0, 0, False
        )
        for prompt, size in ((PROMPTS[0], 3), (PROMPTS[0], 5))
    )
    group = Group((0, 1), items, np.array([[0, 1]]), np.array([1.5]))
    settings = LossSettings(loss, beta=0.1)
    # Weights are found on the CPU, where float64 is allowed; what goes to the device is not in it.
    pairs = pairs_of_step([group], settings, [torch.zeros(2)], torch.device("cpu"))
    batch = collate(items, layout=layout, pad_id=2, device=torch.device("cpu"))
    with NoFloat64():
        pairs.losses(settings, mean_logprobs(model, batch)).sum().backward()


def test_the_second_pass_draws_the_device_s_first_masks(monkeypatch):
    given = []
    monkeypatch.setattr(torch.mps, "get_rng_state", lambda: torch.tensor([7]))
    monkeypatch.setattr(torch.mps, "set_rng_state", given.append)
    state = optimizer_step._random_state(MPS)
    optimizer_step._restore(state, MPS)
    assert [int(value) for value in given] == [7]


def test_the_memory_is_metal_s_share(monkeypatch):
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 12345)
    assert resources._memory(MPS) == 12345
