"""How training went, from the trainer's metric history."""

from collections.abc import Mapping, Sequence

from primum.report.data import RunData
from primum.report.drawing.curves import curves
from primum.report.drawing.frame import Series
from primum.report.drawing.marks import Panel, Tone, finite
from primum.report.drawing.text import count, duration, one_line

_Metrics = tuple[tuple[str, Tone], ...]

_PANELS: tuple[tuple[str, str, _Metrics, str], ...] = (
    ("Loss", "loss", (("loss", "after"),), ""),
    (
        "Reward margin",
        "β × nats per token",
        (("rewards/margins", "after"),),
        "How much likelier the preferred response is than the other. It should rise.",
    ),
    (
        "Pairs in the right order",
        "share",
        (("rewards/accuracies", "after"),),
        "Pairs whose preferred response the model gives the higher probability.",
    ),
    (
        "Log-probabilities",
        "nats per token",
        (("logps/chosen", "after"), ("logps/rejected", "before")),
        "If the preferred responses fall far, the model unlearns them too.",
    ),
    (
        "Drift",
        "nats per token",
        (("drift/chosen", "after"),),
        "How far the preferred responses have risen or fallen since the start.",
    ),
)
_STOPS = {
    "finished": "all epochs done",
    "drift": "early: the preferred responses fell too far",
}
_NAMES = {"logps/chosen": "preferred", "logps/rejected": "dispreferred"}


def learning_panels(data: RunData) -> tuple[Panel, ...]:
    """A chart per metric that was logged at two steps or more."""
    if data.training is None:
        return ()
    most = data.recipe.training.max_drift
    panels = []
    for title, unit, metrics, note in _PANELS:
        series = [_series(data.training.history, name, tone) for name, tone in metrics]
        logged = [one for one in series if len(one.values) > 1]
        if logged:
            limit = (-most, f"stops at −{most:g}") if most and title == "Drift" else None
            panels.append(curves(title, unit, logged, limit=limit, note=note))
    return tuple(panels)


def _series(history: Sequence[Mapping[str, float]], name: str, tone: Tone) -> Series:
    points = [
        (float(entry.get("step", place)), value)
        for place, entry in enumerate(history, start=1)
        for value in finite([entry.get(name)])
    ]
    return Series(_NAMES.get(name, name), tone, [v for _, v in points], [s for s, _ in points])


def learning_facts(data: RunData) -> tuple[tuple[str, str], ...]:
    """What training says of itself."""
    training = data.training
    if training is None:
        return ()
    return (
        *_trainings(data),
        ("Optimizer steps", count(training.steps)),
        ("Pairs", count(training.pairs)),
        ("Distinct responses", count(training.responses)),
        ("Tokens", count(training.tokens)),
        ("Pairs of weight zero", count(training.zero_weight_pairs)),
        ("Responses cut to training.max_length", count(training.truncated)),
        ("Time", duration(training.seconds)),
        ("Ended", _STOPS.get(training.stop, one_line(training.stop))),
    )


def _trainings(data: RunData) -> tuple[tuple[str, str], ...]:
    """Where objectives were trained apart: the order in which figures and charts show them."""
    combination = data.recipe.combination
    if combination.kind == "together":
        return ()
    last_first = combination.kind == "sequence" and combination.last_first
    names = data.objectives[::-1] if last_first else data.objectives
    order = ", then ".join(map(one_line, names))
    return (("Trainings", f"{order}: figures are sums, and charts go from one to the next"),)
