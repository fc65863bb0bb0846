"""Judging in words against the probe of the same model, on the same pairs and answers.

Pairs are PKU-SafeRLHF's (harmless), hh-rlhf's (helpful) and TruthfulQA's (honest); single answers
are BeaverTails' (harmless against harmful) and XSTest's (refusal against compliance on safe
prompts, where 0.5 is right). The probe may be fitted on some of the library's marks alone, since a
larger model takes long to read them all. Finished calls are kept in runs/bench, so that the same
command goes on where it was.

    python benchmarks/words.py [--model MODEL] [--pairs 40] [--answers 60] [--texts 16]
        [--marks 400] [--probe harmless]
"""

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from figures import figure
from human_labels import (
    beavertails_answers,
    require_data,
    xstest_completions,
)
from judges import MODEL, labelled_objectives
from judges_kinds import (
    BENCH,
    ReadOnce,
    asked_judges,
    item,
    kind_of_judge,
    scores,
)
from judges_levels import report_area, score_answers
from judges_pairs import report_agreement
from primum.constitution import Constitution, Objective
from primum.engines.base import Engine
from primum.engines.local.engine import TransformersEngine
from primum.engines.recorded import RecordedEngine
from primum.judging import Judge
from primum.judging.examiners.halves import with_objectives
from primum.recipe.schema import Judging
from primum.store.calls import CallStore

REPLY = 96  # Tokens of a reply in words: most of those that hold a rating are shorter.
TIMED = 8  # Answers judged for the comparison of speed.
HARMLESS = "harmless"


@dataclass(frozen=True)
class Marked:
    """Single answers of two kinds, in turn, and what the areas between them are called.

    Attributes:
        higher: Prompts with an answer each that ought to score higher.
        lower: The others.
    """

    name: str
    higher: list[tuple[str, str]]
    lower: list[tuple[str, str]]

    def first(self, count: int) -> "Marked":
        """So many answers, half of either kind."""
        return Marked(self.name, self.higher[: count // 2], self.lower[: count // 2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=MODEL, help="a name or a folder")
    parser.add_argument("--pairs", type=int, default=40, help="per objective")
    parser.add_argument("--answers", type=int, default=60, help="of BeaverTails, and of XSTest")
    parser.add_argument("--texts", type=int, default=16, help="of each, where the judge writes")
    parser.add_argument("--marks", type=int, default=400, help="that the probe is fitted on")
    parser.add_argument("--probe", nargs="*", default=[HARMLESS], help="objectives of the probe")
    given = parser.parse_args()
    require_data()
    engine = TransformersEngine.from_name(given.model, batch_size=16)
    BENCH.mkdir(parents=True, exist_ok=True)
    sets, marked = labelled_objectives(given.pairs), marked_answers(given.answers)
    with CallStore(BENCH / "words.sqlite") as calls:
        recorded = ReadOnce(RecordedEngine(engine, calls))
        for objective, part in sets.items():
            own = fewer_marks(part.constitution, given.marks)
            for name, judge in kinds(recorded, own, objective in given.probe):
                count = given.texts if "text" in name else given.pairs
                report_agreement(name, judge, own, part.pairs[:count])
                if objective == HARMLESS:
                    few = [one.first(count) for one in marked] if "text" in name else marked
                    report_marked(name, judge, few)
    harmless = sets[HARMLESS]
    own = fewer_marks(harmless.constitution, given.marks)
    for name, judge in kinds(ReadOnce(engine), own, HARMLESS in given.probe):
        report_seconds(name, judge, marked[0])


def kinds(engine: Engine, constitution: Constitution, probe: bool) -> Iterator[tuple[str, Judge]]:
    """The judges to compare, by name.

    Args:
        engine: Runs the model.
        constitution: Has one objective.
        probe: Whether the probe is fitted on it, too.
    """
    yield from asked_judges(engine, constitution, reply=REPLY)
    if probe:
        yield "probe", kind_of_judge(Judging(kind="probe"), engine, constitution)


def fewer_marks(constitution: Constitution, count: int) -> Constitution:
    """The constitution with so many of its answers marked by themselves, evenly chosen."""
    objectives = (_fewer_marks(objective, count) for objective in constitution.objectives)
    return with_objectives(constitution, objectives)


def _fewer_marks(objective: Objective, count: int) -> Objective:
    alone = objective.marked_alone
    places = np.linspace(0, len(alone) - 1, min(count, len(alone))).round().astype(int)
    kept = [*objective.contrasts, *objective.equal_pairs, *(alone[at] for at in places)]
    return objective.model_copy(update={"exemplars": tuple(kept)})


def marked_answers(count: int) -> list[Marked]:
    """Half of either kind, one answer to a prompt."""
    beaver, completions = beavertails_answers(), xstest_completions()
    safe = [one for one in completions if one.safe]
    found = [
        Marked(
            "auc_harmless",
            distinct((a.prompt, a.answer) for a in beaver if a.good),
            distinct((a.prompt, a.answer) for a in beaver if not a.good),
        ),
        Marked(
            "overcaution_auc",
            distinct((a.prompt, a.answer) for a in safe if a.complied is False),
            distinct((a.prompt, a.answer) for a in safe if a.complied),
        ),
    ]
    return [one.first(count) for one in found]


def distinct(answers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first answer to every prompt."""
    found: dict[str, str] = {}
    for prompt, answer in answers:
        found.setdefault(prompt, answer)
    return list(found.items())


def report_marked(name: str, judge: Judge, marked: Sequence[Marked]) -> None:
    """Areas between the two kinds, and the share of answers without a score.

    Args:
        name: The judge's.
        judge: Judges harmlessness.
        marked: The answers.
    """
    unread = []
    for one in marked:
        higher, lower = score_answers(judge, one.higher), score_answers(judge, one.lower)
        report_area(f"{name}_{one.name}", higher, lower)
        unread += [*np.isnan(higher.values), *np.isnan(lower.values)]
    figure(f"{name}_unread", round(float(np.mean(unread)), 3), "share", answers=len(unread))


def report_seconds(name: str, judge: Judge, marked: Marked) -> None:
    """Seconds an answer, by a judge whose engine remembers no calls.

    Args:
        name: The judge's.
        judge: Judges one objective.
        marked: Some of these are judged.
    """
    few = marked.first(TIMED)
    items = [item(prompt, answer) for prompt, answer in (*few.higher, *few.lower)]
    began = time.monotonic()
    scores(judge, items)
    seconds = (time.monotonic() - began) / len(items)
    figure(f"{name}_seconds_per_answer", round(seconds, 2), "s", answers=len(items))


if __name__ == "__main__":
    main()
