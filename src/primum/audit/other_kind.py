"""Another kind of judge, for objectives on which asking the model in words is not to be trusted."""

from collections.abc import Mapping, Sequence

from primum.audit.trust import Trust
from primum.constitution import Constitution
from primum.judging.calibration import fits
from primum.recipe.schema import JudgeKind

_IN_WORDS: tuple[JudgeKind, ...] = ("rating-expected", "rating-text")


def probe_instead(
    constitution: Constitution,
    kinds: Mapping[str, JudgeKind],
    trusts: Sequence[Trust],
    layers: int,
) -> str | None:
    """What to try where a judge asked in words fails and a probe could be fitted.

    Args:
        constitution: The objectives, with their exemplars.
        kinds: The kind of judge by objective.
        trusts: How far that judge can be trusted, per objective in order.
        layers: Layers whose hidden states the judging model's engine can read; 0 for none.

    Returns:
        A sentence; None where there is nothing to try.
    """
    failed = [
        objective.name
        for objective, trust in zip(constitution.objectives, trusts, strict=True)
        if trust.level == "no"
        and kinds[objective.name] in _IN_WORDS
        and fits(objective, constitution.scale)
    ]
    if not failed or layers < 1:
        return None
    others = ", ".join(f"{name}: probe" for name in failed)
    setting = (
        "judging.kind=probe"
        if len(failed) == len(constitution.objectives)
        else f"'judging.kinds={{{others}}}'"
    )
    return (
        f"asked in words, this model is not to be trusted on {' and '.join(failed)}; a probe reads "
        f"its hidden states instead, and the exemplars suffice to fit one: audit it, with {setting}"
    )
