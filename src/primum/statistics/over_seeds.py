"""The mean gain of several trained models, over prompts and seeds together."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats, floats_of
from primum.statistics.interval import Interval
from primum.statistics.multiplicity import paired_p
from primum.statistics.paired_bootstrap import ROUNDING, paired_gain

PromptScores = Sequence[float | None]
"""One per prompt; None or not finite where missing."""


def gain_over_seeds(
    before: PromptScores,
    afters: Sequence[PromptScores],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """The mean over prompts and trained models of after − before.

    The prompts' part is `paired_gain` of the scores averaged over the models. The seeds'
    part is Student's interval of the models' mean gains, with k − 1 degrees of freedom. The two are
    joined by the method of variance estimates recovery (MOVER; Zou & Donner, "Construction of
    confidence limits about effect measures", Statistics in Medicine 27, 2008): each end lies
    √(a² + b²) from the mean, where a and b are its distances in the two parts.

    The models' means differ by chance of the prompts too, which both parts contain, so that the
    interval is rather too wide than too narrow; `benchmarks/gate.py` shows how often it errs.
    With one model it is `paired_gain`.

    Args:
        before: Scores of the starting model.
        afters: Scores of every trained model, of the same prompts in the same order.
        resamples: Bootstrap resamples.
        confidence: Two-sided.
        seed: Makes the resamples.

    Returns:
        The mean gain. A prompt counts if no score of it is missing.

    Raises:
        ValueError: If there is no trained model, or scores differ in number.
    """
    averaged = mean_after(afters)
    over_prompts = paired_gain(
        before, averaged, resamples=resamples, confidence=confidence, seed=seed
    )
    value, low, high = over_prompts.value, over_prompts.low, over_prompts.high
    if len(afters) == 1 or value is None or low is None or high is None:
        return over_prompts
    means = np.array(seed_gains(before, afters), dtype=np.float64)
    reach = _student_reach(means, confidence)
    return Interval(
        value,
        value - float(np.hypot(value - low, reach)),
        value + float(np.hypot(high - value, reach)),
        over_prompts.n,
        over_prompts.missing,
    )


def mean_after(afters: Sequence[PromptScores]) -> list[float | None]:
    """The mean score of every prompt over the trained models; None where one is missing.

    Raises:
        ValueError: If there is no trained model, or scores differ in number.
    """
    if not afters or len({len(scores) for scores in afters}) > 1:
        raise ValueError("name one trained model or more, with as many scores each")
    if len(afters) == 1:
        return list(afters[0])
    means = np.stack([floats_of(scores) for scores in afters]).mean(axis=0)
    return [float(mean) if np.isfinite(mean) else None for mean in means]


def seed_gains(before: PromptScores, afters: Sequence[PromptScores]) -> tuple[float | None, ...]:
    """Every trained model's mean gain over the prompts that all of them and `before` have."""
    gains = np.stack([floats_of(scores) for scores in afters]) - floats_of(before)
    complete = gains[:, np.isfinite(gains).all(axis=0)]
    if complete.shape[1] == 0:
        return (None,) * len(afters)
    return tuple(map(float, complete.mean(axis=1)))


def p_over_seeds(gains: Sequence[PromptScores]) -> float | None:
    """The two-sided p-value that the mean over prompts and trained models is zero.

    Prompts and seeds are both drawn at random, and crossed. So the test is Clark's min F′ ("The
    language-as-fixed-effect fallacy", Journal of Verbal Learning and Verbal Behavior 12, 1973): the
    mean over √(s² + t²), where s and t are its standard errors over prompts and over seeds, with
    Satterthwaite's degrees of freedom. With one trained model it is `paired_p`, which says nothing
    of other seeds.

    Args:
        gains: Of every trained model, of the same prompts in the same order.

    Returns:
        None below two complete prompts.

    Raises:
        ValueError: If there is no trained model, or gains differ in number.
    """
    means = floats_of(mean_after(gains))
    by_prompt = means[np.isfinite(means)]
    if len(gains) == 1 or len(by_prompt) < 2:
        return paired_p(by_prompt)
    by_seed = np.array(seed_gains([0.0] * len(means), gains), dtype=np.float64)
    n, k = len(by_prompt), len(by_seed)
    of_prompts, of_seeds = by_prompt.var(ddof=1) / n, by_seed.var(ddof=1) / k
    whole = float(of_prompts + of_seeds)
    if whole < ROUNDING**2:
        return paired_p(np.full(n, np.round(by_prompt.mean(), 9)))
    freedom = whole**2 / float(of_prompts**2 / (n - 1) + of_seeds**2 / (k - 1))
    # Only here, as below: SciPy takes longer to import than a report takes to read.
    from scipy.stats import t as student

    return float(2 * student.sf(abs(by_prompt.mean()) / np.sqrt(whole), freedom))


def _student_reach(means: Floats, confidence: float) -> float:
    """How far Student's interval of the seeds' means reaches to either side."""
    # Only here: SciPy takes longer to import than a report takes to read.
    from scipy.stats import t as student

    k = len(means)
    quantile = float(student.ppf((1 + confidence) / 2, k - 1))
    return quantile * float(means.std(ddof=1)) / float(np.sqrt(k))
