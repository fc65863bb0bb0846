"""What the prompts of a run could have shown, in a sentence: the power of the gate."""

import math
from collections.abc import Iterable

from primum.evaluation.gate_result import ObjectiveResult, Shown
from primum.statistics.power import detectable, prompts_needed

SPREADS = (0.5, 2.0)
"""Standard deviations of paired gains, in points, between which a run's are taken to lie before it
has been made: a choice."""


def after_hold(results: Iterable[ObjectiveResult], confidence: float) -> str | None:
    """Which rise the prompts would have shown, of the first objective that people do not decide.

    Args:
        results: The gate's, in order of priority.
        confidence: Two-sided, at which a rise is shown.
    """
    shown = [_steadiest(result) for result in results if result.people is None]
    found = next((one for one in shown if one is not None), None)
    if found is None or not found.spread:
        return None
    said = (
        f"{found.gain.n} prompts show a rise of {_points(found, confidence)} on "
        f"{found.objective} in four runs of five{_seeds(found)}"
    )
    return f"{said}; {_needed(found, confidence)}" if found.margin > 0 else said


def after_fail(results: Iterable[ObjectiveResult], confidence: float) -> str | None:
    """How many prompts would have ruled a fall out; None where none were too few.

    Args:
        results: The gate's, in order of priority.
        confidence: Two-sided, at which an objective holds.
    """
    for result in results:
        if result.held or result.people is not None:
            continue
        wide = [one for one in result.by if _is_wide(one)]
        if len(wide) < sum(not one.held for one in result.by):
            return None  # An examiner that sees a fall would see it with more prompts too.
        found = max(wide, key=lambda one: one.spread or 0.0, default=None)
        if found is None:
            return None
        return (
            f"{found.gain.n} prompts rule out a fall of {_points(found, confidence)} on "
            f"{found.objective} in four runs of five where nothing changed{_seeds(found)}; "
            f"{_needed(found, confidence)}"
        )
    return None


def before_a_run(prompts: int, confidence: float, known: float | None) -> str:
    """Which rise so many prompts will show.

    Args:
        prompts: Held-out prompts.
        confidence: Two-sided, at which a rise is shown.
        known: Standard deviation of gains in an earlier run, in points; None where there is none.
    """
    if known:
        rise = f"{detectable(prompts, known, confidence):.2f} points"
        why = f"if gains differ by {known:.2f} points again (standard deviation; as they did here)"
    else:
        low, high = (detectable(prompts, spread, confidence) for spread in SPREADS)
        rise = f"{low:.2f} to {high:.2f} points"
        why = (
            f"if gains differ by {SPREADS[0]:g} to {SPREADS[1]:g} points (standard deviation; "
            "nobody knows before the run)"
        )
    return f"{prompts} held-out prompts show a rise of {rise} in four runs of five, {why}"


def _is_wide(shown: Shown) -> bool:
    """Whether it did not hold for want of prompts: no fall is seen, and none can be ruled out."""
    gain = shown.gain
    known = shown.reason is None and gain.value is not None and bool(shown.spread)
    return known and not shown.held and shown.margin > 0 and (gain.value or 0.0) > -shown.margin


def _steadiest(result: ObjectiveResult) -> Shown | None:
    """The examiner whose gains differ least: one that shows a rise suffices."""
    known = [one for one in result.by if one.spread is not None and one.reason is None]
    return min(known, key=lambda one: one.spread or math.inf, default=None)


def _points(shown: Shown, confidence: float) -> str:
    return f"{detectable(shown.gain.n, shown.spread or 0.0, confidence):.2f} {shown.unit}"


def _needed(shown: Shown, confidence: float) -> str:
    needed = prompts_needed(shown.margin, shown.spread or 0.0, confidence)
    many = "more than anybody has" if needed is None else f"{needed:,}"
    return f"for {shown.margin:g} it takes {many}"


def _seeds(shown: Shown) -> str:
    return " if all trained models gained alike" if shown.by_seed else ""
