"""Decides the gate from the answers, their scores and what guards measured."""

from collections.abc import Mapping
from dataclasses import replace

from primum.evaluation.gate import decide
from primum.evaluation.gathering import gather
from primum.evaluation.hashes import CONSTITUTION as OF_CONSTITUTION
from primum.evaluation.hashes import (
    MODEL_BEFORE,
    model_after,
    settings_hash,
    table_hashes,
    versions,
)
from primum.evaluation.hashes import SETTINGS as OF_SETTINGS
from primum.evaluation.judges_file import read_judges
from primum.evaluation.summary import write_evaluation
from primum.run.layout import (
    ANSWERS,
    CONSTITUTION,
    GATE,
    GUARDS,
    JUDGEMENTS,
    JUDGES,
    LABELS,
    MODEL,
    of_seed,
)
from primum.run.stage import Given, Stage, StageFacts
from primum.store.content import hash_file, hash_folder


def decide_gate(given: Given) -> StageFacts:
    """Whether nothing that counts was lost, and an objective rose."""
    seeds = range(1, given.settings.seeds + 1)
    return decide_and_keep(
        given,
        {model_after(seed): hash_folder(given.path(of_seed(MODEL, seed))) for seed in seeds},
    )


def decide_and_keep(
    given: Given, after: Mapping[str, str], notes: tuple[str, ...] = ()
) -> StageFacts:
    """Decides, and writes the stage's file.

    Args:
        given: What the stage is handed.
        after: Hashes of what gave the answers after, by name.
        notes: What has to be known of the answers, in sentences.
    """
    settings = given.settings
    evidence = gather(
        tuple(objective.name for objective in given.inputs.constitution.objectives),
        given.table(ANSWERS),
        given.table(JUDGEMENTS),
        read_judges(given.path(JUDGES)),
        guard_values=given.table(GUARDS),
        labels=given.table(LABELS),
        gate=settings.gate,
        evaluation=settings.evaluation,
        seed=settings.seed,
        notes=notes,
    )
    result = decide(evidence, settings.gate, settings.evaluation, settings.seed)
    hashed = replace(result, evidence={**_hashes(given), **after}, versions=versions())
    write_evaluation(hashed, given.path(GATE))
    return {"verdict": result.verdict}


def _hashes(given: Given) -> dict[str, str]:
    """Hashes of all that the verdict rests on, but for the models after."""
    settings = given.settings
    return {
        **table_hashes(
            given.table(ANSWERS),
            given.table(JUDGEMENTS),
            given.table(GUARDS),
            read_judges(given.path(JUDGES)),
            given.table(LABELS),
        ),
        OF_CONSTITUTION: hash_file(given.path(CONSTITUTION)),
        OF_SETTINGS: settings_hash(settings.gate, settings.evaluation, settings.seed),
        MODEL_BEFORE: given.inputs.fingerprint,
    }


STAGE = Stage(
    name="gate",
    body=decide_gate,
    settings=("seed", "seeds", "gate", "evaluation"),
    inputs=("constitution", "fingerprint"),
    reads=(ANSWERS, JUDGEMENTS, JUDGES, GUARDS, LABELS, CONSTITUTION, MODEL),
    writes=(GATE,),
)
