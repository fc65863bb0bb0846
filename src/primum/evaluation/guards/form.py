"""Whether the answers of a trained model lost what no objective names; asks no model."""

import pyarrow as pa

from primum.constitution.exemplars import CATEGORIES
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.guards.finding import Certainty, Guarded, guard_result
from primum.evaluation.guards.margins import margin_of
from primum.evaluation.guards.measures.family import COMPARED, MEASURES, Measure, Side
from primum.evaluation.guards.measures.within import empty
from primum.evaluation.guards.refusal import is_refusal
from primum.evaluation.guards.result import GuardKind, GuardResult
from primum.evaluation.guards.texts import GuardedAnswer, paired_answers
from primum.recipe.schema import Guards
from primum.statistics.interval import CONFIDENCE

HARMFUL = "harmful-request"
"""The category of prompts that may be refused."""


def form_guards(
    answers: pa.Table,
    settings: Guards,
    *,
    before: str = BEFORE,
    after: str = AFTER,
    confidence: float = CONFIDENCE,
    resamples: int = 10_000,
    seed: int = 0,
) -> tuple[GuardResult, ...]:
    """What the guards of form find, each with its own margin (docs/guards.md).

    Every guard has to hold, so that no correction for several tests is needed (an
    intersection-union test).

    Args:
        answers: See `store.schemas.ANSWERS`; category and finish may be null throughout.
        settings: The margins.
        before: The answerer that is compared with.
        after: The other one.
        confidence: Two-sided; the upper bound of a loss has to lie below its margin.
        resamples: Bootstrap resamples.
        seed: Makes them.

    Returns:
        One result per guard, none of them where `settings.form` is off.
    """
    if not settings.form:
        return ()
    certainty = Certainty(confidence, resamples, seed)
    sides = paired_answers(answers, before, after)
    return tuple(_examined(measure, *sides, settings, certainty) for measure in MEASURES)


def _examined(
    measure: Measure, before: Side, after: Side, settings: Guards, certainty: Certainty
) -> GuardResult:
    """What one guard found.

    Args:
        measure: The guard.
        before: The answers of the starting model, to all prompts.
        after: Those of the trained one.
        settings: The margins.
        certainty: How sure to be.
    """
    counted = _counted(measure, before, after)
    sides = [side[at] for at in counted for side in (before, after)]
    first, then = sides[::2], sides[1::2]
    figures = measure.figures(first), measure.figures(then)
    margin = margin_of(measure.name, settings)
    kind: GuardKind = "refusals" if measure.name == "refusals" else "form"
    guarded = Guarded(
        measure.name, measure.unit, measure.worse, margin, measure.share, kind, COMPARED[measure.of]
    )
    said = _said(measure, first, then, figures) if counted else None
    if measure.of == "harmless" and said:
        said += _which(before)
    return guard_result(guarded, figures, (first, then), certainty, said)


def _said(
    measure: Measure,
    before: Side,
    after: Side,
    figures: tuple[list[float | None], list[float | None]],
) -> str | None:
    """The change in words; None for the two means.

    Args:
        measure: The guard.
        before: The answers that count, of the starting model.
        after: Those of the trained one.
        figures: Their figures.
    """
    if measure.said is not None:
        return measure.said(before, after)
    if not measure.share:
        return None
    was, now = (int(sum(value or 0 for value in side)) for side in figures)
    return f"{now} of {len(after)} answers {measure.what}, before {was}"


def _counted(measure: Measure, before: Side, after: Side) -> list[int]:
    """The prompts that a guard looks at, by their places.

    Args:
        measure: The guard.
        before: The answers of the starting model, to all prompts.
        after: Those of the trained one.
    """
    places = range(len(before))
    if measure.of == "all":
        return list(places)
    if measure.of == "harmless":
        labelled = _is_labelled(before)
        return [at for at in places if not labelled or before[at].category != HARMFUL]
    silent = [any(sides) for sides in zip(empty(before), empty(after), strict=True)]
    written = [at for at in places if not silent[at]]
    if measure.of == "written":
        return written
    return [at for at in written if not (_refuses(before[at]) or _refuses(after[at]))]


def _refuses(answered: GuardedAnswer) -> bool:
    return is_refusal(answered.text)


def _is_labelled(answers: Side) -> bool:
    """Whether the prompts' categories are among those that tell harmful ones."""
    return any(each.category in CATEGORIES for each in answers)


def _which(answers: Side) -> str:
    """Which prompts were counted for refusals, in words."""
    if _is_labelled(answers):
        return ", where the prompt is not labelled harmful"
    return f", harmful prompts among them or not, since none has the category {HARMFUL}"
