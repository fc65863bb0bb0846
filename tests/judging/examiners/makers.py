"""Judges of a small run, by a scripted engine."""

import numpy as np

from primum.engines.scripted import ScriptedEngine
from primum.progress import Silent
from primum.recipe import Recipe
from primum.recipe.schema import Gate, Judging
from primum.run.models import LoadedModels
from primum.store.calls import CallStore
from tests.judging.goals import constitution
from tests.judging.test_judges import states


class Told(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.notes = []

    def note(self, sentence):
        self.notes.append(sentence)


class Asked:
    """A scripted engine that keeps what it is asked."""

    def __init__(self, layers=30):
        self.represented, self.chosen = [], []

        def represent(request):
            self.represented.append(request)
            return states(request)

        def choose(request):
            self.chosen.append(request.messages[0].content)
            return np.log(np.full(10, 0.1))

        self.engine = ScriptedEngine(
            answer=lambda request: "Rating: 4",
            choice=choose,
            representation=represent if layers else None,
            layers=layers,
            fingerprint="asked",
        )


def models(
    folder,
    judging,
    *,
    asked=None,
    exemplars=40,
    goals=None,
    progress=None,
    examined_as=None,
    **judges,
):
    """The models of a run.

    Args:
        folder: For the call store and the probes.
        judging: The teacher's settings.
        asked: The engine.
        exemplars: Contrasts per objective.
        goals: The constitution, in the place of the small one.
        progress: Is told of what takes time.
        examined_as: Settings of the judge that the examiners are chosen by; None for the teacher.
        judges: Of the gate.
    """
    recipe = Recipe(
        judging=Judging(**judging),
        examined_as=examined_as and Judging(**examined_as),
        gate=Gate(judges={name: Judging(**settings) for name, settings in judges.items()}),
    )
    engine = (asked or Asked()).engine
    return LoadedModels(
        recipe,
        goals or constitution(exemplars),
        CallStore(folder / "calls.sqlite"),
        progress or Silent(),
        lambda name: engine,
        base="start",
        probes=folder / "probes",
    )
