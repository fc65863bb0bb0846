"""What an hour of marking brings the probe: AUC on human labels by the number of marks.

The probe of `harmless` is fitted on the library's contrasts and equal pairs alone, and then with k
marked answers beside them that were drawn from small models; several random choices of each size,
where a larger one holds the smaller one of the same draw. None is fitted on the labels.

    python benchmarks/marks.py [--marks 0 25 50 100 200 400 1425] [--subsets 5] [--answers 400]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter
from sklearn.metrics import roc_auc_score

from figures import figure
from human_judge import LONGEST
from human_labels import HumanAnswer, beavertails_answers, require_data
from primum.cache import cache_folder, writable
from primum.constitution import (
    Constitution,
    Exemplar,
    Objective,
    constitution_file,
    load_constitution,
)
from primum.documents import parse_json_lines, read_text
from primum.engines.base import Engine
from primum.engines.local.engine import TransformersEngine
from primum.engines.recorded import RecordedEngine
from primum.judging import Item, fit_probe
from primum.messages import Message
from primum.progress import Silent
from primum.store.calls import CallStore

MODEL = "bundled:smollm2-135m"
GOALS, OBJECTIVE = "harmless-helpful", "harmless"
DRAWN = Path("exemplars") / OBJECTIVE / "drawn.jsonl"
Array = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marks", type=int, nargs="+", default=[0, 25, 50, 100, 200, 400, 1425])
    parser.add_argument("--subsets", type=int, default=5, help="random choices of each size")
    parser.add_argument("--answers", type=int, default=400, help="single answers with labels")
    given = parser.parse_args()
    require_data()
    [objective] = [o for o in load_constitution(GOALS).objectives if o.name == OBJECTIVE]
    drawn = drawn_exemplars()
    others = [*objective.contrasts, *objective.equal_pairs]
    answers = beavertails_answers()[: given.answers]
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(drawn)) for _ in range(given.subsets)]
    store = writable(cache_folder("benchmarks")) / "marks.sqlite"
    with CallStore(store) as calls:
        engine = RecordedEngine(TransformersEngine.from_name(MODEL, batch_size=64), calls)
        for count in given.marks:
            if count > len(drawn):
                report(count, np.array([]), len(answers), note=f"{len(drawn)} marks are there")
                continue
            chosen = [[drawn[at] for at in order[:count]] for order in orders]
            if count in (0, len(drawn)):
                chosen = chosen[:1]  # Every choice is the same one.
            exemplars = [[*others, *marks] for marks in chosen]
            report(count, areas(engine, objective, exemplars, answers), len(answers))


def drawn_exemplars() -> list[Exemplar]:
    """The library's exemplars that were drawn and marked."""
    path = constitution_file(GOALS).parent / DRAWN
    read: TypeAdapter[Exemplar] = TypeAdapter(Exemplar)
    rows = parse_json_lines(read_text(path), str(path))
    return [read.validate_python(row) for _, row in rows]


def areas(
    engine: Engine,
    objective: Objective,
    exemplars: Sequence[Sequence[Exemplar]],
    answers: Sequence[HumanAnswer],
) -> Array:
    """AUC of a probe for each choice of exemplars, shape [choices].

    All are fitted as objectives of one constitution, so that the answers are read once.
    """
    # A constitution has two objectives at the least.
    filled = [*exemplars, exemplars[0]] if len(exemplars) == 1 else exemplars
    objectives = tuple(
        # Made anew rather than copied: a copy would keep what the original has worked out.
        Objective(
            **{
                **dict(objective),
                "name": f"choice-{at}",
                "exemplars": tuple(some),
                "threshold": None,  # A few marks place none, and the AUC does not ask where.
            }
        )
        for at, some in enumerate(filled)
    )
    goals = Constitution(name="marks", objectives=objectives)
    with TemporaryDirectory() as cache:
        probe = fit_probe(engine, goals, cache=Path(cache), progress=Silent())
    items = [Item((Message("user", a.prompt),), a.answer[:LONGEST]) for a in answers]
    found = dict(probe.judge(items))
    values = np.array([[score.value for score in found[at]] for at in range(len(items))])
    good = [answer.good for answer in answers]
    return np.array([roc_auc_score(good, values[:, at]) for at in range(len(exemplars))])


def report(marks: int, found: Array, answers: int, **facts: object) -> None:
    """The mean over the choices, between the smallest and the largest."""
    value, low, high = (
        round(float(of(found)), 3) if len(found) else None for of in (np.mean, np.min, np.max)
    )
    counts = {"marks": marks, "subsets": len(found), "answers": answers}
    figure(f"marks_auc_{OBJECTIVE}", value, "AUC", low=low, high=high, **counts, **facts)


if __name__ == "__main__":
    main()
