"""What an examiner has in common with the judge that made the pairs, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from primum.constitution import Constitution, Objective
from primum.constitution.exemplars import Exemplar
from primum.judging.asking.shots import shown_prompts
from primum.judging.base import Judge
from primum.judging.composite import CompositeJudge
from primum.judging.examiners.halves import Enough, enough_for, halves_of
from primum.judging.kinds import IN_WORDS, kinds_of
from primum.judging.probe.judge import ProbeJudge
from primum.recipe.schema import JudgeKind, Judging, RewardModel

THE_MODEL = "the model"
"""What the default examiner has in common with most teachers."""


@dataclass(frozen=True)
class View:
    """How a judge comes to its scores on one objective.

    Attributes:
        kind: Its kind.
        model: Fingerprint of the model that judges; None for a reward model or a function.
        exemplars: Those that it was fitted on, placed by, or shown.
        needs: What it needs of half the exemplars; None where it is given all, or none.
        wordings: Of the question, by number from 0; none where it is not asked in words.
        source: The reward model or the function; None for the other kinds.
    """

    kind: JudgeKind
    model: str | None
    exemplars: frozenset[Exemplar]
    needs: Enough | None
    wordings: range
    source: RewardModel | str | None


def views_of(
    settings: Judging, seen: Constitution, model: str, first_wording: int = 0
) -> dict[str, View]:
    """How a judge comes to its scores, by objective.

    Args:
        settings: The judge's.
        seen: The constitution with the exemplars that it may see.
        model: Fingerprint of the model that judges.
        first_wording: The first wording of the question that it takes.
    """
    asked = range(first_wording, first_wording + settings.wordings)
    return {
        one.name: View(
            kind,
            model if kind == "probe" or kind in IN_WORDS else None,
            _exemplars(one, kind, settings.shots),
            enough_for(kind, settings),
            asked if kind in IN_WORDS else range(0),
            _source(settings, kind, one.name),
        )
        for one, kind in zip(seen.objectives, kinds_of(settings, seen).values(), strict=True)
    }


def layers_read(judge: Judge) -> frozenset[int]:
    """Layers that a judge reads hidden states of; none where it is no probe."""
    if isinstance(judge, CompositeJudge):
        return frozenset().union(*(layers_read(part) for part, _ in judge.parts))
    if isinstance(judge, ProbeJudge):
        return frozenset(layer for readout in judge.readouts for layer in readout.layers)
    return frozenset()


def in_common(
    examiner: Mapping[str, View],
    teacher: Mapping[str, View],
    constitution: Constitution,
    layers: frozenset[int],
) -> str | None:
    """What two judges have in common, in words; None for nothing.

    Args:
        examiner: Views of the one, by objective.
        teacher: Views of the other.
        constitution: The whole one.
        layers: Those that both read.
    """
    examining, teaching = (
        {view.model for view in views.values()} - {None} for views in (examiner, teacher)
    )
    same_model = bool(examining & teaching)
    shares = [THE_MODEL] if same_model else []
    for one in constitution.objectives:
        shares += _on_objective(one, examiner[one.name], teacher[one.name], constitution.scale)
    if layers and same_model:
        shares.append("layers")
    return "; ".join(dict.fromkeys(shares)) or None


def _on_objective(
    objective: Objective, examiner: View, teacher: View, scale: tuple[float, float]
) -> Iterator[str]:
    """What two judges have in common on one objective."""
    kinds = {examiner.kind, teacher.kind}
    if examiner.exemplars & teacher.exemplars:
        halved = teacher.needs and halves_of(objective, scale, teacher.needs, examiner.needs)
        reason = ", too few to halve" if halved and halved.shared else ""
        if "reward-model" in kinds:
            reason = ", which place its reward model on the scale"
        yield f"the exemplars of {objective.name}{reason}"
    if examiner.model == teacher.model and {*examiner.wordings} & {*teacher.wordings}:
        yield "wordings of the question"
    if examiner.source and examiner.source == teacher.source:
        named = "function that judges" if examiner.kind == "python" else "reward model of"
        yield f"the {named} {objective.name}"


def _exemplars(objective: Objective, kind: JudgeKind, shots: int) -> frozenset[Exemplar]:
    if kind in IN_WORDS:
        shown = shown_prompts(objective, shots)
        return frozenset(one for one in objective.exemplars if one.prompt in shown)
    return frozenset(() if kind == "python" else objective.exemplars)


def _source(settings: Judging, kind: JudgeKind, objective: str) -> RewardModel | str | None:
    if kind == "reward-model":
        return settings.reward_models[objective]
    return settings.function if kind == "python" else None
