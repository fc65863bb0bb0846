"""The duels of an evaluation: which are fought, by whom, and how."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from primum.evaluation.comparing.duels import Contest, duels_by_scores, duels_in_words
from primum.judging.kinds import judging_model, kinds_of
from primum.messages import from_dicts
from primum.progress import Progress
from primum.proof.judges import settings_of_judges
from primum.run.models import LoadedModels

WAYS = ("words", "scores", "none")
"""How duels can be decided."""
_IN_WORDS = ("rating-expected", "rating-text")
"""Kinds of judges that can be asked which of two answers is better."""


@dataclass(frozen=True, slots=True)
class Duelling:
    """How duels are decided.

    Attributes:
        by: `words`: a judge that is asked in words is asked in both orders, and scores decide for
            the others; `scores`: scores decide for all; `none`: no duels.
        width: By scores: those no further apart are a tie, in points of the scale. 0.5 is a
            choice: what rounding to whole points would make equal.
    """

    by: str = "words"
    width: float = 0.5


def duels_of(
    models: LoadedModels,
    model: str,
    labels: Sequence[str],
    answers: pa.Table,
    judgements: pa.Table,
    duelling: Duelling,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Every answerer's duels with the first one, by every judge on every objective.

    Args:
        models: Run the judging models; hold the recipe and the constitution.
        model: The judging model where the settings name none.
        labels: The answerers, the first one being compared with.
        answers: See `store.schemas.ANSWERS`.
        judgements: See `store.schemas.JUDGEMENTS`.
        duelling: How duels are decided.
        progress: Is told of every question.

    Returns:
        Rows of `store.schemas.DUELS`.
    """
    if duelling.by == "none":
        return []
    values = {
        (row["answerer"], row["judge"], row["objective"], row["prompt_id"]): row["value"]
        for row in judgements.to_pylist()
    }

    def scores(who: str, judge: str, objective: str) -> dict[str, float | None]:
        return {
            contest.prompt_id: values.get((who, judge, objective, contest.prompt_id))
            for contest in contests[labels[1]]
        }

    contests = {label: _contests(answers, label, labels[0]) for label in labels[1:]}
    rows = []
    for judge, judging in settings_of_judges(models.recipe).items():
        kinds = kinds_of(judging, models.constitution)
        for place, (objective, kind) in enumerate(kinds.items()):
            in_words = duelling.by == "words" and kind in _IN_WORDS
            for label, fought in contests.items():
                if in_words:
                    engine = models.engine(judging_model(judging, policy=model, base=model))
                    ended = duels_in_words(fought, engine, models.constitution, place, progress)
                else:
                    mine, other = (scores(who, judge, objective) for who in (label, labels[0]))
                    ended = duels_by_scores(fought, mine, other, duelling.width)
                about = {"answerer": label, "against": labels[0], "judge": judge}
                about |= {"objective": objective, "decided_by": "words" if in_words else "scores"}
                rows += [{**about, **asdict(duel)} for duel in ended]
    return rows


def _contests(answers: pa.Table, label: str, first: str) -> list[Contest]:
    """The answers of two answerers to every prompt."""
    rows = answers.to_pylist()
    given = {
        (row["answerer"], row["prompt_id"]): None if row["missing"] else row["text"] for row in rows
    }
    return [
        Contest(
            row["prompt_id"],
            from_dicts(row["messages"]),
            given.get((label, row["prompt_id"])),
            given[first, row["prompt_id"]],
        )
        for row in rows
        if row["answerer"] == first
    ]
