"""Settings that each are fine, but not together: all that can be known before the first call."""

from primum.constitution import Constitution
from primum.engines.openai import SERVED
from primum.engines.openai.server import Server
from primum.errors import UserError
from primum.evaluation.guards.asking.entry import ability_guards, check_asked
from primum.evaluation.guards.margins import check_guard_margins
from primum.judging.asking.shots import check_shots
from primum.judging.calibration import check_exemplars
from primum.judging.examiners.build import TAKEN
from primum.judging.examiners.ways import default_ways, essence
from primum.judging.kinds import BASE, FITTED, IN_WORDS, POLICY, kinds_of
from primum.recipe import Recipe
from primum.recipe.combination import soup_shares
from primum.recipe.losses import MARKED
from primum.recipe.schema import Judging
from primum.run.tracking.opening import check_trackers
from primum.run.untrained.checks import check_untrained
from primum.synthesis.order import stated_thresholds
from primum.synthesis.rules import check_pairing
from primum.training.launch import check_configuration
from primum.training.limits import check_training


def check_settings(recipe: Recipe, constitution: Constitution) -> None:
    """Refuses settings that do not go together.

    Raises:
        UserError: If some do not; the message names them and says what to change.
    """
    check_trackers(recipe.tracking)
    if recipe.method == "train":
        _check_training(recipe, constitution)
    else:
        check_untrained(recipe)
    _check_judge(recipe.judging, recipe, constitution)
    _check_examiners(recipe, constitution)
    check_asked(recipe.gate.guards, recipe.engine)
    check_guard_margins(recipe.gate.guards.margins, ability_guards(recipe.gate.guards))
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
    _check_pairs(recipe, constitution)
    low, high = constitution.scale
    for name, threshold in recipe.pairing.thresholds.items():
        if threshold is not None and not low <= threshold <= high:
            raise UserError(
                f"pairing.thresholds names {threshold:g} for {name!r}, which is outside the scale "
                f"of the constitution {constitution.name!r}, from {low:g} to {high:g}; name a "
                "score on it, or null for no threshold"
            )


def _check_training(recipe: Recipe, constitution: Constitution) -> None:
    """Refuses what cannot be sampled, filtered or trained."""
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
    _check_combination(recipe, constitution)
    check_training(recipe.training)
    _check_loss(recipe, constitution)
    if recipe.training.accelerate is not None:
        check_configuration(recipe)


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


def _check_pairs(recipe: Recipe, constitution: Constitution) -> None:
    """Pairs that cannot be made, or that training would see contradict one another."""
    check_pairing(recipe.pairing, constitution)
    if recipe.pairing.preferred == "refinement" and recipe.refinement.n < 1:
        raise UserError(
            "refinement.n is 0, and pairing.preferred=refinement keeps only pairs that a "
            "refinement wins; set refinement.n to at least 1, or pairing.preferred=any"
        )
    kind, rule = recipe.combination.kind, recipe.pairing.rule
    if rule == "apart" and kind == "together":
        raise UserError(
            "pairing.rule is apart, which may prefer either of two responses, each on another "
            "objective, and combination.kind=together would train one model on both at once; set "
            "combination.kind=sequence or combination.kind=soup, or another pairing.rule"
        )
    if rule != "apart" and kind != "together":
        raise UserError(
            f"combination.kind is {kind}, which trains on the pairs of one objective at a time, "
            f"but pairing.rule={rule} makes pairs of all objectives together; set "
            "pairing.rule=apart, or combination.kind=together"
        )


def _check_combination(recipe: Recipe, constitution: Constitution) -> None:
    """Objectives that are trained apart need pairs of their own, and models that can be merged."""
    kind = recipe.combination.kind
    if kind == "together":
        return
    objectives = len(constitution.objectives)
    if objectives < 2:
        raise UserError(
            f"combination.kind={kind} trains objectives apart, and the constitution "
            f"{constitution.name!r} has only one; set combination.kind=together"
        )
    if recipe.seeds > 1:
        raise UserError(
            f"seeds is {recipe.seeds}, but combination.kind={kind} trains a model for each "
            "objective from one seed alone; set seeds=1 and repeat the run with another seed, or "
            "combination.kind=together"
        )
    if kind == "soup":
        soup_shares(recipe.combination.weights, objectives)
        if recipe.training.lora and recipe.training.lora.dora:
            raise UserError(
                "combination.kind=soup adds up what adapters change, and with training.lora.dora "
                "a change is no sum; set training.lora.dora=false, or training.lora=null to train "
                "all weights"
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
        if kinds[objective.name] in IN_WORDS:
            check_shots(objective, judging.shots)


def _check_examiners(recipe: Recipe, constitution: Constitution) -> None:
    """Judges that cannot examine what the teacher has taught."""
    taught = essence(recipe.judging, constitution)
    stand_in = recipe.judging
    if recipe.examined_as is not None:
        stand_in = recipe.examined_as
        try:
            _check_judge(stand_in, recipe, constitution)
        except UserError as error:
            raise UserError(f"examined_as: {error}") from error
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
        default_ways(stand_in, constitution, reads=recipe.engine.kind != "vllm")
