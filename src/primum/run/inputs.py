"""What a run is about, checked before anything is computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from primum.constitution import Constitution, load_constitution
from primum.engines.models.loading import model_fingerprint
from primum.engines.openai import SERVED
from primum.engines.openai.server import Server
from primum.errors import UserError
from primum.judging import judge_identity
from primum.judging.kinds import BASE, POLICY, kinds_of
from primum.prompts import Prompt, PromptSet, load_prompts
from primum.recipe import Recipe, load_recipe
from primum.training.launch import check_configuration
from primum.training.limits import check_training

_PLACES = {"engine": {"replicas", "cluster"}, "training": {"accelerate"}}


@dataclass(frozen=True)
class Job:
    """The inputs of a run.

    Attributes:
        model: The model's name as the user gave it.
        fingerprint: Identifies the model's content.
        train: Prompts that the model is improved on.
        heldout: Prompts that show whether it improved.
        duplicates: Identical prompts that were dropped.
    """

    model: str
    fingerprint: str
    constitution: Constitution
    recipe: Recipe
    train: tuple[Prompt, ...]
    heldout: tuple[Prompt, ...]
    duplicates: int

    @property
    def identity(self) -> dict[str, str]:
        """What a run directory never changes."""
        return {
            "model": self.model,
            "constitution": self.constitution.name,
            "recipe": self.recipe.name,
        }

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of the objectives, the first one first."""
        return tuple(objective.name for objective in self.constitution.objectives)

    @property
    def judge_identity(self) -> dict[str, Any]:
        """Other models and functions that judge, for the fingerprint of a stage."""
        trust = self.recipe.engine.trust_remote_code
        found = judge_identity(self.recipe.judging, trust_remote_code=trust)
        return {"judge": found} if found else {}

    def settings(self, *sections: str) -> dict[str, Any]:
        """Parts of the recipe as plain data, for the fingerprint of a stage.

        Where and on how many machines something is computed changes no result, and is left out.
        """
        return self.recipe.model_dump(mode="json", include=set(sections), exclude=_PLACES)


def prepare(
    prompts: str | Path,
    model: str,
    constitution: str | Path | Constitution,
    recipe: str | Path | Recipe | None,
    overrides: Sequence[str],
) -> Job:
    """Loads and checks all inputs.

    Raises:
        UserError: If one of them is wrong.
    """
    settings = recipe if isinstance(recipe, Recipe) else load_recipe(recipe, overrides)
    if isinstance(recipe, Recipe) and overrides:
        raise UserError("overrides go with a recipe's name or file, not with a Recipe object")
    goals = (
        constitution if isinstance(constitution, Constitution) else load_constitution(constitution)
    )
    if model.startswith(SERVED):
        raise UserError(
            f"{model} is on a server, and cannot be trained there; name its folder or hub name "
            "with --model, and set engine.kind=openai to sample and judge on the server"
        )
    _check(settings, goals)
    found = load_prompts(prompts, heldout=settings.heldout, seed=settings.seed)
    return Job(
        model=model,
        fingerprint=model_fingerprint(model, trust_remote_code=settings.engine.trust_remote_code),
        constitution=goals,
        recipe=settings,
        train=_split(found, "train", settings.max_prompts),
        heldout=_split(found, "heldout", settings.max_heldout),
        duplicates=found.duplicates,
    )


def _split(prompts: PromptSet, split: str, most: int | None) -> tuple[Prompt, ...]:
    """The prompts of one split; where only some are wanted, those with the smallest ids.

    Ids are hashes, so these are drawn from all over the file, however it is sorted.
    """
    found = [prompt for prompt in prompts.prompts if prompt.split == split]
    drawn = {prompt.prompt_id for prompt in sorted(found, key=lambda p: p.prompt_id)[:most]}
    return tuple(prompt for prompt in found if prompt.prompt_id in drawn)


def _check_server(recipe: Recipe, constitution: Constitution) -> None:
    """What a server (`engine.kind=openai`, `judging.model=openai:NAME`) cannot do."""
    kinds = kinds_of(recipe.judging, constitution)
    here = recipe.engine.kind != "openai"
    judge = recipe.judging.model
    served = judge.startswith(SERVED) or (judge in (POLICY, BASE) and not here)
    if judge.startswith(SERVED):
        Server.of(recipe.engine.openai, judge.removeprefix(SERVED))
    if served and "probe" in kinds.values():
        raise UserError(
            "judging by probe reads the model's hidden states, which servers do not hand out; set "
            "engine.kind=transformers and judging.model=policy, or another judging.kind"
        )
    if not here and recipe.iterations > 1:
        raise UserError(
            f"iterations is {recipe.iterations}, but engine.kind=openai reaches the starting model "
            "alone, not the one that the first round trains; set iterations=1 (and start a second "
            "run from the first one's model), or engine.kind=transformers"
        )


def _check(recipe: Recipe, constitution: Constitution) -> None:
    """Settings that each are fine, but not together."""
    if recipe.denoising.informativeness and recipe.sampling.n < 2:
        raise UserError(
            "sampling.n is 1, and one candidate has no covariance; set sampling.n to at least "
            f"{len(constitution.objectives) + 1}, or denoising.informativeness=false"
        )
    if recipe.denoising.consistency != "off" and recipe.refinement.n < 1:
        raise UserError(
            "refinement.n is 0, and the consistency filter compares a refinement; set "
            "refinement.n to at least 1, or denoising.consistency=off"
        )
    _check_server(recipe, constitution)
    check_training(recipe.training)
    if recipe.training.accelerate is not None:
        check_configuration(recipe)
    names = {objective.name for objective in constitution.objectives}
    for place, named in (
        ("pairing.thresholds", recipe.pairing.thresholds),
        ("gate.margins", recipe.gate.margins),
    ):
        for name in sorted(set(named) - names):
            raise UserError(
                f"{place} names the objective {name!r}, which the constitution "
                f"{constitution.name!r} does not have; it has {', '.join(sorted(names))}"
            )
