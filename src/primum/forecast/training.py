"""How many tokens training forwards, and how long that takes."""

import math
from collections.abc import Callable

from primum.engines.base import Engine, GenerateRequest, SamplingParams
from primum.forecast.calibrate import writing_speed
from primum.forecast.figures import TrainingForecast
from primum.messages import Messages
from primum.run.inputs import Inputs
from primum.training.arguments import WATCHED_RESPONSES as WATCHED

_PASSES = 3.0
"""A step costs a forward pass and a backward pass that takes twice as long."""

_RECOMPUTED = 1.0
"""One more forward pass with gradient checkpointing."""

_SAMPLE = 32  # Prompts.


def training_forecast(
    inputs: Inputs, count: Callable[[Messages], int], length: float, pass_seconds: float | None
) -> TrainingForecast:
    """Training over all rounds, if the filters keep every prompt and every response has a pair.

    A prompt is forwarded once with all its responses: the candidates, and the best refinement. At
    every step the preferred responses by which drift is measured are forwarded too.

    Args:
        inputs: The inputs of the run.
        count: Tokens of a conversation.
        length: Tokens of a response.
        pass_seconds: Seconds per token of a forward pass; None where it was not measured.
    """
    recipe = inputs.recipe
    rounds = recipe.iterations
    responses = recipe.sampling.n + min(recipe.refinement.n, 1)
    tokens_each = length + 1
    prompts = sum(count(prompt.messages) for prompt in inputs.train)
    epoch = prompts + len(inputs.train) * responses * tokens_each
    steps = max(
        1, math.ceil(recipe.training.epochs * len(inputs.train) / recipe.training.prompts_per_step)
    )
    watched = steps * min(WATCHED, len(inputs.train)) * (prompts / len(inputs.train) + tokens_each)
    passes = _PASSES + (_RECOMPUTED if recipe.training.gradient_checkpointing else 0.0)
    tokens = recipe.training.epochs * epoch
    seconds = None
    if pass_seconds is not None:
        seconds = rounds * (passes * tokens + watched) * pass_seconds
    most = round(rounds * tokens)
    return TrainingForecast(rounds * steps, most, most, seconds, seconds)


def pass_seconds(inputs: Inputs, engine: Engine, count: Callable[[Messages], int]) -> float:
    """Measured seconds per token of a forward pass, over prompts that have nothing in common."""
    params = SamplingParams(0.0, 1.0, 1)
    requests = [
        GenerateRequest(prompt.messages, params, 0, "calibrate")
        for prompt in inputs.train[:_SAMPLE]
    ]
    return writing_speed(engine, requests, count, len(requests)).prompt
