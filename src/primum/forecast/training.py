"""How many tokens training forwards, and how long that takes."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from primum.engines.base import Engine, GenerateRequest, SamplingParams
from primum.engines.local.memory_budget import free_bytes
from primum.engines.models.devices import choose_device
from primum.forecast.calibrate import writing_speed
from primum.forecast.figures import TrainingForecast
from primum.messages import Messages
from primum.recipe import Recipe
from primum.recipe.losses import REFERENCED
from primum.recipe.preferences import Quantile
from primum.run.inputs import Inputs, prompts_of_round
from primum.training.arguments import WATCHED_RESPONSES
from primum.training.timing import made_up_pairs, seconds_per_token
from primum.training.watch.drift import EVERY

_SAMPLE = 32  # Prompts.
_REPEATS = 3  # The fastest counts.
_QUICK = 6.0  # Seconds for a measured step.
_ADAPTER_PASSES = 2.5
"""Forward passes that a step costs as much as: measured at 2.3 to 2.7 on two cores
(`benchmarks/training.py`). The backward pass needs no gradient of the frozen weights."""

_FULL_PASSES = 3.0
"""A backward pass makes two products of matrices for each one of the forward pass."""

_STEPS = 3  # Measured, the first of which warms up.


@dataclass(frozen=True, slots=True)
class TrainingSpeed:
    """Seconds per token.

    Attributes:
        forward: Of a forward pass.
        step: Of an optimizer step, from forward pass to update.
    """

    forward: float
    step: float


def training_forecast(
    inputs: Inputs, count: Callable[[Messages], int], length: float, speed: TrainingSpeed | None
) -> TrainingForecast:
    """Training over all rounds, and all seeds of the last one.

    Where objectives are trained apart, each training is taken to have pairs of every prompt.

    A prompt is forwarded once with all its responses: the candidates, and the best refinement.
    What is known of the filters beforehand counts: a quantile for τ says which share of the
    prompts it keeps. The other filter, and how many responses are in no pair, depend on the scores;
    there all are taken to be kept.

    Args:
        inputs: The inputs of the run.
        count: Tokens of a conversation.
        length: Tokens of a response.
        speed: Measured; None where it was not.
    """
    recipe = inputs.recipe
    if recipe.method != "train":
        return TrainingForecast(0, 0, 0, 0.0, 0.0)
    rounds = [
        len(prompts_of_round(inputs.train, recipe, number + 1))
        for number in range(recipe.iterations)
    ]
    apart = objectives_apart(recipe, len(inputs.constitution.objectives))
    of_training = apart * (rounds[:-1] + recipe.seeds * rounds[-1:])
    kept = [max(1, round(_share_kept(recipe) * prompts)) for prompts in of_training]
    likely = [_tokens(inputs, count, length, prompts) for prompts in kept]
    most = [_tokens(inputs, count, length, prompts) for prompts in of_training]
    per_step = recipe.training.prompts_per_step
    return TrainingForecast(
        sum(max(1, math.ceil(recipe.training.epochs * prompts / per_step)) for prompts in kept),
        round(sum(tokens.trained for tokens in likely)),
        round(sum(tokens.trained for tokens in most)),
        *(
            None if speed is None else sum(tokens.seconds(speed) for tokens in found)
            for found in (likely, most)
        ),
    )


def trainings(recipe: Recipe, objectives: int) -> int:
    """How many models a run trains: one per round, and in the last round one per seed.

    Args:
        recipe: The recipe.
        objectives: How many the constitution has.
    """
    if recipe.method != "train":
        return 0
    return objectives_apart(recipe, objectives) * (recipe.iterations - 1 + recipe.seeds)


def objectives_apart(recipe: Recipe, objectives: int) -> int:
    """How many objectives are trained apart from one another; 1 where all are trained together.

    Args:
        recipe: The recipe.
        objectives: How many the constitution has.
    """
    return 1 if recipe.combination.kind == "together" else objectives


def training_speed(
    inputs: Inputs, engine: Engine, count: Callable[[Messages], int], length: float, needed: int
) -> TrainingSpeed:
    """Measures a forward pass, and steps of the trainer itself where they are quick and fit.

    Elsewhere a step is taken to cost so many forward passes, and what it costs beside them is left
    out.

    Args:
        inputs: The inputs of the run.
        engine: The engine that generates.
        count: Tokens of a conversation.
        length: Tokens of a response.
        needed: Bytes that training needs.
    """
    settings = inputs.recipe.training
    forward = min(_forward_seconds(inputs, engine, count) for _ in range(_REPEATS))
    passes = _ADAPTER_PASSES if settings.lora else _FULL_PASSES
    estimate = TrainingSpeed(forward, (passes + settings.gradient_checkpointing) * forward)
    device = choose_device(inputs.recipe.engine.device)
    if settings.accelerate is not None or needed > free_bytes(device):
        return estimate
    per_prompt = _tokens(inputs, count, length, 1).trained / settings.epochs
    affordable = math.floor(_QUICK / (estimate.step * per_prompt))
    together = min(settings.prompts_per_step, affordable, len(inputs.train) // 2)
    if together < 1:
        return estimate
    prompts = [prompt.messages for prompt in inputs.train[: _STEPS * together]]
    pairs = made_up_pairs(prompts, _responses(inputs.recipe), round(length))
    few = settings.model_copy(update={"prompts_per_step": together})
    return TrainingSpeed(forward, seconds_per_token(pairs, inputs.model, few, inputs.recipe.engine))


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Tokens of one round: trained on, and forwarded without gradient."""

    trained: float
    watched: float

    def seconds(self, speed: TrainingSpeed) -> float:
        return self.trained * speed.step + self.watched * speed.forward


def _tokens(
    inputs: Inputs, count: Callable[[Messages], int], length: float, prompts: int
) -> _Tokens:
    """What a round forwards for prompts of average length.

    Args:
        inputs: The inputs of the run.
        count: Tokens of a conversation.
        length: Tokens of a response.
        prompts: How many of the training prompts are trained on.
    """
    settings = inputs.recipe.training
    prompt = sum(count(p.messages) for p in inputs.train) / len(inputs.train)
    response = length + 1  # Its end has a token of its own.
    responses = _responses(inputs.recipe)
    trained = settings.epochs * prompts * (prompt + responses * response)
    # Drift: at the start, each time that so many tokens were trained, and at the end.
    sample = min(WATCHED_RESPONSES, prompts) * (prompt + response)
    watched = 2 * sample + trained / EVERY
    if settings.loss in REFERENCED:
        watched += prompts * responses * (prompt + response)
    return _Tokens(trained, watched)


def _responses(recipe: Recipe) -> int:
    """Responses per prompt that can be in a pair."""
    return recipe.sampling.n + min(recipe.refinement.n, 1)


def _share_kept(recipe: Recipe) -> float:
    tau = recipe.denoising.tau
    known = recipe.denoising.informativeness and isinstance(tau, Quantile)
    return tau.quantile if known and isinstance(tau, Quantile) else 1.0


def _forward_seconds(inputs: Inputs, engine: Engine, count: Callable[[Messages], int]) -> float:
    """Seconds per token of a forward pass, over prompts that have nothing in common.

    Args:
        inputs: The inputs of the run.
        engine: The engine that generates.
        count: Tokens of a conversation.
    """
    params = SamplingParams(0.0, 1.0, 1)
    requests = [
        GenerateRequest(prompt.messages, params, 0, "calibrate")
        for prompt in inputs.train[:_SAMPLE]
    ]
    return writing_speed(engine, requests, count, len(requests)).prompt
