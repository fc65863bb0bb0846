"""The inputs of a run, loaded and checked before anything is computed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import ceil
from operator import getitem
from pathlib import Path
from typing import Any

from primum.constitution import Constitution, load_constitution
from primum.engines.models.reference import model_fingerprint
from primum.engines.models.tokenizer_files import check_tokenizer, note_untemplated
from primum.engines.openai import SERVED
from primum.errors import UserError
from primum.evaluation.guards.asking.entry import asked_identity
from primum.evaluation.shortage import LEAST_PROMPTS
from primum.judging import judge_identity
from primum.judging.examiners.halves import teaching_identity
from primum.languages import LANGUAGES
from primum.prompts import Prompt, PromptSet, PromptSource, load_prompts
from primum.recipe import Recipe, load_recipe
from primum.recipe.tracking import Tracking
from primum.run.checks import check_settings

PLACES = {
    "engine": {"replicas", "cluster"},
    "training": {"accelerate"},
    "tracking": set(Tracking.model_fields),
}
"""Settings that say where and on how many machines something is computed, and where it is shown."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of a run.

    Attributes:
        model: The model's name as the user gave it.
        fingerprint: Identifies the model's content.
        constitution: The objectives, in order.
        recipe: Every setting.
        train: Prompts that the model is improved on, in all rounds together.
        heldout: Prompts that show whether it improved.
        duplicates: Prompts that were dropped because another says the same.
        near_duplicates: How many of these differ from it in white space or Unicode form.
        notes: What to say of the prompts before the run begins.
    """

    model: str
    fingerprint: str
    constitution: Constitution
    recipe: Recipe
    train: tuple[Prompt, ...]
    heldout: tuple[Prompt, ...]
    duplicates: int
    near_duplicates: int = 0
    notes: tuple[str, ...] = ()

    @property
    def identity(self) -> dict[str, str]:
        """What a run directory never changes."""
        return {
            "model": self.model,
            "constitution": self.constitution.name,
            "recipe": self.recipe.name,
        }

    def train_of(self, number: int) -> tuple[Prompt, ...]:
        """The training prompts of a round; see `prompts_of_round`."""
        return prompts_of_round(self.train, self.recipe, number)

    def settings(self, names: Sequence[str]) -> dict[str, Any]:
        """Settings by their dotted names as plain data, for the fingerprint of a stage.

        `PLACES` change no result, and are left out.
        """
        found = self.recipe.model_dump(mode="json", exclude=PLACES)
        return {name: reduce(getitem, name.split("."), found) for name in names}

    def identify(self, name: str, *, policy: str, round_number: int) -> Any:
        """What identifies an input, as plain data, for the fingerprint of a stage.

        Args:
            name: A field, or `prompts`, `policy`, `round`, `judge`, `examiners` or `asked`.
            policy: The model as it is when the stage begins.
            round_number: The round of the stage, counted from 1.
        """
        trust = self.recipe.engine.trust_remote_code
        identify: dict[str, Callable[[], Any]] = {
            "model": lambda: self.fingerprint,
            "fingerprint": lambda: self.fingerprint,
            "constitution": lambda: self.constitution.fingerprint,
            "train": lambda: _known_by(self.train),
            "heldout": lambda: _known_by(self.heldout),
            "prompts": lambda: _known_by(self.train_of(round_number)),
            "duplicates": lambda: self.duplicates,
            "near_duplicates": lambda: self.near_duplicates,
            "policy": lambda: self._identify_model(policy),
            "round": lambda: round_number,
            "judge": lambda: {
                **judge_identity(self.recipe.judging, trust_remote_code=trust),
                **teaching_identity(self.recipe.judging, self.constitution),
            },
            "examiners": lambda: {
                **{
                    place: judge_identity(settings, trust_remote_code=trust)
                    for place, settings in self.recipe.gate.judges.items()
                },
                **self._identify_stand_in(trust),
            },
            "asked": lambda: asked_identity(self.recipe.gate.guards),
        }
        return identify[name]()

    def _identify_stand_in(self, trust: bool) -> dict[str, Any]:
        """The judge that the examiners are chosen by; nothing where that is the teacher.

        Args:
            trust: Whether code that a model's repository brings may run.
        """
        settings = self.recipe.examined_as
        if settings is None:
            return {}
        identity = judge_identity(settings, trust_remote_code=trust)
        return {"examined as": [settings.model_dump(mode="json"), identity]}

    def _identify_model(self, name: str) -> str:
        """Nothing for a model that training has yet to make."""
        if name == self.model:
            return self.fingerprint
        return model_fingerprint(name) if Path(name).is_dir() else ""


def prepare_inputs(
    prompts: PromptSource,
    model: str,
    constitution: str | Path | Constitution,
    recipe: str | Path | Recipe | None,
    overrides: Sequence[str],
) -> Inputs:
    """Loads and checks all inputs; whatever can be known to fail fails here.

    Args:
        prompts: See `primum.align`.
        model: See `primum.align`.
        constitution: See `primum.align`.
        recipe: See `primum.align`.
        overrides: See `primum.align`.

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
    settings = in_language(settings, goals)
    check_settings(settings, goals)
    found = load_prompts(prompts, heldout=settings.heldout, seed=settings.seed)
    check_tokenizer(model)
    heldout = _split(found, "heldout", settings.max_heldout)
    _check_heldout(len(heldout), len(found.prompts), settings)
    return Inputs(
        model=model,
        fingerprint=model_fingerprint(model, trust_remote_code=settings.engine.trust_remote_code),
        constitution=goals,
        recipe=settings,
        train=_training(found, settings),
        heldout=heldout,
        duplicates=found.duplicates,
        near_duplicates=found.near_duplicates,
        notes=(*found.notes, *note_untemplated(model)),
    )


def in_language(recipe: Recipe, constitution: Constitution) -> Recipe:
    """The recipe with system prompts in the constitution's language, unless it names its own."""
    sampling = recipe.sampling
    if "system_prompts" in sampling.model_fields_set:
        return recipe
    spoken = {"system_prompts": LANGUAGES[constitution.language].system_prompts}
    return recipe.model_copy(update={"sampling": sampling.model_copy(update=spoken)})


def prompts_of_round(train: Sequence[Prompt], recipe: Recipe, number: int) -> tuple[Prompt, ...]:
    """The training prompts that a round samples from.

    New prompts are dealt in the order of their ids, which are hashes: `max_prompts` to each round,
    so that the first one has those that it would have alone, or every so many-th one.

    Args:
        train: Those of all rounds.
        recipe: Says whether rounds share their prompts.
        number: Which round, counted from 1.
    """
    if recipe.round_prompts == "same":
        return tuple(train)
    ids = sorted(prompt.prompt_id for prompt in train)
    most = recipe.max_prompts
    dealt = set(
        ids[number - 1 :: recipe.iterations]
        if most is None
        else ids[(number - 1) * most : number * most]
    )
    return tuple(prompt for prompt in train if prompt.prompt_id in dealt)


def _training(prompts: PromptSet, recipe: Recipe) -> tuple[Prompt, ...]:
    """The training prompts of all rounds.

    Raises:
        UserError: If every round is to have new ones, and there are too few.
    """
    rounds, most = recipe.iterations, recipe.max_prompts
    if recipe.round_prompts == "same" or rounds == 1:
        return _split(prompts, "train", most)
    wanted = rounds * (1 if most is None else most)
    found = _split(prompts, "train", None if most is None else wanted)
    if len(found) < wanted:
        each = "a prompt" if most is None else f"max_prompts={most}"
        fewer = "iterations" if most is None else "iterations or max_prompts"
        raise UserError(
            f"round_prompts is new, and {rounds} rounds with {each} each need {wanted} training "
            f"prompts, but there are {len(found)}; bring more, lower {fewer}, or set "
            "round_prompts=same"
        )
    return found


def _known_by(prompts: Sequence[Prompt]) -> list[tuple[str, str | None]]:
    """Their ids, which follow from what they say, and their categories."""
    return [(prompt.prompt_id, prompt.category) for prompt in prompts]


def _split(prompts: PromptSet, split: str, most: int | None) -> tuple[Prompt, ...]:
    """The prompts of one split; where only some are wanted, those with the smallest ids.

    Ids are hashes, so these are drawn from all over the file, however it is sorted.
    """
    found = [prompt for prompt in prompts.prompts if prompt.split == split]
    drawn = {prompt.prompt_id for prompt in sorted(found, key=lambda p: p.prompt_id)[:most]}
    return tuple(prompt for prompt in found if prompt.prompt_id in drawn)


def _check_heldout(heldout: int, prompts: int, recipe: Recipe) -> None:
    """Too few held-out prompts are known now, and would fail the gate after training."""
    if heldout >= LEAST_PROMPTS:
        return
    most = recipe.max_heldout
    needed = ceil(LEAST_PROMPTS / recipe.heldout)
    cut = f" (max_heldout={most})" if most is not None and heldout == most else ""
    bring = f"bring more prompts, {needed} at least, or raise heldout ({recipe.heldout:g} now)"
    raise UserError(
        f"{heldout} of {prompts} prompts are held out{cut}, and the gate needs {LEAST_PROMPTS} to "
        f"show anything; {'raise max_heldout' if cut else bring}"
    )
