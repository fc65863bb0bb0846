"""Decides the gate from the answers, their scores and what guards measured."""

from primum.evaluation.gate import Evidence, decide
from primum.evaluation.guards.asked import asked_guards
from primum.evaluation.judges_file import read_judges
from primum.evaluation.summary import write_evaluation
from primum.run.layout import ANSWERS, GATE, GUARDS, JUDGEMENTS, JUDGES
from primum.run.stage import Given, Stage, StageFacts


def decide_gate(given: Given) -> StageFacts:
    """Whether nothing that counts was lost, and an objective rose."""
    evidence = Evidence(
        objectives=tuple(objective.name for objective in given.inputs.constitution.objectives),
        answers=given.table(ANSWERS),
        judgements=given.table(JUDGEMENTS),
        judges=read_judges(given.path(JUDGES)),
        guards=asked_guards(
            given.table(GUARDS),
            given.settings.gate.guards,
            given.settings.evaluation,
            given.settings.seed,
        ),
    )
    result = decide(evidence, given.settings.gate, given.settings.evaluation, given.settings.seed)
    write_evaluation(result, given.path(GATE))
    return {"verdict": result.verdict}


STAGE = Stage(
    name="gate",
    body=decide_gate,
    settings=("seed", "gate", "evaluation"),
    inputs=("constitution",),
    reads=(ANSWERS, JUDGEMENTS, JUDGES, GUARDS),
    writes=(GATE,),
)
