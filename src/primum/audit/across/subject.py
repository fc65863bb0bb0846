"""What is asked across prompts of the judge that is audited."""

from collections.abc import Sequence

from primum.audit.across.levels import CategoryLevel, levels_by_category
from primum.audit.across.marks import Bar
from primum.audit.across.prompts import AcrossPrompts, across_prompts
from primum.audit.labelled import ScoredLabels
from primum.audit.measures.sampled import Sampled
from primum.audit.objective import JUDGE
from primum.audit.subject import Subject
from primum.judging.kinds import FITTED, kinds_of
from primum.synthesis.order import Order, order_of
from primum.synthesis.scored import ScoredPrompt, score_vectors


def order_for(subject: Subject, sampled: Sampled | None) -> Order:
    """The order in which a run would compare answers.

    Args:
        subject: Has the constitution and the recipe.
        sampled: Candidates, which a bin in standard deviations is measured on; without them it
            counts as none.
    """
    scored = _vectors(subject, sampled)
    return order_of(subject.constitution, subject.models.recipe.pairing, scored)


def across_on(
    subject: Subject, scored: Sequence[ScoredLabels], order: Order, objective: int
) -> tuple[AcrossPrompts, ...]:
    """Scores against labels across prompts, by source; sources without labels are left out.

    Args:
        subject: Has the constitution and the recipe.
        scored: Exemplars and the user's labels with scores.
        order: The recipe's.
        objective: Its place in the constitution.
    """
    bar = _bar(subject, objective)
    alone = Order((order.thresholds[objective],), (order.widths[objective],))
    parts = [part.on(objective) for part in scored]
    return tuple(
        across_prompts(
            part.source,
            objective in part.fitted,
            part.labels,
            part.scores[JUDGE],
            bar,
            alone,
            seed=subject.seed,
        )
        for part in parts
        if part.labels
    )


def levels_on(
    subject: Subject, sampled: Sampled | None, objective: int
) -> tuple[CategoryLevel, ...]:
    """Scores of the model's own candidates by kind of prompt; empty without prompts.

    Args:
        subject: Has the constitution and the recipe.
        sampled: The candidates.
        objective: Its place in the constitution.
    """
    if sampled is None:
        return ()
    scores = {
        one.prompt_id: [vector[objective] for vector in one.candidates.values()]
        for one in _vectors(subject, sampled)
    }
    threshold = _named(subject, objective)
    return levels_by_category(scores, sampled.categories, threshold, seed=subject.seed)


def _bar(subject: Subject, objective: int) -> Bar:
    goals, recipe = subject.constitution, subject.models.recipe
    kind = list(kinds_of(recipe.judging, goals).values())[objective]
    threshold = _named(subject, objective)
    if threshold is None and kind in FITTED:
        # Where a fit with marks puts P(meets) = 1/2 if nothing is named.
        threshold = sum(goals.scale) / 2
    return Bar(threshold, goals.objectives[objective].threshold, kind == "probe", goals.scale)


def _named(subject: Subject, objective: int) -> float | None:
    """The threshold that the recipe names, or else the constitution."""
    one = subject.constitution.objectives[objective]
    return subject.models.recipe.pairing.thresholds.get(one.name, one.threshold)


def _vectors(subject: Subject, sampled: Sampled | None) -> list[ScoredPrompt]:
    if sampled is None:
        return []
    names = [objective.name for objective in subject.constitution.objectives]
    return score_vectors(sampled.synthesis, list(sampled.prompts), names)
