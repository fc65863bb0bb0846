"""What each method that trains nothing reads, and what is known of its answers."""

from collections.abc import Mapping
from typing import Any

from primum.constitution import Constitution
from primum.recipe import Recipe
from primum.recipe.preferences import Pairing
from primum.recipe.schema import Evaluation, Refinement, Sampling
from primum.run.stages.evaluate import evaluation_of
from primum.store.content import hash_plain
from primum.synthesis.answering.system_prompt import constitution_prompt

WITH_CANDIDATES = ("best-of-n", "self-refinement")
"""The methods that make an answer from several candidates."""

_CANDIDATES = (
    "sampling.n",
    "sampling.temperature",
    "sampling.top_p",
    "sampling.thinking",
    "evaluation.max_tokens",
    "evaluation.system_prompt",
)
_ORDER = ("pairing.thresholds", "pairing.use_thresholds", "pairing.bin")
_REFINED = ("refinement.temperature", "refinement.top_p", "refinement.principles")

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "untouched": (),
    "system-prompt": ("evaluation.system_prompt",),
    "best-of-n": (*_CANDIDATES, *_ORDER, "judging"),
    "self-refinement": (*_CANDIDATES, *_REFINED, "judging"),
}
"""By method, the settings that make its answers other than those before."""


def prompted(settings: Evaluation, constitution: Constitution) -> Evaluation:
    """How it answers under the constitution: that first, then the recipe's own system prompt."""
    text = constitution_prompt(constitution, settings.system_prompt)
    return settings.model_copy(update={"system_prompt": text})


def sampling_of(recipe: Recipe) -> Sampling:
    """How candidates are drawn: as in synthesis, but as long and prompted as answers are."""
    sampling, evaluation = recipe.sampling, recipe.evaluation
    return Sampling(
        n=sampling.n,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens=evaluation.max_tokens,
        thinking=sampling.thinking,
        system_prompts=(evaluation.system_prompt,),
    )


def refinement_of(recipe: Recipe) -> Refinement:
    """How the one refinement is drawn: as in synthesis, but as long as answers are."""
    settings = recipe.refinement
    return Refinement(
        n=1,
        temperature=settings.temperature,
        top_p=settings.top_p,
        max_tokens=recipe.evaluation.max_tokens,
        principles=settings.principles,
    )


def pairing_of(recipe: Recipe) -> Pairing:
    """What the order of candidates depends on."""
    settings = recipe.pairing
    return Pairing(
        thresholds=settings.thresholds,
        use_thresholds=settings.use_thresholds,
        bin=settings.bin,
    )


def method_hash(recipe: Recipe, constitution: Constitution) -> str:
    """Hash of what makes the answers after other than those before.

    Args:
        recipe: Names the method, and has its settings.
        constitution: Of `system-prompt`, the text itself is hashed.
    """
    content: dict[str, Any] = {"method": recipe.method}
    if recipe.method == "system-prompt":
        content["text"] = prompted(evaluation_of(recipe), constitution).system_prompt
    if recipe.method in WITH_CANDIDATES:
        content["sampling"] = sampling_of(recipe).model_dump(mode="json")
        content["judging"] = recipe.judging.model_dump(mode="json")
    if recipe.method == "best-of-n":
        order = {name.partition(".")[2] for name in _ORDER}
        content["order"] = pairing_of(recipe).model_dump(mode="json", include=order)
    if recipe.method == "self-refinement":
        content["refinement"] = refinement_of(recipe).model_dump(mode="json")
    return hash_plain(content)
