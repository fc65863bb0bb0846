"""`primum align --dry-run --fit`: which settings fit the card, found without reading weights."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from primum.constitution import Constitution
from primum.engines.models.devices import USABLE, choose_device
from primum.forecast.entry import REMOTE, longest_answer, whole
from primum.forecast.figures import Need
from primum.forecast.paper import PaperEngine
from primum.forecast.rehearsal import RealModels, rehearse
from primum.forecast.resources import (
    Shape,
    generation_memory,
    model_shape,
    parameters_beside,
    training_memory,
)
from primum.prompts import PromptSource
from primum.recipe import Recipe
from primum.recipe.training import Lora
from primum.run.inputs import Inputs, prepare_inputs

_QUICK_TOKENS = 1024
"""Tokens forwarded at once below which a card is no longer busy. A choice."""

Change = Mapping[str, Any]
"""Settings of `training`, by name; `lora.quantize` is one of the adapter's."""

_RECOMPUTE: Change = {"gradient_checkpointing": True}
_EIGHT_BITS: Change = {"optimizer": "adamw_8bit"}
_PAGED: Change = {"optimizer": "paged_adamw_8bit"}
_ADAPTER: Change = {"lora": Lora()}
_FOUR_BITS: Change = {"lora.quantize": "nf4"}


@dataclass(frozen=True, slots=True)
class Fit:
    """Settings that fit.

    Attributes:
        settings: What to add to the command, those that lose least first tried; empty where the
            recipe fits as it is.
        generation: Memory for the calls with them; None where the model runs elsewhere.
        training: Memory for training with them; None where nothing is trained.
        lacking: Bytes that are missing even with the most sparing settings; 0 where they fit.
    """

    settings: tuple[str, ...]
    generation: Need | None
    training: Need | None
    lacking: int

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def fit(
    prompts: PromptSource,
    *,
    model: str,
    out: str | Path,
    constitution: str | Path | Constitution = "harmless-helpful",
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
) -> Fit:
    """Proposes settings with which a run fits into the memory there is.

    First what changes nothing but the time (fewer tokens at once, activations made again), then
    what rounds (an optimiser of 8 bits) or changes what is trained (an adapter in place of all
    weights), at last four bits. Tokens at once come down to 1,024 before anything else is given up,
    and further only where nothing else fits. Only the model's configuration and tokenizer are read,
    and reward models.

    Args:
        prompts: See `primum.align`.
        model: See `primum.align`.
        out: See `primum.align`; nothing is written there.
        constitution: See `primum.align`.
        recipe: See `primum.align`.
        overrides: See `primum.align`.

    Raises:
        UserError: As `primum.align`, where an input is wrong.
    """
    inputs = prepare_inputs(prompts, model, constitution, recipe, overrides)
    settings = inputs.recipe.engine

    def on_paper(name: str) -> PaperEngine:
        return PaperEngine.of(name, trust_remote_code=settings.trust_remote_code)

    models = RealModels(inputs, on_paper)
    asked = rehearse(inputs, models, Path(out), longest_answer).asked
    longest = max(map(whole, asked), default=0)
    beside = parameters_beside(inputs, models.engines, models.classifiers)
    trained, training = (
        _training(inputs, longest) if inputs.recipe.method == "train" else ((), None)
    )
    batches, generation = _generation(inputs, longest, beside)
    needs = [need for need in (generation, training) if need is not None]
    return Fit(
        (*batches, *trained), generation, training, max([0, *(_lacking(need) for need in needs)])
    )


def _training(inputs: Inputs, longest: int) -> tuple[tuple[str, ...], Need]:
    """The first settings of training that fit; the most sparing ones where none do.

    Args:
        inputs: The inputs of the run.
        longest: Tokens of the longest prompt with its answer.
    """

    @cache
    def shape(lora: Lora | None) -> Shape:
        training = inputs.recipe.training.model_copy(update={"lora": lora})
        return model_shape(_given(inputs, training=training))

    best: tuple[int, tuple[str, ...], Need] | None = None
    for change in _changes(inputs, longest):
        tried = _given(inputs, training=_changed(inputs.recipe, change))
        need = training_memory(tried, shape(tried.recipe.training.lora), longest)
        if _lacking(need) == 0:
            return _as_settings(change), need
        if best is None or need.needed < best[0]:
            best = need.needed, _as_settings(change), need
    assert best is not None
    return best[1:]


def _changes(inputs: Inputs, longest: int) -> Iterator[Change]:
    """From the recipe as it is to the most sparing one; few tokens at once come last."""
    training = inputs.recipe.training
    most = training.tokens_per_batch
    least = min(most, max(1, min(longest, training.max_length)))
    sizes = [most]
    while sizes[-1] > least:
        sizes.append(max(least, sizes[-1] // 2))
    on_card = choose_device(inputs.recipe.engine.device).type == "cuda"
    rungs = list(_rungs(inputs.recipe, with_bitsandbytes=on_card))
    quick = [size for size in sizes if size >= min(_QUICK_TOKENS, most)]
    for these in (quick, [size for size in sizes if size not in quick]):
        for rung in rungs:
            for size in these:
                yield rung if size == most else {**rung, "tokens_per_batch": size}


def _rungs(recipe: Recipe, *, with_bitsandbytes: bool) -> Iterator[Change]:
    """What may be given up, step by step.

    Args:
        recipe: The run's.
        with_bitsandbytes: Whether what needs it is of use on this device.
    """
    training = recipe.training
    recompute: Change = {} if training.gradient_checkpointing else _RECOMPUTE
    steps: list[Change] = [{}]
    if training.lora is None:
        if with_bitsandbytes and training.optimizer == "adamw":
            steps += [_EIGHT_BITS, _PAGED]
        steps.append(_ADAPTER)
    adapter: Change = _ADAPTER if training.lora is None else {}
    quantized = training.lora is not None and training.lora.quantize is not None
    if with_bitsandbytes and not quantized and recipe.training.accelerate is None:
        steps += [{**adapter, **_FOUR_BITS}, {**adapter, **_FOUR_BITS, **_EIGHT_BITS}]
    for step in steps:
        yield step
        if recompute:
            yield {**step, **recompute}


def _generation(inputs: Inputs, longest: int, beside: int) -> tuple[tuple[str, ...], Need | None]:
    """The largest number of sequences side by side that fits.

    Args:
        inputs: The inputs of the run.
        longest: Tokens of the longest prompt with its answer.
        beside: Numbers of other models that are loaded at the same time.
    """
    engine = inputs.recipe.engine
    if engine.kind in REMOTE:
        return (), None
    shape = model_shape(inputs)
    size = engine.batch_size if engine.kind == "transformers" else 1
    while True:
        given = _given(inputs, engine=engine.model_copy(update={"batch_size": size}))
        need = generation_memory(given, shape, beside, longest)
        if size == 1 or _lacking(need) == 0:
            break
        size //= 2
    unchanged = engine.kind != "transformers" or size == engine.batch_size
    return () if unchanged else (f"engine.batch_size={size}",), need


def _given(inputs: Inputs, **sections: Any) -> Inputs:
    return replace(inputs, recipe=inputs.recipe.model_copy(update=sections))


def _changed(recipe: Recipe, change: Change) -> Any:
    """The section `training` with other settings."""
    update = dict(change)
    if "lora.quantize" in update:
        adapter = update.get("lora") or recipe.training.lora
        assert adapter is not None
        update["lora"] = adapter.model_copy(update={"quantize": update.pop("lora.quantize")})
    return recipe.training.model_copy(update=update)


def _as_settings(change: Change) -> tuple[str, ...]:
    """As the command line takes them; a new adapter has the recipe's defaults."""
    return tuple(f"training.{name}={_text(value)}" for name, value in change.items())


def _text(value: Any) -> str:
    if isinstance(value, Lora):
        return "{}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lacking(need: Need) -> int:
    return 0 if need.there is None else max(0, need.needed - int(USABLE * need.there))
