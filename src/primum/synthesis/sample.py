"""Diverse sampling: n candidates per prompt (docs/method.md, step 1)."""

from collections.abc import Sequence

from primum.engines.base import Engine, GenerateRequest, SamplingParams, tokens_of
from primum.messages import with_system
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Sampling
from primum.seeds import derive_seed
from primum.synthesis.responses import Response, response_of


def sample(
    engine: Engine,
    prompts: Sequence[Prompt],
    settings: Sampling,
    *,
    seed: int,
    progress: Progress,
) -> list[Response]:
    """Draws y_1 … y_n for every prompt, under alternating system prompts.

    Args:
        engine: Runs the model itself.
        prompts: What to answer.
        settings: Number, temperature, length and system prompts.
        seed: The run's seed.
        progress: Is told of every candidate.

    Returns:
        The candidates, by prompt and index.
    """
    places = [(prompt, index) for prompt in prompts for index in range(settings.n)]
    requests = [
        candidate_request(prompt, index, settings, seed=seed, purpose="sample")
        for prompt, index in places
    ]
    responses: list[Response | None] = [None] * len(requests)
    drawn = engine.generate(requests)  # eq. (1)
    for at, completion in progress.track(drawn, "sample", len(requests), tokens_of):
        prompt, index = places[at]
        responses[at] = response_of(
            completion,
            prompt.prompt_id,
            "candidate",
            index,
            requests[at].seed,
            _system_prompt(settings, index),
        )
    return [response for response in responses if response is not None]


def candidate_request(
    prompt: Prompt, index: int, settings: Sampling, *, seed: int, purpose: str
) -> GenerateRequest:
    """The request for one candidate, with a system prompt and a seed of its own.

    Args:
        prompt: What to answer.
        index: Which candidate, counted from 0.
        settings: Temperature, length and system prompts.
        seed: The run's seed.
        purpose: What it is drawn for.
    """
    params = SamplingParams(
        settings.temperature, settings.top_p, settings.max_tokens, settings.thinking
    )
    asked = with_system(prompt.messages, _system_prompt(settings, index))
    drawn_from = derive_seed(seed, "candidate", prompt.prompt_id, index)
    return GenerateRequest(asked, params, drawn_from, purpose)


def _system_prompt(settings: Sampling, index: int) -> str:
    return settings.system_prompts[index % len(settings.system_prompts)]
