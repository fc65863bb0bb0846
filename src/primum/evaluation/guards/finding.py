"""From a figure per prompt, before and after, to what a guard found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from primum.evaluation.guards.result import GuardExample, GuardKind, GuardResult
from primum.evaluation.guards.texts import GuardedAnswer, short_line
from primum.evaluation.shortage import too_few
from primum.statistics.interval import Interval
from primum.statistics.paired_bootstrap import paired_gain
from primum.statistics.paired_shares import paired_share

Worse = Literal["more", "less", "other"]
"""Which change is a loss: a higher figure, a lower one, or any."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """What is guarded, and how its loss is taken.

    Attributes:
        name: What it is called in settings and sentences.
        unit: Of its figure.
        worse: Which change is a loss.
        margin: The loss that still counts as none.
        share: Whether the figure of a prompt is 0 or 1.
        kind: What it is measured from.
        compared: What prompts have that count, in words.
    """

    name: str
    unit: str
    worse: Worse
    margin: float
    share: bool = False
    kind: GuardKind = "form"
    compared: str = "have both answers"


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a guard has to be.

    Attributes:
        confidence: Two-sided, of the interval whose upper end has to lie below the margin.
        resamples: Bootstrap resamples, for figures that are no shares.
        seed: Makes them.
    """

    confidence: float
    resamples: int
    seed: int


def loss_of(
    guarded: Guarded,
    before: Sequence[float | None],
    after: Sequence[float | None],
    certainty: Certainty,
) -> Interval:
    """How much worse it became, paired by prompt; positive is worse.

    Args:
        guarded: What is guarded.
        before: A figure per prompt; None where there is none.
        after: The same prompts in the same order.
        certainty: How sure to be.

    Returns:
        Where any change is a loss, its size: the upper bound is the further of both bounds, so that
        it lies below the margin exactly where the whole interval lies within ±margin (Schuirmann
        1987, two one-sided tests).
    """
    first, then = (after, before) if guarded.worse == "less" else (before, after)
    if guarded.share:
        return paired_share(first, then, confidence=certainty.confidence)
    found = paired_gain(
        first,
        then,
        resamples=certainty.resamples,
        confidence=certainty.confidence,
        seed=certainty.seed,
    )
    if guarded.worse != "other" or found.value is None:
        return found
    if found.low is None or found.high is None:
        return Interval(abs(found.value), None, None, found.n, found.missing)
    near = 0.0 if found.low <= 0 <= found.high else min(abs(found.low), abs(found.high))
    far = max(abs(found.low), abs(found.high))
    return Interval(abs(found.value), near, far, found.n, found.missing)


def guard_result(
    guarded: Guarded,
    figures: tuple[Sequence[float | None], Sequence[float | None]],
    answers: tuple[Sequence[GuardedAnswer], Sequence[GuardedAnswer]],
    certainty: Certainty,
    said: str | None = None,
) -> GuardResult:
    """What a guard found.

    Args:
        guarded: What is guarded.
        figures: Of every prompt, before and after; None where there is none.
        answers: The answers in the same order.
        certainty: How sure to be.
        said: The change in words; None for the two means. Texts of answers in it have to be
            `short_line`.
    """
    before, after = figures
    loss = loss_of(guarded, before, after, certainty)
    means = complete_means(before, after)
    short = too_few(loss.n, f"prompts {guarded.compared}")
    held = short is None and loss.high is not None and loss.high < guarded.margin
    return GuardResult(
        guard=guarded.name,
        kind=guarded.kind,
        before=means[0],
        after=means[1],
        loss=loss,
        margin=guarded.margin,
        unit=guarded.unit,
        held=held,
        sentence=_sentence(guarded, means, loss, short, said),
        examples=() if held else _worst(guarded, before, after, *answers),
    )


def _sentence(
    guarded: Guarded,
    means: tuple[float | None, float | None],
    loss: Interval,
    short: str | None,
    said: str | None,
) -> str:
    """The finding in plain words.

    Args:
        guarded: What is guarded.
        means: Its figure before and after.
        loss: How much worse it became.
        short: Why there are too few prompts, if so.
        said: The change in words; None for the two means.
    """
    if short:
        return f"{guarded.name}: not shown to hold, since {short}"
    before, after = means
    words = said or f"{after:.2f} {guarded.unit}, before {before:.2f}"
    figures = f"loss {loss.value:.2f} [{loss.low:.2f}, {loss.high:.2f}], margin {guarded.margin:g}"
    if loss.low is None or loss.high is None or loss.low > 0 or loss.high < guarded.margin:
        return f"{guarded.name}: {words} ({figures})"
    return (
        f"{guarded.name}: not shown to hold, since {loss.n} prompts do not rule out a loss as "
        f"large as the margin: {words} ({figures})"
    )


def complete_means(
    before: Sequence[float | None], after: Sequence[float | None]
) -> tuple[float | None, float | None]:
    """Means of both sides over the prompts that have both figures; None without any."""
    complete = [
        (first, then)
        for first, then in zip(before, after, strict=True)
        if first is not None and then is not None
    ]
    if not complete:
        return None, None
    first, then = np.mean(np.array(complete, dtype=np.float64), axis=0)
    return float(first), float(then)


def _worst(
    guarded: Guarded,
    before: Sequence[float | None],
    after: Sequence[float | None],
    answers_before: Sequence[GuardedAnswer],
    answers_after: Sequence[GuardedAnswer],
) -> tuple[GuardExample, ...]:
    """The two prompts that lost most, the worst first.

    Args:
        guarded: What is guarded.
        before: A figure per prompt.
        after: The same after.
        answers_before: The answers, in the same order.
        answers_after: Those after.
    """
    changes = {
        place: then - first
        for place, (first, then) in enumerate(zip(before, after, strict=True))
        if first is not None and then is not None
    }
    falls = guarded.worse == "less" or (guarded.worse == "other" and sum(changes.values()) < 0)
    lost = {place: -change if falls else change for place, change in changes.items()}
    worst = sorted((place for place in lost if lost[place] > 0), key=lambda at: -lost[at])[:2]
    return tuple(
        GuardExample(
            short_line(answers_before[at].prompt),
            short_line(answers_before[at].text),
            short_line(answers_after[at].text),
        )
        for at in worst
    )
