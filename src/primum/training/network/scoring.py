"""Makes a causal language model return log-probabilities of given tokens instead of logits.

The work is done inside the model's own `forward`, because that is where wrappers around it (DDP,
FSDP, DeepSpeed, PEFT) have the weights in place and expect to be called.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPast
from transformers.utils.generic import ModelOutput

from primum.training.network.logprobs import chunk_rows, token_logprobs, token_logprobs_of
from primum.training.network.packing import NAME as PACKED_ATTENTION
from primum.training.network.packing import Census, body_name
from primum.training.step.microbatch import MicroBatch

HALF = (torch.bfloat16, torch.float16)

PROBE_SCALE = 1e3
"""Makes hidden states large enough for a soft cap or a scale after the output layer to show.

A choice: logits of some hundreds or more are far beyond the soft caps in use, which are 30 or 50.
"""


def mean_logprobs(model: nn.Module, batch: MicroBatch) -> Tensor:
    """Average log-probability of each sequence's response tokens, weighted where they are.

    Args:
        model: A model (wrapped or not) inside which `install` was called.
        batch: n sequences.

    Returns:
        Nats per token, float32, shape n.
    """
    logprobs = response_logprobs(model, batch)
    if batch.weights is not None:
        logprobs = logprobs * batch.weights
    sums = torch.zeros(len(batch.counts), dtype=logprobs.dtype, device=logprobs.device)
    return sums.index_add(0, batch.owners, logprobs) / batch.counts


def response_logprobs(model: nn.Module, batch: MicroBatch) -> Tensor:
    """Log-probability of each response token.

    Args:
        model: See `mean_logprobs`.
        batch: Sequences.

    Returns:
        Nats, float32, shape R, sequence after sequence.
    """
    logprobs: Tensor = model(
        **batch.inputs, score_positions=batch.positions, score_targets=batch.targets
    )
    return logprobs


def install(model: PreTrainedModel) -> Census:
    """Teaches a causal language model the arguments `score_positions` and `score_targets`.

    Without them it does what it always did.

    Args:
        model: The model itself, not wrapped.

    Returns:
        Whether its attention layers understand packed rows; known after the first of them.
    """
    original = model.forward
    scorer = _Scorer(model)

    def forward(
        self: PreTrainedModel,
        *args: Any,
        score_positions: Tensor | None = None,
        score_targets: Tensor | None = None,
        **kwargs: Any,
    ) -> Any:
        if score_positions is None or score_targets is None:
            return original(*args, **kwargs)
        return scorer(score_positions, score_targets, **kwargs)

    # The name that Trainer and PEFT inspect for the model's arguments stays readable.
    forward.__wrapped__ = original  # type: ignore[attr-defined]
    model.forward = MethodType(forward, model)
    return scorer.census


class _Scorer:
    """Hidden states, then log-probabilities chunk by chunk."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model
        self._original = model.forward
        self._prefix = body_name(model)
        self._plain: bool | None = None
        self.census = Census()
        self._kind: type[ModelOutput] = BaseModelOutputWithPast

    def __call__(self, positions: Tensor, targets: Tensor, **kwargs: Any) -> Tensor:
        # Entered anew for every forward pass: autocast keeps the casts it makes until it is left,
        # and would go on using an adapter's weights from before the optimizer's step.
        with _one_format(self._model):
            return self._score(positions, targets, **kwargs)

    def _score(self, positions: Tensor, targets: Tensor, **kwargs: Any) -> Tensor:
        arguments = {name: value for name, value in kwargs.items() if value is not None}
        config = self._model.config.get_text_config()
        if config._attn_implementation != PACKED_ATTENTION:
            arguments.pop("sequence_families", None)
        packed = "sequence_families" in arguments
        with self.census.counting() if packed else nullcontext():
            outputs = getattr(self._model, self._prefix)(**arguments)
        self._kind = type(outputs)
        # Responses share the last position of their prompt. Its gradient is summed in a fixed
        # order here, which indexing does not promise: a run's weights would differ in a last bit.
        states = nn.functional.embedding(positions, outputs.last_hidden_state.flatten(0, 1))
        head = self._model.get_output_embeddings()
        rows = chunk_rows(config.vocab_size, states.device)
        self.census.computed_in = dtype = _compute_dtype(states)
        if self._plain is None:
            self._plain = self._is_plain(head, states)
        if not self._plain:
            return token_logprobs_of(self._logits, states, targets, rows)
        with torch.autocast(states.device.type, enabled=False):
            weight, bias = head.weight, head.bias
            return token_logprobs(
                states.to(dtype),
                weight.to(dtype),
                None if bias is None else bias.to(dtype),
                targets,
                rows,
            )

    def _is_plain(self, head: nn.Module, states: Tensor) -> bool:
        """Whether the logits are the output layer's product and nothing else.

        Told by trying: an adapter on the layer, a soft cap, a scale or a second layer all show.
        Weights that DeepSpeed shards are only there inside the layer's own call.
        """
        if type(head) is not nn.Linear or hasattr(head.weight, "ds_id"):
            return False
        with torch.no_grad():
            probe = states[:2].detach() * PROBE_SCALE
            expected = self._logits(probe).float()
            product = head(probe).float()
        return torch.allclose(expected, product, rtol=1e-2, atol=1e-2 * float(product.abs().max()))

    def _logits(self, states: Tensor) -> Tensor:
        """The model's own way from hidden states to logits."""
        outputs = self._kind(last_hidden_state=states[None])
        with _backbone_that_returns(self._model, self._prefix, outputs):
            blank = torch.zeros(1, len(states), dtype=torch.long, device=states.device)
            logits: Tensor = self._original(input_ids=blank, use_cache=False).logits
        return logits[0]


class _Echo(nn.Module):
    """Stands in for the backbone: returns what is there already."""

    def __init__(self, outputs: ModelOutput, backbone: nn.Module) -> None:
        super().__init__()
        self._outputs = outputs
        self._stands_for = (backbone,)  # In a tuple, so that it is no module of this one.

    def forward(self, *args: Any, **kwargs: Any) -> ModelOutput:
        return self._outputs

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            return super().__getattr__(name)
        found = getattr(self._stands_for[0], name)
        # Some models (OPT) keep their blocks one level further inside, and call them there.
        return self if isinstance(found, PreTrainedModel) else found


@contextmanager
def _backbone_that_returns(
    model: PreTrainedModel, prefix: str, outputs: ModelOutput
) -> Iterator[None]:
    backbone = getattr(model, prefix)
    model._modules[prefix] = _Echo(outputs, backbone)
    try:
        yield
    finally:
        model._modules[prefix] = backbone


def _one_format(model: PreTrainedModel) -> AbstractContextManager[Any]:
    """Computes in the weights' half-precision format, though an adapter may be in float32."""
    weight: Any = model.get_input_embeddings().weight
    if weight.dtype not in HALF:
        return nullcontext()
    return torch.autocast(weight.device.type, dtype=weight.dtype)


def _compute_dtype(states: Tensor) -> torch.dtype:
    device = states.device.type
    if torch.is_autocast_enabled(device):
        return torch.get_autocast_dtype(device)
    return states.dtype
