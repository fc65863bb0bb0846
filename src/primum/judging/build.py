"""Builds the judge that a recipe asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from primum.constitution import Constitution
from primum.engines.base import Engine, SequenceClassifier
from primum.engines.build import build_classifier
from primum.engines.models.reference import model_fingerprint
from primum.engines.openai.server import SERVED
from primum.judging.base import Judge
from primum.judging.composite import CompositeJudge, restricted_to
from primum.judging.kinds import BASE, POLICY, kinds_of
from primum.judging.probe.judge import fit_probe
from primum.judging.python import function_fingerprint, function_judge
from primum.judging.rating_expected import ExpectedRating, scale_points
from primum.judging.rating_text import TextRating
from primum.judging.reward_model import fit_reward_model
from primum.progress import Progress
from primum.recipe.schema import JudgeKind, Judging


@dataclass(frozen=True, slots=True)
class Apart:
    """What a judge leaves to another one, so that the two have less in common.

    Attributes:
        wording: The first wording of the question that a judge asked in words takes.
        layers: Layers that a probe does not read.
    """

    wording: int = 0
    layers: frozenset[int] = frozenset()


ALONE = Apart()
"""Nothing is left to another judge."""


def build_judge(
    settings: Judging,
    engine: Engine,
    constitution: Constitution,
    *,
    cache: Path,
    progress: Progress,
    classifier: Callable[[str], SequenceClassifier] = build_classifier,
    function: Callable[[str, Constitution], Judge] = function_judge,
    apart: Apart = ALONE,
) -> Judge:
    """The judge that the settings describe, whatever kinds its objectives have.

    Args:
        settings: The kinds.
        engine: Runs the judging model.
        constitution: What it judges by.
        cache: Where fitted probes are kept.
        progress: Is told of what has to be computed first.
        classifier: Loads a reward model by its name; by default wherever is best.
        function: Makes a judge of the user's function, by its name.
        apart: What is left to another judge; by default nothing.

    Raises:
        UserError: If a kind lacks what it needs.
    """
    kinds = kinds_of(settings, constitution)
    reward_model = lru_cache(maxsize=None)(classifier)

    def built(kind: JudgeKind, part: Constitution) -> Judge:
        match kind:
            case "rating-expected":
                scale_points(part.scale)
                return ExpectedRating(
                    engine, part, settings.wordings, apart.wording, settings.shots
                )
            case "rating-text":
                return TextRating(
                    engine,
                    part,
                    settings.wordings,
                    settings.retries,
                    settings.max_tokens,
                    settings.thought_tokens,
                    apart.wording,
                    settings.shots,
                )
            case "probe":
                return fit_probe(engine, part, cache=cache, progress=progress, without=apart.layers)
            case "reward-model":
                named = settings.reward_models[part.objectives[0].name]
                return fit_reward_model(reward_model(named.model), named, part, progress)
            case "python":
                return function(settings.function or "", part)

    parts = _parts(list(kinds.values()))
    if len(parts) == 1 and len(parts[0][1]) == len(kinds):
        return built(parts[0][0], constitution)
    return CompositeJudge(
        tuple((built(kind, restricted_to(constitution, places)), places) for kind, places in parts)
    )


def judge_identity(settings: Judging, *, trust_remote_code: bool = False) -> dict[str, str]:
    """What scores depend on beside the recipe, the constitution and the policy.

    Args:
        settings: The kinds.
        trust_remote_code: Whether code that a model's repository brings may run.

    Returns:
        Fingerprints of the other models and of the function that judge; empty where none do.
    """
    models = {named.model for named in settings.reward_models.values()}
    # A model on a server is known by the recipe's own words: its name and the address.
    if settings.model not in (POLICY, BASE) and not settings.model.startswith(SERVED):
        models.add(settings.model)
    found = {
        f"model {name}": model_fingerprint(name, trust_remote_code=trust_remote_code)
        for name in sorted(models)
    }
    if settings.function is not None:
        found[f"function {settings.function}"] = function_fingerprint(settings.function)
    return found


def _parts(kinds: list[JudgeKind]) -> list[tuple[JudgeKind, tuple[int, ...]]]:
    """Objectives by the judge they share; each objective has a reward model to itself."""
    shared: dict[tuple[JudgeKind, int], list[int]] = {}
    for place, kind in enumerate(kinds):
        shared.setdefault((kind, place if kind == "reward-model" else -1), []).append(place)
    return [(kind, tuple(places)) for (kind, _), places in shared.items()]
