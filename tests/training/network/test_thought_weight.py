"""Weighted thoughts: Σ wₜ log pₜ / Σ wₜ, computed plainly from all logits."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from primum.training.network.packing import choose_layout
from primum.training.network.scoring import install, mean_logprobs
from primum.training.step.loss import LossSettings, pairs_of_step
from primum.training.step.microbatch import collate
from tests.training.network.test_scoring import families, gradients, make, one_by_one, sequences

CPU = torch.device("cpu")
THOUGHTS = (4, 0, 1, 0)


def thoughtful(items):
    return [replace(item, thought=count) for item, count in zip(items, THOUGHTS, strict=True)]


def plainly(model, items, weight):
    means = []
    for item in items:
        ids = torch.from_numpy(item.ids).long()[None]
        logprobs = model(input_ids=ids).logits[0].float().log_softmax(-1)
        each = logprobs[item.start - 1 : -1].gather(1, ids[0, item.start :, None])[:, 0]
        weights = [weight] * item.thought + [1.0] * (len(each) - item.thought)
        means.append(sum(w * p for w, p in zip(weights, each, strict=True)) / sum(weights))
    return torch.stack(means)


@pytest.fixture(scope="module")
def model():
    made = make("llama")
    install(made)
    choose_layout(made)
    mean_logprobs(made, collate(sequences(), layout="packed", pad_id=0, device=CPU))
    return made


@pytest.mark.parametrize("layout", ["packed", "padded", "shared"])
@pytest.mark.parametrize("weight", [0.0, 0.25, 3.0])
def test_a_thought_s_tokens_count_by_their_weight(model, layout, weight):
    items = thoughtful(sequences() if layout != "shared" else families())
    expected = plainly(model, items, weight)
    batch = collate(items, layout=layout, pad_id=0, device=CPU, thought_weight=weight)
    found = mean_logprobs(model, batch)
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)
    theirs = gradients(model, expected)
    for ours, reference in zip(gradients(model, found), theirs, strict=True):
        torch.testing.assert_close(ours, reference, atol=1e-3, rtol=1e-3)


def test_weight_zero_scores_the_answer_given_the_thought(model):
    items = thoughtful(sequences())
    batch = collate(items, layout="packed", pad_id=0, device=CPU, thought_weight=0.0)
    given = [replace(item, start=item.start + item.thought, thought=0) for item in items]
    torch.testing.assert_close(
        mean_logprobs(model, batch), one_by_one(model, given), atol=2e-5, rtol=1e-4
    )


@pytest.mark.parametrize(("items", "weight"), [(thoughtful(sequences()), 1.0), (sequences(), 0.25)])
def test_nothing_changes_without_a_weight_or_a_thought(model, items, weight):
    plain = collate(sequences(), layout="packed", pad_id=0, device=CPU)
    batch = collate(items, layout="packed", pad_id=0, device=CPU, thought_weight=weight)
    assert batch.weights is None
    assert torch.equal(mean_logprobs(model, batch), mean_logprobs(model, plain))


class OneGroup:
    def __init__(self, responses):
        self.responses = responses
        self.pairs = np.array([[0, 1]])
        self.gaps = np.ones(1)
        self.met = self.others = None


def test_dpo_s_sums_are_weighted_too(model):
    items = thoughtful(sequences())
    settings = LossSettings("dpo", beta=0.1, thought_weight=0.5)
    means = plainly(model, items, 0.5).detach()
    pairs = pairs_of_step([OneGroup(items)], settings, [torch.zeros(4)], CPU)
    sums = (means * pairs.counts)[:2]
    halves = [0.5 * 4 + 5, 14]
    assert pairs.counts.tolist()[:2] == halves
    expected = -torch.nn.functional.logsigmoid(0.1 * (sums[0] - sums[1]))
    torch.testing.assert_close(pairs.losses(settings, means)[0], expected)
    whole = pairs_of_step([OneGroup(items)], LossSettings("dpo"), [torch.zeros(4)], CPU)
    assert whole.counts.dtype == torch.int64
