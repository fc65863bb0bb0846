"""Decides the gate from the answers' scores."""

from primum.evaluation.gate import decide
from primum.evaluation.summary import write_evaluation
from primum.run.layout import ANSWERS, GATE
from primum.run.stage import Given, Stage, StageFacts


def decide_gate(given: Given) -> StageFacts:
    """Whether the first objective did not fall and a later one rose."""
    result = decide(
        given.table(ANSWERS),
        tuple(objective.name for objective in given.inputs.constitution.objectives),
        given.settings.gate,
        given.settings.evaluation,
        given.settings.seed,
    )
    write_evaluation(result, given.path(GATE))
    return {"verdict": result.verdict}


STAGE = Stage(
    name="gate",
    body=decide_gate,
    settings=("seed", "gate", "evaluation"),
    inputs=("constitution",),
    reads=(ANSWERS,),
    writes=(GATE,),
)
