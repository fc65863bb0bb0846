"""Measures what guards need that ask a model, for the models before and after."""

from collections import Counter

from primum.evaluation.answerers import BEFORE
from primum.evaluation.guards.asking.entry import ask, asks
from primum.evaluation.guards.asking.rows import guard_table
from primum.run.layout import ANSWERS, GUARDS
from primum.run.stage import Given, Stage, StageFacts
from primum.run.stages.trained import trained_models


def measure_guards(given: Given) -> StageFacts:
    """A row per guard, item and answerer; an empty table where none was asked for."""
    guards = given.settings.gate.guards
    if not asks(guards):
        given.put_table(GUARDS, guard_table([]))
        return {}
    models = {BEFORE: given.inputs.model, **trained_models(given)}
    # All at once, since vLLM has to know of an adapter when it starts.
    engines = {name: given.models.local_engine(model) for name, model in models.items()}
    rows = ask(
        engines,
        given.table(ANSWERS),
        guards,
        given.settings.evaluation,
        seed=given.settings.seed,
        progress=given.progress,
        thinking=given.settings.sampling.thinking,
    )
    given.put_table(GUARDS, guard_table(rows))
    return {"rows": dict(Counter(row["guard"] for row in rows))}


STAGE = Stage(
    name="guard",
    body=measure_guards,
    settings=(
        "seed",
        "seeds",
        "engine",
        "sampling.thinking",
        "gate.guards.refusals",
        "gate.guards.likelihood",
        "gate.guards.ability",
        "gate.guards.questions",
        "evaluation.temperature",
        "evaluation.max_tokens",
        "evaluation.system_prompt",
    ),
    inputs=("model", "policy", "asked"),
    reads=(ANSWERS,),
    writes=(GUARDS,),
    asks=True,
)
