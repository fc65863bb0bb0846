"""Decides the gate where the models before and after are one."""

from primum.evaluation.hashes import MADE_BY, model_after
from primum.report.untrained import how_made
from primum.run.stage import Given, StageFacts
from primum.run.stages.gate import decide_and_keep
from primum.run.untrained.methods import WITH_CANDIDATES, method_hash

_LEFT_OUT = (
    "the guards of likelihood and ability were left out: they look at a model's probabilities, "
    "which choosing among its answers does not change"
)


def decide_gate(given: Given) -> StageFacts:
    """Whether nothing that counts was lost, and an objective rose."""
    settings = given.settings
    guards = settings.gate.guards
    notes = [how_made(settings)]
    if settings.method in WITH_CANDIDATES and (guards.likelihood or guards.ability):
        notes.append(_LEFT_OUT)
    after = {
        model_after(1): given.inputs.fingerprint,
        MADE_BY: method_hash(settings, given.inputs.constitution),
    }
    return decide_and_keep(given, after, tuple(notes))
