import pytest
import torch
from torch.autograd import gradcheck
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from primum.training.network.logprobs import token_logprobs, token_logprobs_of

TOKENS, WIDTH, VOCABULARY = 37, 8, 101


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation makes."""

    def __init__(self):
        super().__init__()
        self.size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        sizes = [leaf.numel() for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)]
        self.size = max([self.size, *sizes])
        return result


def problem(dtype=torch.float64, trainable=False, bias=False):
    torch.manual_seed(0)
    hidden = torch.randn(TOKENS, WIDTH, dtype=dtype, requires_grad=True)
    weight = torch.randn(VOCABULARY, WIDTH, dtype=dtype, requires_grad=trainable)
    offset = torch.randn(VOCABULARY, dtype=dtype, requires_grad=trainable) if bias else None
    return hidden, weight, offset, torch.randint(VOCABULARY, (TOKENS,))


def plainly(hidden, weight, bias, targets):
    logits = torch.nn.functional.linear(hidden, weight, bias)
    return logits.log_softmax(-1)[torch.arange(len(targets)), targets]


@pytest.mark.parametrize("rows", [1, 5, 37, 1000])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("trainable", [False, True])
def test_values_and_gradients_are_those_of_all_logits_at_once(rows, bias, trainable):
    hidden, weight, offset, targets = problem(trainable=trainable, bias=bias)
    wanted = [t for t in (hidden, weight, offset) if t is not None and t.requires_grad]
    factors = torch.linspace(-1, 2, TOKENS, dtype=torch.float64)
    expected = plainly(hidden, weight, offset, targets)
    found = token_logprobs(hidden, weight, offset, targets, rows)
    assert torch.allclose(found, expected)
    ours = torch.autograd.grad((found * factors).sum(), wanted)
    theirs = torch.autograd.grad((expected * factors).sum(), wanted)
    assert all(torch.allclose(a, b) for a, b in zip(ours, theirs, strict=True))


def test_gradients_agree_with_finite_differences():
    hidden, weight, offset, targets = problem(trainable=True, bias=True)
    assert gradcheck(lambda h, w, b: token_logprobs(h, w, b, targets, 5), (hidden, weight, offset))


@pytest.mark.parametrize("trainable", [False, True])
def test_nothing_of_size_tokens_times_vocabulary_is_made(trainable):
    hidden, weight, _, targets = problem(torch.float32, trainable)
    with Largest() as largest:
        token_logprobs(hidden, weight, None, targets, 4).sum().backward()
    assert largest.size <= max(4, WIDTH) * VOCABULARY < TOKENS * VOCABULARY


def test_a_head_of_any_kind_is_followed_in_chunks():
    hidden, weight, _, targets = problem(torch.float32, trainable=True)

    def head(states):
        return 5 * torch.tanh(states @ weight.T / 5)

    with Largest() as largest:
        found = token_logprobs_of(head, hidden, targets, 4)
        found.sum().backward()
    assert largest.size < TOKENS * VOCABULARY / 2
    ours = hidden.grad, weight.grad
    expected = head(hidden).log_softmax(-1)[torch.arange(TOKENS), targets]
    theirs = torch.autograd.grad(expected.sum(), (hidden, weight))
    assert torch.allclose(found, expected, atol=1e-5)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(ours, theirs, strict=True))


def test_without_gradient_nothing_is_kept():
    hidden, weight, _, targets = problem(trainable=True)
    with torch.no_grad():
        found = token_logprobs(hidden, weight, None, targets, 5)
    assert found.grad_fn is None


def test_half_precision_logits_are_normalised_in_single_precision():
    hidden, weight, _, targets = problem(torch.float32)
    halves = hidden.detach().bfloat16().requires_grad_(), weight.bfloat16()
    found = token_logprobs(*halves, None, targets, 5)
    assert found.dtype == torch.float32
    exact = plainly(halves[0].float(), halves[1].float(), None, targets)
    assert torch.allclose(found, exact, atol=0.1)
    found.sum().backward()
    assert halves[0].grad.isfinite().all()
