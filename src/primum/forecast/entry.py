"""`primum align --dry-run`: what a run will cost, before it starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from primum.constitution import Constitution
from primum.engines.base import Engine, GenerateRequest
from primum.engines.models.devices import choose_device
from primum.forecast.figures import CallsForecast, Forecast, Need, TrainingForecast
from primum.forecast.measured import Measured, measure
from primum.forecast.power import power
from primum.forecast.rehearsal import RealModels, Rehearsal, rehearse
from primum.forecast.resources import (
    disk,
    generation_memory,
    model_shape,
    parameters_beside,
    training_memory,
)
from primum.forecast.standin import JUDGE, Asked
from primum.forecast.training import training_forecast, training_speed, trainings
from primum.progress import Progress, Silent
from primum.prompts import PromptSource
from primum.recipe import Recipe
from primum.run.directory import check_place
from primum.run.inputs import Inputs, prepare_inputs
from primum.run.models import loader_of

REMOTE: tuple[str, ...] = ("openai",)
"""Kinds of engine whose models run elsewhere: they say nothing about training here."""

Place = tuple[str, str]
"""Stage and purpose."""


def forecast(
    prompts: PromptSource,
    *,
    model: str,
    out: str | Path,
    constitution: str | Path | Constitution = "harmless-helpful",
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    progress: Progress | None = None,
    engine: Engine | Callable[[str], Engine] | None = None,
) -> Forecast:
    """Says what `primum.align` with the same arguments will cost.

    The run's own code goes through all rounds with stand-ins in the models' places, so that calls
    are counted rather than computed. Speeds and lengths of answers are measured on the models, in
    some seconds for each kind of request. Nothing is written into the run directory.

    Args:
        prompts: See `primum.align`.
        model: See `primum.align`.
        out: The run directory; what an earlier attempt has finished there is taken into account.
        constitution: See `primum.align`.
        recipe: See `primum.align`.
        overrides: See `primum.align`.
        progress: Is told of the measurements.
        engine: See `primum.align`.

    Raises:
        UserError: As `primum.align`, where an input is wrong.
    """
    inputs = prepare_inputs(prompts, model, constitution, recipe, overrides)
    run = Path(out)
    check_place(run, inputs.identity)
    models = RealModels(inputs, loader_of(engine, model))
    longest = rehearse(inputs, models, run, longest_answer)
    watcher = progress or Silent()
    for note in inputs.notes:
        watcher.note(note)
    measured = measure(models, longest.asked, inputs.recipe.engine.batch_size, watcher)
    expected = rehearse(inputs, models, run, lambda request: measured.length(model, request))
    settings = inputs.recipe.engine
    remote = settings.kind in REMOTE
    shape = model_shape(inputs)
    room = max((whole(asked) for asked in longest.asked), default=0)
    beside = parameters_beside(inputs, models.engines, models.classifiers)
    trains = inputs.recipe.method == "train"
    training = training_memory(inputs, shape, room) if trains else None
    return Forecast(
        device=settings.kind if remote else choose_device(settings.device).type,
        calls=_calls(inputs, measured, expected, longest),
        training=_training(inputs, models, measured, training, remote=remote),
        loading_seconds=models.loading_seconds * _loadings(inputs),
        generation_memory=None if remote else generation_memory(inputs, shape, beside, room),
        training_memory=training,
        disk=disk(inputs, shape, run, longest.stored_bytes),
        power=power(inputs, run),
    )


def _loadings(inputs: Inputs) -> int:
    """How often a model is loaded.

    Synthesis of every round and every training load one, and so do all sides of the end.
    """
    recipe = inputs.recipe
    if recipe.method != "train":
        return 1
    trained = trainings(recipe, len(inputs.constitution.objectives))
    return recipe.iterations + trained + recipe.seeds + 1


def longest_answer(request: GenerateRequest) -> int:
    """Tokens of an answer that is as long as allowed."""
    return request.sampling.max_tokens


def whole(asked: Asked) -> int:
    """Tokens of the prompt and the longest answer."""
    request = asked.request
    answer = longest_answer(request) if isinstance(request, GenerateRequest) else 0
    return asked.prompt_tokens + answer


@dataclass
class _Sum:
    """Calls added up."""

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0

    def add(self, asked: Asked, seconds: float, times: int = 1) -> None:
        self.calls += times
        self.prompt_tokens += times * asked.prompt_tokens
        self.answer_tokens += times * asked.answer_tokens
        self.seconds += times * seconds


def _calls(
    inputs: Inputs, measured: Measured, expected: Rehearsal, longest: Rehearsal
) -> tuple[CallsForecast, ...]:
    places = dict.fromkeys([*expected.hits, *map(_place, longest.asked)])
    likely: dict[Place, _Sum] = {place: _Sum() for place in places}
    most: dict[Place, _Sum] = {place: _Sum() for place in places}
    for asked in expected.asked:
        likely[_place(asked)].add(asked, measured.seconds(asked))
    for asked in longest.asked:
        written = isinstance(asked.request, GenerateRequest) and asked.request.purpose == JUDGE
        times = 1 + inputs.recipe.judging.retries if written else 1
        most[_place(asked)].add(asked, measured.seconds(asked), times)
    return tuple(
        CallsForecast(
            stage=stage,
            purpose=purpose,
            calls=likely[stage, purpose].calls,
            calls_most=most[stage, purpose].calls,
            finished=expected.hits.get((stage, purpose), 0),
            prompt_tokens=likely[stage, purpose].prompt_tokens,
            prompt_tokens_most=most[stage, purpose].prompt_tokens,
            answer_tokens=likely[stage, purpose].answer_tokens,
            answer_tokens_most=most[stage, purpose].answer_tokens,
            seconds=likely[stage, purpose].seconds,
            seconds_most=most[stage, purpose].seconds,
        )
        for stage, purpose in places
        if likely[stage, purpose].calls or expected.hits.get((stage, purpose), 0)
    )


def _place(asked: Asked) -> Place:
    return asked.stage, asked.request.purpose


def _training(
    inputs: Inputs, models: RealModels, measured: Measured, memory: Need | None, *, remote: bool
) -> TrainingForecast:
    count = models.count(inputs.model)
    limit = inputs.recipe.sampling.max_tokens
    known = [length for group, length in measured.lengths.items() if group[2] != JUDGE]
    length = known[0].expected(limit) if known else float(limit)
    engine = models.engine(inputs.model)
    speed = None
    if memory is not None and not remote:
        speed = training_speed(inputs, engine, count, length, memory.needed)
    likely = training_forecast(inputs, count, length, speed)
    most = training_forecast(inputs, count, limit, speed)
    return replace(likely, tokens_most=most.tokens_most, seconds_most=most.seconds_most)
