"""Puts the pairs of each objective into a file of their own, where objectives are trained apart."""

import pyarrow as pa
import pyarrow.compute as pc

from primum.errors import UserError
from primum.run.layout import PAIRS, of_objective
from primum.run.stage import Given, Stage, StageFacts
from primum.store import schemas


def part_pairs(given: Given) -> StageFacts:
    """A table of pairs for every objective: those that it decided.

    Raises:
        UserError: If an objective decided no pair.
    """
    counts: dict[str, int] = {}
    for number, objective in enumerate(given.inputs.constitution.objectives, start=1):
        counts[objective.name] = 0
        with given.writer(of_objective(PAIRS, number), schemas.PAIRS) as put:
            for part in given.parts(PAIRS):
                own = _decided_by(part, objective.name)
                put(own)
                counts[objective.name] += own.num_rows
            if not counts[objective.name]:
                raise UserError(
                    f"no pair tells responses apart by the objective {objective.name!r}, for which "
                    "combination.kind trains a model of its own; bring more prompts, take another "
                    "judging.kind or a lower pairing.delta, or set combination.kind=together"
                )
    return {"pairs": counts}


def _decided_by(part: pa.Table, objective: str) -> pa.Table:
    return part.filter(pc.equal(part.column("decided_by"), objective))


def apart(objectives: int) -> Stage:
    """The stage for so many objectives.

    Args:
        objectives: How many the constitution has.
    """
    return Stage(
        name="apart",
        body=part_pairs,
        inputs=("constitution",),
        reads=(PAIRS,),
        writes=tuple(of_objective(PAIRS, number) for number in range(1, objectives + 1)),
    )
