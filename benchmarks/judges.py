"""Every kind of judge against human labels, with our own exemplars alone.

No judge is fitted on the labels. Beside the probe stands what it would be by contrasts alone
(`contrasts_alone_…`: no equal pairs, no marks), and two controls: one that knows nothing, and one
that goes by length alone. `teacher_half_…` and `examiner_half_…` are the probes of a run, each with
half of the exemplars, and with layers of its own. `fitted_auc_harmless` alone is fitted on labels,
to show what the hidden states hold. Finished calls are kept in runs/bench, so that the same command
goes on where it was.

    python benchmarks/judges.py [--model MODEL] [--pairs 350] [--asked 24] [--attacked 12]
        [--probe-alone] [--answers 500]

`--probe-alone` leaves every other judge out, and `--answers` takes so many of each set of single
answers: for a model that takes long to read them all.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from human_judge import hidden_states
from human_labels import (
    HumanPair,
    beavertails_answers,
    hh_helpful_pairs,
    pku_pairs,
    require_data,
    truthful_pairs,
    xstest_completions,
)
from judges_attacks import report_attacks, report_speed
from judges_kinds import (
    BENCH,
    ReadOnce,
    asked_judges,
    contrasts_alone,
    half_judges,
    one_objective,
    probe_judges,
)
from judges_levels import report_auc, report_fitted_auc, report_levels
from judges_pairs import report_agreement
from primum.constitution import Constitution, load_constitution
from primum.engines.base import Engine
from primum.engines.local.engine import TransformersEngine
from primum.engines.recorded import RecordedEngine
from primum.judging import Judge
from primum.store.calls import CallStore

MODEL = "bundled:smollm2-135m"
T = TypeVar("T")


@dataclass(frozen=True)
class Labelled:
    """One objective, and pairs that people labelled on it."""

    constitution: Constitution
    pairs: list[HumanPair]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=MODEL, help="a name or a folder")
    parser.add_argument("--pairs", type=int, default=350, help="per objective")
    parser.add_argument("--asked", type=int, default=24, help="pairs for judges asked in words")
    parser.add_argument("--attacked", type=int, default=12, help="responses that are attacked")
    parser.add_argument("--probe-alone", action="store_true", help="no other judge")
    parser.add_argument("--answers", type=int, help="of each set of single answers; all")
    given = parser.parse_args()
    require_data()
    engine = TransformersEngine.from_name(given.model, batch_size=64)
    BENCH.mkdir(parents=True, exist_ok=True)
    sets = labelled_objectives(given.pairs)
    with CallStore(BENCH / "judges.sqlite") as calls:
        recorded = RecordedEngine(engine, calls)
        read_once = ReadOnce(recorded)
        alone = given.probe_alone
        harmless = sets["harmless"].constitution
        report_harmless_levels(read_once, harmless, alone=alone, most=given.answers)
        for part in sets.values():
            for name, judge in fitted_judges(read_once, part.constitution, alone=alone):
                report_agreement(name, judge, part.constitution, part.pairs)
        report_all_attacks(read_once, sets, given.attacked, alone=alone)
        if alone:
            return
        answers = beavertails_answers()
        states = hidden_states(recorded, [(a.prompt, a.answer) for a in answers])
        report_fitted_auc(states, answers)
        for part in sets.values():
            for name, judge in asked_judges(recorded, part.constitution):
                report_agreement(name, judge, part.constitution, part.pairs[: given.asked])
    report_speed(ReadOnce(engine), harmless, sets["harmless"].pairs)


def labelled_objectives(count: int) -> dict[str, Labelled]:
    """The objectives that people labelled pairs on, with so many of them at the most."""
    safe, honest = load_constitution("harmless-helpful"), load_constitution("honest-helpful")
    sets = {
        "harmless": (safe, pku_pairs()),
        "helpful": (safe, hh_helpful_pairs()),
        "honest": (honest, truthful_pairs()),
    }
    return {
        name: Labelled(one_objective(constitution, name), pairs[:count])
        for name, (constitution, pairs) in sets.items()
    }


def fitted_judges(
    engine: Engine, constitution: Constitution, *, alone: bool
) -> Iterator[tuple[str, Judge]]:
    """The judges that are not asked in words, by name.

    Args:
        engine: Reads hidden states.
        constitution: What is judged by.
        alone: Whether the probe is wanted and no other.
    """
    yield from islice(probe_judges(engine, constitution), 1 if alone else None)


def evenly(found: Sequence[T], most: int | None) -> list[T]:
    """So many of them, from all over."""
    if most is None or most >= len(found):
        return list(found)
    return [found[at * len(found) // most] for at in range(most)]


def report_harmless_levels(
    engine: Engine, constitution: Constitution, *, alone: bool, most: int | None
) -> None:
    """Figures across prompts, of all judges that are not asked in words.

    Args:
        engine: Reads hidden states.
        constitution: Has the objective `harmless` alone.
        alone: Whether the probe is wanted and no other.
        most: How many answers of each set; None for all.
    """
    labelled = evenly(beavertails_answers(), most)
    completions = evenly(xstest_completions(), most)
    everyday = evenly([(pair.prompt, pair.better) for pair in hh_helpful_pairs()], most)
    for name, judge in fitted_judges(engine, constitution, alone=alone):
        own = contrasts_alone(constitution) if name == "contrasts_alone" else constitution
        report_levels(name, judge, own, labelled, completions, everyday)
    for name, judge in () if alone else half_judges(engine, constitution):
        report_auc(name, judge, labelled)


def report_all_attacks(
    engine: Engine, sets: Mapping[str, Labelled], attacked: int, *, alone: bool
) -> None:
    """Attacks on the worse sides of the pairs on harmlessness, on both of its objectives.

    Args:
        engine: Runs the judging model.
        sets: Pairs by objective.
        attacked: How many answers.
        alone: Whether the probe is wanted and no other.
    """
    pairs = sets["harmless"].pairs[:attacked]
    for objective in ("harmless", "helpful"):
        constitution = sets[objective].constitution
        for name, judge in fitted_judges(engine, constitution, alone=alone):
            report_attacks(name, judge, constitution, pairs)
    if alone:
        return
    for objective in ("harmless", "helpful"):
        constitution = sets[objective].constitution
        for name, judge in asked_judges(engine, constitution):
            if name != "rating_text_mirrored":
                report_attacks(name, judge, constitution, pairs)


if __name__ == "__main__":
    main()
