"""The stages of a run that trains nothing: prompts, answers, proof."""

from dataclasses import replace

from primum.run.layout import MODEL, PROOF_TABLES, TABLES, TRAINING
from primum.run.stage import Stage
from primum.run.stages import evaluate, gate, guard, label, prompts, report
from primum.run.untrained.evaluate import answer_and_judge
from primum.run.untrained.gate import decide_gate
from primum.run.untrained.guard import measure_guards
from primum.run.untrained.methods import SETTINGS
from primum.run.untrained.prompts import write_prompts


def untrained_stages(method: str) -> tuple[Stage, ...]:
    """The stages of a run, in order; each is called as where something is trained.

    Args:
        method: Any but `train`.
    """
    own = ("method", *SETTINGS[method])
    judged = ("judge",) if "judging" in own else ()
    return (
        replace(
            prompts.STAGE,
            body=write_prompts,
            settings=("engine", "method", *_EVALUATION),
        ),
        replace(
            evaluate.STAGE,
            body=answer_and_judge,
            settings=_together(_without(evaluate.STAGE.settings, "seeds"), own),
            inputs=_without(evaluate.STAGE.inputs, "policy"),
        ),
        replace(
            guard.STAGE,
            body=measure_guards,
            settings=_together(_without(guard.STAGE.settings, "seeds"), own),
            inputs=_together(_without(guard.STAGE.inputs, "policy"), ("constitution", *judged)),
        ),
        label.STAGE,
        replace(
            gate.STAGE,
            body=decide_gate,
            settings=_together(_without(gate.STAGE.settings, "seeds"), (*own, "sampling.n")),
            reads=_without(gate.STAGE.reads, MODEL),
        ),
        replace(
            report.STAGE,
            reads=_without(
                report.STAGE.reads,
                TRAINING,
                *(file for name, file in TABLES.items() if name not in PROOF_TABLES),
            ),
        ),
    )


_EVALUATION = ("evaluation.temperature", "evaluation.max_tokens", "evaluation.system_prompt")


def _without(names: tuple[str, ...], *others: str) -> tuple[str, ...]:
    return tuple(name for name in names if name not in others)


def _together(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *others)))
