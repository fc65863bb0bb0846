"""The judge that made the pairs, in words."""

from collections.abc import Sequence

from primum.recipe.schema import JudgeKind, Judging
from primum.report.drawing.text import model_name, one_line

ITSELF = ("policy", "base")


def judge_name(judging: Judging, objectives: Sequence[str]) -> str:
    """The kinds of judge, by objective where they differ, and the model where it is another one."""
    kinds = _kinds(judging, objectives)
    if len(set(kinds)) == 1:
        name: str = kinds[0]
    else:
        named = zip(objectives, kinds, strict=True)
        name = ", ".join(f"{one_line(objective)}: {kind}" for objective, kind in named)
    return name if judging.model in ITSELF else f"{name} ({model_name(judging.model)})"


def judge_sentences(judging: Judging, objectives: Sequence[str]) -> tuple[str, ...]:
    """What has to be known of each kind of judge that took part."""
    itself = judging.model in ITSELF
    model = "the starting model itself" if itself else f"the model {model_name(judging.model)}"
    blind = " It shares its own blind spots." if itself else ""
    asked = f"{model}, asked in words.{blind}"
    sentences: dict[JudgeKind, str] = {
        "rating-expected": asked,
        "rating-text": asked,
        "probe": f"{model}: a linear read-out of its hidden states, fitted on the constitution’s "
        "exemplars. It sees what they contrast and little else.",
        "reward-model": "a reward model, put on the scale by the constitution’s exemplars.",
        "python": f"the function {one_line(judging.function or '')}.",
    }
    kinds = _kinds(judging, objectives)
    if len(set(kinds)) == 1:
        return (f"The teacher is {sentences[kinds[0]]}",)
    return tuple(
        f"The teacher of {one_line(objective)} is {sentences[kind]}"
        for objective, kind in zip(objectives, kinds, strict=True)
    )


def _kinds(judging: Judging, objectives: Sequence[str]) -> list[JudgeKind]:
    return [judging.kinds.get(objective, judging.kind) for objective in objectives]
