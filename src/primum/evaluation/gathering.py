"""What a gate decides from, put together from what a run stored: by the run itself, and again."""

import pyarrow as pa

from primum.evaluation.answerers import trained_among
from primum.evaluation.gate import Evidence
from primum.evaluation.guards.asked import asked_guards
from primum.evaluation.guards.form import form_guards
from primum.evaluation.guards.refusals_asked import refusal_guards
from primum.evaluation.guards.worst import worst_of
from primum.evaluation.people import with_people
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation, Gate


def gather(
    objectives: tuple[str, ...],
    answers: pa.Table,
    judgements: pa.Table,
    judges: tuple[JudgeFacts, ...],
    *,
    guard_values: pa.Table,
    labels: pa.Table,
    gate: Gate,
    evaluation: Evaluation,
    seed: int,
    notes: tuple[str, ...] = (),
) -> Evidence:
    """Works out what the guards found, and puts it beside answers and scores.

    The gate's stage, the gate of two files and `primum gate --replay` all call this, so that a
    replay can recompute whatever a verdict rests on. Of several trained models, the one that lost
    most stands for all in the eyes of every guard.

    Args:
        objectives: Names in order of priority.
        answers: See `store.schemas.ANSWERS`.
        judgements: See `store.schemas.JUDGEMENTS`.
        judges: Who judged.
        guard_values: What guards measured that ask a model; see `store.schemas.GUARD_VALUES`.
        labels: What people said of the answers; see `store.schemas.LABELS`.
        gate: Which guards, and their margins.
        evaluation: Resamples and confidence.
        seed: Makes the resamples.
        notes: What has to be known of the answers, in sentences.
    """
    trained = trained_among(answers.column("answerer").unique().to_pylist())
    found = worst_of(
        [
            (
                *form_guards(
                    answers,
                    gate.guards,
                    after=model,
                    confidence=evaluation.confidence,
                    resamples=evaluation.bootstrap,
                    seed=seed,
                ),
                *refusal_guards(
                    guard_values, gate.guards, after=model, confidence=evaluation.confidence
                ),
                *asked_guards(guard_values, gate.guards, evaluation, seed, after=model),
            )
            for model in trained
        ]
    )
    evidence = Evidence(objectives, answers, judgements, judges, found, notes)
    return with_people(evidence, labels, gate, evaluation, seed)
