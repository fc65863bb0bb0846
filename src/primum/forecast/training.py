"""How many tokens training forwards, and how long that takes."""

import math
from collections.abc import Callable

from primum.engines.base import Engine, GenerateRequest, SamplingParams
from primum.forecast.calibrate import writing_speed
from primum.forecast.figures import TrainingForecast
from primum.messages import Messages
from primum.run.inputs import Job
from primum.training.arguments import WATCHED_RESPONSES as WATCHED

_PASSES = 3.0
"""A step costs a forward pass and a backward pass that takes twice as long."""

_RECOMPUTED = 1.0
"""One more forward pass with gradient checkpointing."""

_SAMPLE = 32  # Prompts.


def training_forecast(
    job: Job, count: Callable[[Messages], int], length: float, pass_seconds: float | None
) -> TrainingForecast:
    """Training over all rounds, if the filters keep every prompt and every response has a pair.

    A prompt is forwarded once with all its responses: the candidates, and the best refinement. At
    every step the preferred responses by which drift is measured are forwarded too.

    Args:
        job: The job.
        count: Tokens of a conversation.
        length: Tokens of a response.
        pass_seconds: Seconds per token of a forward pass; None where it was not measured.
    """
    recipe = job.recipe
    rounds = recipe.iterations
    responses = recipe.sampling.n + min(recipe.refinement.n, 1)
    tokens_each = length + 1
    prompts = sum(count(prompt.messages) for prompt in job.train)
    epoch = prompts + len(job.train) * responses * tokens_each
    steps = max(
        1, math.ceil(recipe.training.epochs * len(job.train) / recipe.training.prompts_per_step)
    )
    watched = steps * min(WATCHED, len(job.train)) * (prompts / len(job.train) + tokens_each)
    passes = _PASSES + (_RECOMPUTED if recipe.training.gradient_checkpointing else 0.0)
    tokens = recipe.training.epochs * epoch
    seconds = None
    if pass_seconds is not None:
        seconds = rounds * (passes * tokens + watched) * pass_seconds
    most = round(rounds * tokens)
    return TrainingForecast(rounds * steps, most, most, seconds, seconds)


def pass_seconds(job: Job, engine: Engine, count: Callable[[Messages], int]) -> float:
    """Measured seconds per token of a forward pass, over prompts that have nothing in common."""
    params = SamplingParams(0.0, 1.0, 1)
    requests = [
        GenerateRequest(prompt.messages, params, 0, "calibrate") for prompt in job.train[:_SAMPLE]
    ]
    return writing_speed(engine, requests, count, len(requests)).prompt
