"""Next-token logits from final hidden states, so that only the rows wanted pay for them."""

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

_TOLERANCE = 0.02
"""Relative and absolute: bfloat16 keeps eight bits, so that two ways to one sum differ by a few
times 2⁻⁸. A choice."""


def next_token_logits(model: PreTrainedModel, hidden: Tensor) -> Tensor:
    """Logits, with the model's own scaling and soft cap where it has any.

    Args:
        model: A causal language model for which `reads_logits` is true.
        hidden: Shape [rows, hidden].

    Returns:
        Shape [rows, vocabulary].
    """
    logits: Tensor = model.get_output_embeddings()(hidden)
    config = model.config.get_text_config()
    if scale := getattr(config, "logit_scale", None):
        logits = logits * scale
    if divisor := getattr(config, "logits_scaling", None):
        logits = logits / divisor
    if cap := getattr(config, "final_logit_softcapping", None):
        logits = torch.tanh(logits / cap) * cap
    return logits


def backbone(model: PreTrainedModel) -> nn.Module:
    """The blocks without the head; not all architectures keep them where they say."""
    base: nn.Module = model.base_model
    return base if base is not model else getattr(model, "model", base)


@torch.inference_mode()
def reads_logits(model: PreTrainedModel) -> bool:
    """Whether `next_token_logits` gives what the model itself gives, tried on a few tokens.

    Architectures differ in what they do between the last block and the logits.
    """
    if not isinstance(model.get_output_embeddings(), nn.Module) or model.base_model is model:
        return False
    vocabulary = model.config.get_text_config().vocab_size
    # Several, since a padding token may be all zeros.
    ids = torch.tensor([[vocabulary // part for part in (5, 4, 3, 2)]], device=model.device)
    own = model(input_ids=ids, use_cache=False).logits[0].float()
    hidden = backbone(model)(input_ids=ids, use_cache=False).last_hidden_state[0]
    ours = next_token_logits(model, hidden).float()
    same = ours.shape == own.shape
    return same and bool(torch.allclose(ours, own, rtol=_TOLERANCE, atol=_TOLERANCE))
