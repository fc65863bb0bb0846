"""The step's loss and gradient, for every way of splitting it among ranks and micro-batches."""

import threading
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peft import LoraConfig, get_peft_model

from primum.engines.models.chat import ChatFormat
from primum.recipe.losses import LossName
from primum.training.data.encoding import Encoded
from primum.training.data.groups import group_by_prompt
from primum.training.network import logprobs
from primum.training.network.packing import choose_layout
from primum.training.network.scoring import install, mean_logprobs
from primum.training.step.dispatch import Dispatcher
from primum.training.step.loss import LossSettings, pairs_of_step
from primum.training.step.microbatch import collate
from primum.training.step.optimizer_step import OptimizerStep
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.network.test_logprobs import Largest
from tests.training.samples import preferences

CPU = torch.device("cpu")
LOSSES = {
    "spa": LossSettings("spa", beta=2.0, gamma=1.0, alpha=1.5),
    "simpo": LossSettings("simpo", beta=2.0, gamma=1.0, alpha=1.0),
    "dpo": LossSettings("dpo", beta=0.1, gamma=0.0, alpha=1.0),
    "sft": LossSettings("sft", beta=1.0, gamma=0.0, alpha=1.0),
    "ipo": LossSettings("ipo", beta=0.1, likelihood=0.3),
    "orpo": LossSettings("orpo", odds=0.5),
    "safedpo": LossSettings("safedpo", beta=0.1, offset=2.0),
    "bfpo": LossSettings("bfpo", beta=0.1, shift=0.5),
    "modpo": LossSettings("modpo", beta=0.1, objective_weight=0.4, reward_scale=0.5),
}


def test_every_loss_is_here():
    assert set(LOSSES) == set(get_args(LossName))


class Ranks:
    """Sums tensors over threads that stand for ranks."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count)
        self._lock = threading.Lock()
        self._held: list[torch.Tensor] = []

    def add_up(self, values: torch.Tensor) -> torch.Tensor:
        with self._lock:
            self._held.append(values)
        self._barrier.wait()
        total = torch.stack(self._held).sum(0)
        if self._barrier.wait() == 0:
            self._held.clear()
        self._barrier.wait()
        return total


@pytest.fixture(scope="module")
def groups():
    data = preferences(prompts=4, responses=4)
    chat = ChatFormat(tiny_tokenizer())
    found = group_by_prompt(data, chat, max_length=200, loss="spa").items
    draw = np.random.default_rng(7)
    return [
        replace(
            group,
            met=draw.random(group.pairs.shape) > 0.5,
            others=draw.normal(size=len(group.pairs)),
        )
        for group in found
    ]


@pytest.fixture(scope="module")
def model():
    model = tiny_model().double()
    install(model)
    choose_layout(model)
    ids = torch.arange(3, 9, dtype=torch.int32).numpy()
    batch = collate([Encoded(ids, 2, 0, 0, False)], layout="packed", pad_id=0, device=CPU)
    mean_logprobs(model, batch)  # From now on prompts can be shared.
    return model


def references(groups):
    generator = torch.Generator().manual_seed(1)
    return [-3 - torch.rand(len(g.responses), generator=generator).double() for g in groups]


def at_once(model, groups, loss):
    """The loss and its gradient from one batch of all responses, the plain way."""
    responses = [response for group in groups for response in group.responses]
    batch = collate(responses, layout="padded", pad_id=0, device=CPU)
    pairs = pairs_of_step(groups, loss, references(groups), CPU)
    value = pairs.losses(loss, mean_logprobs(model, batch)).mean()
    return value.detach(), torch.autograd.grad(value, list(model.parameters()))


def in_parts(model, groups, loss, ranks, budget, per_batch, turns, layout):
    """The same, dealt to ranks."""
    bridge = Ranks(ranks)
    gradient = [torch.zeros_like(p) for p in model.parameters()]
    values, lock = [], threading.Lock()

    def work(rank: int) -> None:
        dispatcher = Dispatcher(rank, ranks, layout, 0, CPU, budget, per_batch, bridge.add_up)
        pairs = pairs_of_step(groups, loss, references(groups), CPU)
        step = OptimizerStep(groups, pairs, loss, dispatcher, turns)
        step.means = step.means.double()
        step.cache(model)
        for slot in range(turns):
            for turn in step.slot(slot):
                part = torch.autograd.grad(step.loss(model, turn), list(model.parameters()))
                with lock:
                    for total, share in zip(gradient, part, strict=True):
                        total += share
        values.append(step.value())

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(ranks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == ranks
    return values, gradient


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("layout", ["shared", "packed", "padded"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    ranks=st.integers(1, 3),
    budget=st.one_of(st.none(), st.integers(20, 900)),
    per_batch=st.integers(1, 3),
    turns=st.integers(1, 4),
)
def test_every_split_gives_the_same_loss_and_gradient(
    model, groups, name, layout, ranks, budget, per_batch, turns
):
    loss = LOSSES[name]
    value, expected = at_once(model, groups, loss)
    values, found = in_parts(model, groups, loss, ranks, budget, per_batch, turns, layout)
    for each in values:
        torch.testing.assert_close(each, value, atol=1e-6, rtol=1e-6)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_prompts_that_are_split_beside_prompts_that_are_not(model, groups, name):
    sizes = sorted(sum(group.lengths) for group in groups)
    budget = sizes[1]
    dispatcher = Dispatcher(0, 1, "packed", 0, CPU, budget, 1, lambda values: values)
    assert 0 < len(dispatcher.plan(groups, 1).split) < len(groups)
    loss = LOSSES[name]
    value, expected = at_once(model, groups, loss)
    [found_value], found = in_parts(model, groups, loss, 1, budget, 1, 1, "packed")
    torch.testing.assert_close(found_value, value, atol=1e-6, rtol=1e-6)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


def test_a_tiny_budget_does_split_prompts(model, groups):
    dispatcher = Dispatcher(0, 1, "packed", 0, CPU, 60, 1, lambda values: values)
    pairs = pairs_of_step(groups, LOSSES["spa"], None, CPU)
    step = OptimizerStep(groups, pairs, LOSSES["spa"], dispatcher, 1)
    alone = sum(sum(group.lengths) for group in groups)
    assert step.turns > len(groups)
    assert alone < step.tokens <= 2 * alone


def test_shared_prompts_are_forwarded_once(model, groups):
    dispatcher = Dispatcher(0, 1, "shared", 0, CPU, 10_000, 1, lambda values: values)
    step = OptimizerStep(
        groups, pairs_of_step(groups, LOSSES["spa"], None, CPU), LOSSES["spa"], dispatcher, 1
    )
    alone = sum(sum(group.lengths) for group in groups)
    spared = sum(group.shared * (len(group.responses) - 1) for group in groups)
    assert spared > 0
    assert step.tokens == alone - spared


def test_weights_of_a_micro_batch_mean_would_be_wrong(model, groups):
    """The mean gap is the step's: one pair at a time would make every weight 1."""
    whole = pairs_of_step(groups, LOSSES["spa"], None, CPU).weights
    alone = [pairs_of_step([group], LOSSES["spa"], None, CPU).weights for group in groups]
    assert not torch.allclose(whole, torch.cat(alone))
    assert whole.mean().item() != pytest.approx(1.0)  # α is not 1 here


def test_both_passes_draw_the_same_dropout_masks(groups):
    model = tiny_model()
    model.config.attention_dropout = 0.3
    install(model)
    for layer in model.model.layers:
        layer.self_attn.attention_dropout = 0.3
    model.train()
    dispatcher = Dispatcher(0, 1, choose_layout(model), 0, CPU, 60, 1, lambda values: values)
    pairs = pairs_of_step(groups, LOSSES["simpo"], None, CPU)
    step = OptimizerStep(groups, pairs, LOSSES["simpo"], dispatcher, 1)
    first = {}
    add_up = step._dispatcher.add_up

    def note(values):
        first["means"] = values.clone()
        return add_up(values)

    object.__setattr__(step._dispatcher, "add_up", note)
    step.cache(model)
    object.__setattr__(step._dispatcher, "add_up", add_up)
    for turn in range(step.turns):
        step.loss(model, turn)
    split = first["means"] != 0
    assert split.any()
    torch.testing.assert_close(step.means[split], first["means"][split])


@pytest.mark.parametrize("adapter", [False, True])
def test_a_step_never_holds_all_logits(groups, monkeypatch, adapter):
    monkeypatch.setitem(logprobs.CHUNK_ELEMENTS, "cpu", 8 * 400)
    base = tiny_model()
    model = get_peft_model(base, LoraConfig(r=2, target_modules="all-linear")) if adapter else base
    install(base)
    dispatcher = Dispatcher(0, 1, choose_layout(base), 0, CPU, 10_000, 1, lambda values: values)
    pairs = pairs_of_step(groups, LOSSES["spa"], None, CPU)
    step = OptimizerStep(groups, pairs, LOSSES["spa"], dispatcher, 1)
    step.loss(model, 0)  # The first pass still builds the attention mask.
    with Largest() as largest:
        step.loss(model, 0).backward()
    vocabulary, tokens = 400, int(pairs.counts.sum())
    assert step.turns == 1
    # The largest tensors left are the embedding's and the hidden layers' own.
    assert largest.size <= max(64 * sum(sum(g.lengths) for g in groups), 32 * vocabulary)
    assert largest.size < tokens * vocabulary / 2
