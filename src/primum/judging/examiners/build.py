"""Makes the judges of a run's answers: the teacher, the default examiner, and those named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from primum.constitution import Constitution, Objective
from primum.constitution.exemplars import Exemplar
from primum.engines.base import Engine
from primum.errors import UserError, first_line
from primum.judging.base import Judge
from primum.judging.build import ALONE, Apart
from primum.judging.composite import CompositeJudge
from primum.judging.examiners.description import described, with_layers
from primum.judging.examiners.halves import (
    enough_for,
    halves_of,
    seen_by_teacher,
    unseen,
    with_objectives,
)
from primum.judging.examiners.sharing import THE_MODEL, View, in_common, layers_read, views_of
from primum.judging.examiners.trust import measure_trust
from primum.judging.examiners.ways import Way, default_ways, examiner_wordings
from primum.judging.facts import Examiner, JudgeFacts
from primum.judging.kinds import kinds_of
from primum.progress import Progress
from primum.recipe.schema import JudgeKind, Judging

TEACHER = "teacher"
"""What the judge that made the pairs is called among those who judge answers."""

EXAMINER = "examiner"
"""What the examiner is called that every run has."""

TAKEN = (TEACHER, EXAMINER, "people")
"""Names that a user's judge cannot have."""


class Build(Protocol):
    """Builds a judge where all but this is settled; see `judging.build_judge`."""

    def __call__(
        self, settings: Judging, engine: Engine, constitution: Constitution, *, apart: Apart
    ) -> Judge:
        """The judge."""
        ...


@dataclass(frozen=True)
class Teacher:
    """A judge that makes pairs.

    Attributes:
        judge: The judge.
        settings: Its settings.
        engine: Runs its model.
        description: Who it is, in words.
    """

    judge: Judge
    settings: Judging
    engine: Engine
    description: str

    @property
    def layers(self) -> frozenset[int]:
        """Layers that it reads."""
        return layers_read(self.judge)

    def shares_with(
        self, examiner: Judge, views: Mapping[str, View], constitution: Constitution
    ) -> str | None:
        """What an examiner has in common with it, in words; None for nothing.

        Args:
            examiner: The examiner.
            views: How it comes to its scores, by objective.
            constitution: The whole one.
        """
        seen = seen_by_teacher(self.settings, constitution)
        own = views_of(self.settings, seen, self.engine.fingerprint)
        return in_common(views, own, constitution, self.layers & layers_read(examiner))


def default_examiner(
    teacher: Teacher,
    stand_in: Teacher,
    constitution: Constitution,
    start: Callable[[], Engine],
    build: Build,
    progress: Progress,
) -> Examiner:
    """The examiner that shares as little as possible with a teacher.

    Args:
        teacher: The judge that made the pairs.
        stand_in: The teacher that it is chosen by; the same one, but where methods with several
            teachers have one examiner (`examined_as`).
        constitution: The whole one.
        start: The engine of the starting model, loaded where it is needed.
        build: Builds judges.
        progress: Is told of every answer, and of what the two share beside a model.

    Raises:
        UserError: See `default_ways`.
    """
    kinds = kinds_of(stand_in.settings, constitution)
    others = {"reward-model", "python"} & set(kinds.values())
    reads = start().layers > 0 if others else True
    ways = default_ways(stand_in.settings, constitution, reads=reads)
    parts = []
    views: dict[str, View] = {}
    for by_start in (False, True):
        places = tuple(at for at, way in enumerate(ways) if way.by_start == by_start)
        if places:
            engine = start() if by_start else stand_in.engine
            part, seen = _part([ways[at] for at in places], stand_in, constitution, engine, build)
            parts.append((part, places))
            views |= seen
    judge: Judge = parts[0][0] if len(parts) == 1 else CompositeJudge(tuple(parts))
    shares = teacher.shares_with(judge, views, constitution)
    if shares not in (None, THE_MODEL):
        progress.note(f"the teacher and the examiner share {shares}; see docs/judges.md")
    facts = JudgeFacts(
        EXAMINER, "examiner", described(ways, judge, stand_in.settings.wordings), shares
    )
    left = [
        unseen(way.kind, way.objective, whole, 0 if way.by_start else stand_in.settings.shots)
        for way, whole in zip(ways, constitution.objectives, strict=True)
    ]
    kinds_here = [way.kind for way in ways]
    return _tried(Examiner(judge, facts), kinds_here, left, constitution, progress)


def _part(
    ways: Sequence[Way],
    stand_in: Teacher,
    constitution: Constitution,
    engine: Engine,
    build: Build,
) -> tuple[Judge, dict[str, View]]:
    """Those objectives that one model judges, and how it comes to its scores on each.

    Args:
        ways: How each of them is examined; the same model judges all.
        stand_in: See `default_examiner`.
        constitution: The whole one.
        engine: Runs the model.
        build: Builds judges.
    """
    by_start = ways[0].by_start
    first, count = examiner_wordings(stand_in.settings.wordings)
    settings = stand_in.settings.model_copy(
        update={
            "kinds": {way.objective.name: way.kind for way in ways},
            "reward_models": {},
            "wordings": stand_in.settings.wordings if by_start else count,
            # A teacher that is no model has not been checked for as many exemplars.
            "shots": 0 if by_start else stand_in.settings.shots,
        }
    )
    goals = with_objectives(constitution, [way.objective for way in ways])
    apart = ALONE if by_start else Apart(first, stand_in.layers)
    judge = build(settings, engine, goals, apart=apart)
    return judge, views_of(settings, goals, engine.fingerprint, apart.wording)


def named_examiner(
    facts: JudgeFacts,
    settings: Judging,
    engine: Engine,
    teacher: Teacher,
    stand_in: Teacher,
    constitution: Constitution,
    build: Build,
    progress: Progress,
) -> Examiner:
    """A further examiner (`gate.judges`).

    Where it sees exemplars and the teacher does too, it has the examiner's half of them; where both
    read hidden states of one model, they read other layers.

    Args:
        facts: The user's name for it, and who it is.
        settings: Its settings.
        engine: Runs its model.
        teacher: The judge that made the pairs.
        stand_in: See `default_examiner`.
        constitution: The whole one.
        build: Builds judges.
        progress: Is told of every answer.
    """
    kinds = kinds_of(settings, constitution)
    taught = kinds_of(stand_in.settings, constitution)
    fitted = []
    for one in constitution.objectives:
        theirs = enough_for(taught[one.name], stand_in.settings)
        own = enough_for(kinds[one.name], settings)
        halved = theirs and own and halves_of(one, constitution.scale, theirs, own)
        fitted.append(halved.examiner if halved else one)
    goals = with_objectives(constitution, fitted)
    same = engine.fingerprint == stand_in.engine.fingerprint
    apart = Apart(layers=stand_in.layers) if same else ALONE
    judge = build(settings, engine, goals, apart=apart)
    views = views_of(settings, goals, engine.fingerprint)
    shares = teacher.shares_with(judge, views, constitution)
    found = Examiner(judge, replace(facts, shares=shares))
    left = _left(kinds, fitted, constitution, settings.shots)
    return _tried(found, list(kinds.values()), left, constitution, progress)


def examined_teacher(teacher: Teacher, constitution: Constitution, progress: Progress) -> Examiner:
    """The teacher as it stands beside the examiners, tried on exemplars that it has not seen.

    Args:
        teacher: The judge that made the pairs.
        constitution: The whole one.
        progress: Is told of every answer.
    """
    kinds = kinds_of(teacher.settings, constitution)
    fitted = seen_by_teacher(teacher.settings, constitution).objectives
    facts = JudgeFacts(TEACHER, "teacher", with_layers(teacher.description, teacher.judge))
    found = Examiner(teacher.judge, facts)
    left = _left(kinds, fitted, constitution, teacher.settings.shots)
    return _tried(found, list(kinds.values()), left, constitution, progress)


def _left(
    kinds: Mapping[str, JudgeKind],
    fitted: Sequence[Objective],
    constitution: Constitution,
    shots: int,
) -> list[tuple[Exemplar, ...]]:
    """The exemplars of each objective that a judge has not seen.

    Args:
        kinds: Its kind on each objective.
        fitted: The objectives with the exemplars that it has.
        constitution: The whole one.
        shots: See `unseen`.
    """
    return [
        unseen(kinds[whole.name], has, whole, shots)
        for has, whole in zip(fitted, constitution.objectives, strict=True)
    ]


def _tried(
    examiner: Examiner,
    kinds: Sequence[JudgeKind],
    left: Sequence[Sequence[Exemplar]],
    constitution: Constitution,
    progress: Progress,
) -> Examiner:
    """The same judge, with how far to trust it on each objective.

    Args:
        examiner: The judge.
        kinds: Its kind on each objective.
        left: The exemplars of each that it has not seen.
        constitution: The whole one.
        progress: Is told of every answer.
    """
    trust = {}
    for place, whole in enumerate(constitution.objectives):
        name = examiner.facts.name
        try:
            said = measure_trust(examiner.judge, place, left[place], name=name, progress=progress)
        except UserError as error:
            # The user's function may know the run's answers and no others.
            if kinds[place] != "python":
                raise
            said = f"not measured: {first_line(error)}"
        trust[whole.name] = said
    return replace(examiner, facts=replace(examiner.facts, trust=trust))
