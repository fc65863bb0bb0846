"""Settings that each are fine, but not together: all that can be known before the first call."""

from primum.constitution import Constitution
from primum.engines.openai import SERVED
from primum.engines.openai.server import Server
from primum.errors import UserError
from primum.evaluation.guards.asking.entry import ability_guards, check_asked
from primum.evaluation.guards.margins import check_guard_margins
from primum.judging.calibration import check_exemplars
from primum.judging.examiners.build import TAKEN
from primum.judging.examiners.ways import default_ways, essence
from primum.judging.kinds import BASE, FITTED, POLICY, kinds_of
from primum.recipe import Recipe
from primum.recipe.losses import MARKED
from primum.recipe.schema import Judging
from primum.synthesis.order import stated_thresholds
from primum.training.launch import check_configuration
from primum.training.limits import check_training


def check_settings(recipe: Recipe, constitution: Constitution) -> None:
    """Refuses settings that do not go together.

    Raises:
        UserError: If some do not; the message names them and says what to change.
    """
    _check_rank(recipe, constitution)
    if recipe.denoising.consistency != "off" and recipe.refinement.n < 1:
        raise UserError(
            "refinement.n is 0, and the consistency filter compares a refinement; set "
            "refinement.n to at least 1, or denoising.consistency=off"
        )
    if recipe.engine.kind == "openai" and recipe.iterations > 1:
        raise UserError(
            f"iterations is {recipe.iterations}, but engine.kind=openai reaches the starting model "
            "alone, not the one that the first round trains; set iterations=1 (and start a second "
            "run from the first one's model), or engine.kind=transformers"
        )
    _check_judge(recipe.judging, recipe, constitution)
    _check_examiners(recipe, constitution)
    check_asked(recipe.gate.guards, recipe.engine)
    check_training(recipe.training)
    _check_loss(recipe, constitution)
    check_guard_margins(recipe.gate.guards.margins, ability_guards(recipe.gate.guards))
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
    low, high = constitution.scale
    for name, threshold in recipe.pairing.thresholds.items():
        if threshold is not None and not low <= threshold <= high:
            raise UserError(
                f"pairing.thresholds names {threshold:g} for {name!r}, which is outside the scale "
                f"of the constitution {constitution.name!r}, from {low:g} to {high:g}; name a "
                "score on it, or null for no threshold"
            )


def _check_loss(recipe: Recipe, constitution: Constitution) -> None:
    """A loss that asks for what no pair of this run will have."""
    loss, first = recipe.training.loss, constitution.objectives[0].name
    if loss in MARKED and stated_thresholds(constitution, recipe.pairing)[first] is None:
        raise UserError(
            f"training.loss={loss} asks which responses meet the threshold of the first objective, "
            f"{first!r}, which has none; set one in the constitution, or with "
            f"'pairing.thresholds={{{first}: SCORE}}'"
        )
    if loss == "modpo" and len(constitution.objectives) < 2:
        raise UserError(
            f"training.loss=modpo weighs the last objective against the others, and the "
            f"constitution {constitution.name!r} has one objective; use training.loss=dpo"
        )


def _check_rank(recipe: Recipe, constitution: Constitution) -> None:
    """A covariance of n candidates has rank n − 1 at most, so that det Σ can be 0 always."""
    n, objectives = recipe.sampling.n, len(constitution.objectives)
    if recipe.denoising.informativeness and n <= objectives:
        raise UserError(
            f"sampling.n is {n} and the constitution {constitution.name!r} has "
            f"{objectives} objective{'s' if objectives > 1 else ''}: det Σ of {n} candidates is "
            f"then 0 for every prompt, and all would be dropped; set sampling.n to at least "
            f"{objectives + 1}, or denoising.informativeness=false"
        )


def _check_judge(judging: Judging, recipe: Recipe, constitution: Constitution) -> None:
    """A judge that lacks what it needs.

    Args:
        judging: Its settings.
        recipe: The whole recipe.
        constitution: The objectives.
    """
    kinds = kinds_of(judging, constitution)
    here = recipe.engine.kind != "openai"
    judge = judging.model
    served = judge.startswith(SERVED) or (judge in (POLICY, BASE) and not here)
    if judge.startswith(SERVED):
        Server.of(recipe.engine.openai, judge.removeprefix(SERVED))
    if served and "probe" in kinds.values():
        raise UserError(
            "judging by probe reads the model's hidden states, which servers do not hand out; set "
            "engine.kind=transformers and judging.model=policy, or another judging.kind"
        )
    for objective in constitution.objectives:
        if kinds[objective.name] in FITTED:
            check_exemplars(objective, constitution.scale)


def _check_examiners(recipe: Recipe, constitution: Constitution) -> None:
    """Judges that cannot examine what the teacher has taught."""
    taught = essence(recipe.judging, constitution)
    for name, settings in recipe.gate.judges.items():
        if name in TAKEN:
            raise UserError(
                f"gate.judges names a judge {name!r}, and so is another one called in every run; "
                "give it another name, such as second"
            )
        try:
            _check_judge(settings, recipe, constitution)
        except UserError as error:
            raise UserError(f"gate.judges, {name!r}: {error}") from error
        if essence(settings, constitution) == taught:
            raise UserError(
                f"gate.judges names the judge {name!r}, which is the teacher over again: what "
                "makes the pairs cannot examine them; give it another kind, model or wordings, or "
                "leave it out"
            )
    if not recipe.gate.judges:
        default_ways(recipe.judging, constitution, reads=recipe.engine.kind != "vllm")
