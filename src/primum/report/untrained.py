"""What is said of a run that trained nothing."""

from primum.recipe import Recipe

_MADE = {
    "untouched": "the answers after are those before",
    "system-prompt": "the starting model itself gave the answers after, under the constitution as "
    "system prompt",
    "best-of-n": "each answer after is the best of {n} of the starting model's, by the teacher's "
    "scores",
    "self-refinement": "each answer after is the starting model's refinement of {n} of its own, "
    "which it saw with the teacher's scores, whether or not it is better",
}
_NAMES = {
    "untouched": "untouched",
    "system-prompt": "under the constitution as system prompt",
    "best-of-n": "best of {n}",
    "self-refinement": "refining its own answers",
}


def how_made(recipe: Recipe) -> str:
    """How the answers after were made where nothing was trained, as a sentence without its ends."""
    return f"nothing was trained: {_MADE[recipe.method].format(n=recipe.sampling.n)}"


def way_named(recipe: Recipe) -> str:
    """What was done with the model, behind its name in a heading."""
    if recipe.method == "train":
        return "aligned"
    return _NAMES[recipe.method].format(n=recipe.sampling.n)
