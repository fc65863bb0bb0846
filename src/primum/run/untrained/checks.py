"""Settings that mean nothing where nothing is trained."""

from primum.errors import UserError
from primum.recipe import Recipe


def check_untrained(recipe: Recipe) -> None:
    """Refuses what a recipe that trains nothing asks of a training, or lacks for its method.

    What a recipe says of sampling, filters, pairs and training by default or for other methods is
    left alone, so that a method can be laid over any recipe.

    Raises:
        UserError: If a setting means nothing; the message names it and says what to do.
    """
    method = recipe.method
    for setting, plain in _asked_of_training(recipe).items():
        raise UserError(
            f"method={method} trains nothing, so that {setting} means nothing; set {plain}, or "
            "method=train"
        )
    if method == "best-of-n" and recipe.sampling.n < 2:
        raise UserError(
            "method=best-of-n with sampling.n=1 leaves nothing to choose; set sampling.n to at "
            "least 2, or method=untouched"
        )
    if method == "self-refinement" and recipe.refinement.n < 1:
        raise UserError(
            "method=self-refinement answers with a refinement, but refinement.n is 0; set "
            "refinement.n=1, or method=best-of-n"
        )


def _asked_of_training(recipe: Recipe) -> dict[str, str]:
    """Settings as they are, with what they are where they ask for nothing."""
    wishes = {
        f"seeds={recipe.seeds}": (recipe.seeds > 1, "seeds=1"),
        f"iterations={recipe.iterations}": (recipe.iterations > 1, "iterations=1"),
        f"round_prompts={recipe.round_prompts}": (
            recipe.round_prompts != "same",
            "round_prompts=same",
        ),
        f"combination.kind={recipe.combination.kind}": (
            recipe.combination.kind != "together",
            "combination.kind=together",
        ),
        f"pairing.rule={recipe.pairing.rule}": (
            recipe.pairing.rule != "lexicographic",
            "pairing.rule=lexicographic",
        ),
        "judging.thoughts=true": (recipe.judging.thoughts, "judging.thoughts=false"),
        "training.accelerate": (
            recipe.training.accelerate is not None,
            "training.accelerate=null",
        ),
    }
    return {setting: plain for setting, (asked, plain) in wishes.items() if asked}
