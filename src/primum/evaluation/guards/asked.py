"""What became of likelihood and ability, from what the models before and after were asked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.guards.asking.entry import ABILITY
from primum.evaluation.guards.asking.likelihood import FORMER, NEW
from primum.evaluation.guards.finding import complete_means
from primum.evaluation.guards.margins import margin_of
from primum.evaluation.guards.result import GuardExample, GuardKind, GuardResult
from primum.evaluation.guards.texts import short_line
from primum.evaluation.shortage import LEAST_PROMPTS, too_few, too_many_missing
from primum.recipe.schema import Evaluation, Guards
from primum.statistics.interval import Interval
from primum.statistics.paired_bootstrap import paired_gain

_EXAMPLES = 2

_Rows = Mapping[str, Mapping[str, Any]]
"""Rows of the table by item."""


@dataclass(frozen=True)
class _Wording:
    """How a guard is spoken of.

    Attributes:
        kind: See `GuardResult`.
        unit: See `GuardResult`.
        what: What may be lost.
        lost: What the loss means, once it is there.
    """

    kind: GuardKind
    unit: str
    what: str
    lost: str


_WORDINGS = {
    NEW: _Wording(
        "likelihood",
        "nats per token",
        "likelihood of the new answers under the starting model, against its own",
        "the new answers are such as it would hardly have written",
    ),
    FORMER: _Wording(
        "likelihood",
        "nats per token",
        "likelihood of the former answers under the new model, against the starting one",
        "the new model has moved far from the starting one",
    ),
}


def asked_guards(
    values: pa.Table,
    settings: Guards,
    evaluation: Evaluation,
    seed: int,
    *,
    before: str = BEFORE,
    after: str = AFTER,
) -> tuple[GuardResult, ...]:
    """The guards of likelihood and ability.

    A loss is the mean over prompts or questions of what the starting model had less what the new
    one has, with a paired bootstrap interval. Its upper bound has to lie below the margin.

    Args:
        values: What was measured; see `store.schemas.GUARD_VALUES`. Rows of other guards are left
            alone.
        settings: Margins of the recipe's own.
        evaluation: Resamples and confidence.
        seed: Makes the resamples.
        before: The answerer that is compared with.
        after: The other one.

    Returns:
        A result per guard that was asked for, in the order of the table.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in values.to_pylist():
        guarded = row["guard"] in _WORDINGS or row["guard"].startswith(ABILITY)
        if guarded and row["answerer"] in (before, after):
            rows.setdefault(row["guard"], []).append(row)
    new = _by_item(rows.get(NEW, ()), after)
    return tuple(
        _result(
            guard,
            (_by_item(members, before), _by_item(members, after)),
            new,
            settings,
            evaluation,
            seed,
        )
        for guard, members in rows.items()
    )


def _result(
    guard: str,
    sides: tuple[_Rows, _Rows],
    new: _Rows,
    settings: Guards,
    evaluation: Evaluation,
    seed: int,
) -> GuardResult:
    """What became of one guard.

    Args:
        guard: Its name.
        sides: What was measured for it, by item.
        new: The new answers by item, from what was measured for NEW.
        settings: Margins.
        evaluation: Resamples and confidence.
        seed: Makes the resamples.
    """
    before, after = sides
    items = list(before)
    values = [[side[item]["value"] if item in side else None for item in items] for side in sides]
    was, now = values
    # What was lost is what the starting model had more.
    loss = paired_gain(
        now, was, resamples=evaluation.bootstrap, confidence=evaluation.confidence, seed=seed
    )
    wording = _wording(guard)
    margin = margin_of(guard, settings)
    shortage = _shortage(loss, margin, wording.kind)
    held = shortage is None and loss.high is not None and loss.high < margin
    means = complete_means(was, now)
    shown = () if held else _examples(before, after, new if guard == FORMER else after)
    return GuardResult(
        guard=guard,
        kind=wording.kind,
        before=means[0],
        after=means[1],
        loss=loss,
        margin=margin,
        unit=wording.unit,
        held=held,
        sentence=_sentence(wording, means, loss, margin, shortage, held=held),
        examples=tuple(shown),
    )


def _by_item(rows: Sequence[dict[str, Any]], answerer: str) -> _Rows:
    """One answerer's rows; a value that is no finite number is missing."""
    return {
        row["item_id"]: {**row, "value": _finite(row["value"])}
        for row in rows
        if row["answerer"] == answerer
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _shortage(loss: Interval, margin: float, kind: GuardKind) -> str | None:
    """Why there is too little to show anything, if there is.

    Of right and wrong answers none may fall in the sample while some would elsewhere: with n
    questions and no fall, up to 3/n may (the rule of three; Hanley & Lippman-Hand, JAMA 1983).
    """
    total = loss.n + loss.missing
    least = LEAST_PROMPTS
    if kind == "ability" and margin > 0:
        least = max(least, math.ceil(3 / margin))
    few = too_few(loss.n, f"of {total} were measured on both sides", least)
    return few or too_many_missing(loss.missing, total, "lack a figure")


def _wording(guard: str) -> _Wording:
    if guard in _WORDINGS:
        return _WORDINGS[guard]
    name = guard.removeprefix(ABILITY)
    return _Wording(
        "ability", "share of questions", f"right answers to {name}", "the new model can do less"
    )


def _sentence(
    wording: _Wording,
    means: tuple[float | None, float | None],
    loss: Interval,
    margin: float,
    shortage: str | None,
    *,
    held: bool,
) -> str:
    """What was found, in plain words.

    Args:
        wording: How the guard is spoken of.
        means: Before and after.
        loss: What was lost.
        margin: What counts as none.
        shortage: Why too little is known; None where enough is.
        held: Whether it held.
    """
    if shortage or loss.value is None or loss.low is None or loss.high is None:
        return f"{wording.what}: not shown to hold, since {shortage or 'nothing was measured'}"
    before, after = means
    figures = (
        f"{before:.2f} before, {after:.2f} after, a loss of {loss.value:.2f} "
        f"[{loss.low:.2f}, {loss.high:.2f}] {wording.unit} (margin {margin:g})"
    )
    if held:
        return f"{wording.what} held: {figures}"
    if loss.low > margin:
        return f"{wording.what} fell: {figures}; {wording.lost}"
    return f"{wording.what} is not shown to hold: {figures}"


def _examples(before: _Rows, after: _Rows, new: _Rows) -> list[GuardExample]:
    """The items on which most was lost.

    Args:
        before: The starting model's rows.
        after: The trained model's.
        new: Rows with the texts to show of the trained model.
    """
    losses = {
        item: row["value"] - value
        for item, row in before.items()
        if row["value"] is not None and (value := after.get(item, {}).get("value")) is not None
    }
    worst = sorted((item for item in losses if losses[item] > 0), key=lambda i: -losses[i])
    return [
        GuardExample(
            short_line(before[item]["item"]),
            short_line(before[item]["text"] or ""),
            short_line(new.get(item, {}).get("text") or ""),
        )
        for item in worst[:_EXAMPLES]
    ]
