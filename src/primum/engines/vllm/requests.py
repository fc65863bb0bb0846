"""vLLM's parameters for a request: for an answer, or for log-probabilities of next tokens."""

from collections.abc import Iterator, Sequence
from typing import Any

from primum.engines.base import GenerateRequest, TokenIds
from primum.engines.local.logprobs.choices import prefixes
from primum.errors import UserError

_MOST_TOKENS = 128
"""vLLM looks up no more `logprob_token_ids` in one request."""


def sampling_params(request: GenerateRequest, stop_ids: frozenset[int]) -> Any:
    """vLLM's parameters for an answer that is drawn from the request's own seed.

    Args:
        request: What is asked.
        stop_ids: Tokens that end an answer.

    Raises:
        UserError: If vLLM refuses them, such as a temperature beyond 2.
    """
    from vllm import SamplingParams
    from vllm.exceptions import VLLMClientError
    from vllm.sampling_params import RequestOutputKind

    sampling = request.sampling
    try:
        return SamplingParams(
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            seed=request.seed,
            # Exactly the chat's own stop ids, not those of a generation config.
            stop_token_ids=sorted(stop_ids),
            ignore_eos=True,
            detokenize=False,
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
    except (ValueError, VLLMClientError) as error:
        raise UserError(f"vLLM cannot draw with these settings: {error}") from error


def logprob_params(tokens: Sequence[int]) -> Any:
    """vLLM's parameters for the log-probabilities of these next tokens, before any temperature."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(
        temperature=0,
        max_tokens=1,
        logprob_token_ids=list(tokens),
        detokenize=False,
        output_kind=RequestOutputKind.FINAL_ONLY,
    )


def next_tokens(choices: tuple[TokenIds, ...]) -> Iterator[tuple[TokenIds, tuple[int, ...]]]:
    """The tokens with which choices go on after each prefix, in parts that vLLM takes at once."""
    for prefix in sorted(prefixes(choices)):
        at = len(prefix)
        follow = sorted({c[at] for c in choices if len(c) > at and c[:at] == prefix})
        for start in range(0, len(follow), _MOST_TOKENS):
            yield prefix, tuple(follow[start : start + _MOST_TOKENS])
