"""Which prompts are answered for a sheet: some of the user's, some of the library's."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from primum.errors import UserError
from primum.prompts import Prompt, PromptSource, load_prompts
from primum.recipe import Recipe
from primum.seeds import derive_seed

LIBRARY, LANGUAGE = "seed", "en"
"""The name of the library's own prompts, and their language."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Prompts for a sheet.

    Attributes:
        prompts: The user's first.
        conversations: How many of the user's have several turns, a system prompt or tools, and are
            left out: an exemplar holds one text of the user.
    """

    prompts: tuple[Prompt, ...]
    conversations: int


def choose_prompts(
    source: PromptSource | None, recipe: Recipe, count: int, language: str = LANGUAGE
) -> Chosen:
    """Draws prompts evenly over their categories, and no held-out ones.

    On held-out prompts the gate judges, by a judge that may be fitted on the marks. More of the
    same source are those of fewer and others, so that a sheet can be extended.

    Args:
        source: The user's prompts, as `load_prompts` takes them; half of the sheet is theirs where
            there are as many. None for the library's alone.
        recipe: Has the share held out and the seed.
        count: How many are wanted.
        language: The constitution's. In another one than the library's prompts all are the user's.

    Raises:
        UserError: If there are no prompts in that language, or the user's cannot be read.
    """
    own = _train(source, recipe) if source is not None else []
    usable = [prompt for prompt in own if _is_single(prompt)]
    known = {prompt.prompt_id for prompt in usable}
    library = _train(LIBRARY, recipe) if language == LANGUAGE else []
    others = [prompt for prompt in library if prompt.prompt_id not in known]
    if not usable and not others:
        raise UserError(
            f"there are no prompts to answer: the library's are in English, and the constitution's "
            f"language is {language!r}; name a file of single questions in that language"
        )
    first = spread(usable, recipe.seed)[: (count + 1) // 2]
    rest = spread(others, recipe.seed)[: count - len(first)]
    more = spread(usable, recipe.seed)[len(first) : count - len(rest)]
    return Chosen((*first, *more, *rest), len(own) - len(usable))


def spread(prompts: Sequence[Prompt], seed: int) -> list[Prompt]:
    """The prompts, one of every category in turn, in a random order within each.

    Args:
        prompts: In any order.
        seed: Makes the order.
    """
    piles: dict[str, list[Prompt]] = {}
    order = sorted(prompts, key=lambda one: derive_seed(seed, "mark", one.prompt_id))
    for prompt in order:
        piles.setdefault(prompt.category or "", []).append(prompt)
    rounds = zip_longest(*(piles[name] for name in sorted(piles)))
    return [prompt for prompt in chain.from_iterable(rounds) if prompt is not None]


def _train(source: PromptSource, recipe: Recipe) -> list[Prompt]:
    found = load_prompts(source, heldout=recipe.heldout, seed=recipe.seed).prompts
    return [prompt for prompt in found if prompt.split == "train"]


def _is_single(prompt: Prompt) -> bool:
    return [turn.role for turn in prompt.messages] == ["user"]
