"""The judges that benchmarks compare, and what they say of answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from human_judge import LONGEST
from primum.arrays import Float32Array
from primum.constitution import Constitution, Contrast, Objective
from primum.engines.base import Engine, RepresentRequest
from primum.engines.delegating import DelegatingEngine
from primum.judging import Item, Judge, build_judge
from primum.judging.build import ALONE, Apart
from primum.judging.composite import restricted_to
from primum.judging.controls import LengthJudge, RandomJudge
from primum.judging.examiners.halves import halves_of, seen_by_teacher, with_objectives
from primum.judging.examiners.sharing import layers_read
from primum.judging.probe.states import probe_layers
from primum.messages import Message
from primum.progress import Silent
from primum.recipe.schema import Judging

BENCH = Path(__file__).resolve().parents[1] / "runs" / "bench"
REPLY = 24  # Tokens that a judge who answers in words may use.
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReadOnce(DelegatingEngine):
    """Reads all that a probe may choose of an answer, and hands on what was asked for.

    Behind it every answer is one call, whichever layers the probe that judges it has chosen.
    """

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        layers = probe_layers(self.layers)
        if not all(set(asked.layers) <= set(layers) for asked in requests):
            yield from self.engine.represent(requests)
            return
        whole = [RepresentRequest(r.messages, layers, r.purpose, before=True) for r in requests]
        for at, states in self.engine.represent(whole):
            wanted = states[[layers.index(layer) for layer in requests[at].layers]]
            yield at, wanted if requests[at].before else wanted[:, : wanted.shape[1] // 2]


def probe_judges(engine: Engine, constitution: Constitution) -> Iterator[tuple[str, Judge]]:
    """The probe, what it would be by contrasts alone, and two controls, by name."""
    yield "probe", kind_of_judge(Judging(kind="probe"), engine, constitution)
    bare = contrasts_alone(constitution)
    yield "contrasts_alone", kind_of_judge(Judging(kind="probe"), engine, bare)
    yield "random", RandomJudge(constitution)
    yield "length", LengthJudge(constitution)


def half_judges(engine: Engine, constitution: Constitution) -> Iterator[tuple[str, Judge]]:
    """The probes of a run, each with a half of the exemplars: the teacher, and the examiner."""
    settings = Judging(kind="probe")
    teacher = kind_of_judge(settings, engine, seen_by_teacher(settings, constitution))
    yield "teacher_half", teacher
    halves = (halves_of(one, constitution.scale) for one in constitution.objectives)
    other = with_objectives(constitution, [each.examiner for each in halves])
    apart = Apart(layers=layers_read(teacher))
    yield "examiner_half", kind_of_judge(settings, engine, other, apart=apart)


def asked_judges(
    engine: Engine, constitution: Constitution, *, reply: int = REPLY
) -> Iterator[tuple[str, Judge]]:
    """Judges asked in words, by name.

    Args:
        engine: Runs the model.
        constitution: What is asked about.
        reply: Tokens that one who answers in words may use.
    """
    kinds = {
        "rating_expected": Judging(kind="rating-expected"),
        "rating_expected_mirrored": Judging(kind="rating-expected", wordings=2),
        "rating_text": Judging(kind="rating-text", max_tokens=reply),
        "rating_text_mirrored": Judging(kind="rating-text", wordings=2, max_tokens=reply),
    }
    for name, settings in kinds.items():
        yield name, kind_of_judge(settings, engine, constitution)


def kind_of_judge(
    settings: Judging, engine: Engine, constitution: Constitution, *, apart: Apart = ALONE
) -> Judge:
    """A judge; fits are kept beside the calls, since they belong to the benchmark's engine.

    Args:
        settings: Its kind.
        engine: Runs the model.
        constitution: What it judges by.
        apart: What is left to another judge.
    """
    cache = BENCH / "probes"
    return build_judge(settings, engine, constitution, cache=cache, progress=Silent(), apart=apart)


def one_objective(constitution: Constitution, name: str) -> Constitution:
    """The constitution with one of its objectives alone."""
    names = [objective.name for objective in constitution.objectives]
    return restricted_to(constitution, [names.index(name)])


def contrasts_alone(constitution: Constitution) -> Constitution:
    """The constitution without equal pairs, marks and thresholds: the probe's first recipe."""
    return with_objectives(constitution, map(_bare, constitution.objectives))


def _bare(objective: Objective) -> Objective:
    exemplars = tuple(
        Contrast(prompt=one.prompt, topic=one.topic, better=one.better, worse=one.worse)
        for one in objective.contrasts
    )
    return objective.model_copy(update={"exemplars": exemplars, "threshold": None})


def item(prompt: str, answer: str) -> Item:
    """An answer as judges get it here: as much of it as the judge of human labels reads."""
    return Item((Message("user", prompt),), answer[:LONGEST])


def scores(judge: Judge, items: Sequence[Item]) -> Array:
    """Shape [items, objectives]; NaN where a score is missing."""
    found = dict(judge.judge(items))
    return np.array(
        [
            [np.nan if score.value is None else score.value for score in found[at]]
            for at in range(len(items))
        ]
    )
