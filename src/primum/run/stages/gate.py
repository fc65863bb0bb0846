"""Decides the gate from the answers, their scores and what guards measured."""

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
    )
    result = decide(evidence, settings.gate, settings.evaluation, settings.seed)
    hashed = replace(result, evidence=_hashes(given), versions=versions())
    write_evaluation(hashed, given.path(GATE))
    return {"verdict": result.verdict}


def _hashes(given: Given) -> dict[str, str]:
    """Hashes of all that the verdict rests on."""
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
        **{
            model_after(seed): hash_folder(given.path(of_seed(MODEL, seed)))
            for seed in range(1, settings.seeds + 1)
        },
    }


STAGE = Stage(
    name="gate",
    body=decide_gate,
    settings=("seed", "seeds", "gate", "evaluation"),
    inputs=("constitution", "fingerprint"),
    reads=(ANSWERS, JUDGEMENTS, JUDGES, GUARDS, LABELS, CONSTITUTION, MODEL),
    writes=(GATE,),
)
