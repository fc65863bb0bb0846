"""`rating-expected`: the expected rating, from the probabilities of the rating tokens."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from primum.constitution import Constitution
from primum.engines.base import ChooseRequest, Engine
from primum.errors import UserError
from primum.judging.asking.question import (
    NUMBER_ALONE,
    TOO_LONG,
    fits_context,
    questions,
    unmirrored,
)
from primum.judging.asking.shots import shots_of
from primum.judging.base import EMPTY_RESPONSE, Item, Score
from primum.judging.grouping import grouped
from primum.messages import Message

LEAST_MASS = 1e-6
"""Below this probability of all ratings together, what is normalised is rounding noise: single
precision has seven digits."""

_RATING_TOKENS = 8
"""Tokens that the longest rating may have; a scale's numbers have a few digits."""


@dataclass(frozen=True)
class ExpectedRating:
    """Asks the model for a rating and takes the expectation over its probabilities.

    Nothing is generated, so the score is continuous and the same every time.

    Args:
        engine: Runs the judging model.
        constitution: The objectives and the scale.
        wordings: Over how many wordings of the question the probabilities are averaged.
        first: Which wording is the first of them.
        shots: How many exemplars of the objective stand in each question.
    """

    engine: Engine
    constitution: Constitution
    wordings: int = 1
    first: int = 0
    shots: int = 0

    @property
    def _asked(self) -> range:
        """Which wordings."""
        return range(self.first, self.first + self.wordings)

    @property
    def fingerprint(self) -> str:
        """The engine, the constitution and the wording of the questions."""
        shots = shots_of(self.constitution, self.shots)
        asked = questions(_ANY, self.constitution, self._asked, NUMBER_ALONE, shots)
        content = f"{self.engine.fingerprint}{self.constitution.fingerprint}{asked}"
        return "rating-expected:" + hashlib.sha256(content.encode()).hexdigest()[:16]

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`."""
        objectives = len(self.constitution.objectives)
        ratings = scale_points(self.constitution.scale)
        choices = tuple(map(str, ratings))
        values = [
            [unmirrored(rating, wording, self.constitution.scale) for rating in ratings]
            for wording in self._asked
        ]
        shots = shots_of(self.constitution, self.shots)
        places: list[tuple[int, int]] = []
        requests: list[ChooseRequest] = []
        for index, item in enumerate(items):
            asked = questions(item, self.constitution, self._asked, NUMBER_ALONE, shots)
            reason = self._reason_missing(item, asked)
            if reason:
                yield index, (Score(None, missing=reason),) * objectives
                continue
            for place, messages in enumerate(asked):
                places.append((index, place))
                requests.append(ChooseRequest(messages, choices, "judge"))
        answers = ((*places[at], found) for at, found in self.engine.choose(requests))
        for index, found in grouped(answers, objectives * self.wordings):
            by_objective = np.asarray(found).reshape(objectives, self.wordings, len(ratings))
            yield index, tuple(expected_rating(of_one, values) for of_one in by_objective)

    def _reason_missing(self, item: Item, asked: Sequence[tuple[Message, ...]]) -> str | None:
        """Why an item cannot be asked about; None where it can."""
        if not item.response.strip():
            return EMPTY_RESPONSE
        if not all(fits_context(self.engine, messages, _RATING_TOKENS) for messages in asked):
            return TOO_LONG
        return None


_ANY = Item((Message("user", "?"),), "!")


def scale_points(scale: tuple[float, float]) -> tuple[int, ...]:
    """The whole numbers on the scale.

    Raises:
        UserError: If there are fewer than two, so that no rating could tell answers apart.
    """
    low, high = scale
    points = tuple(range(ceil(low), floor(high) + 1))
    if len(points) < 2:
        raise UserError(
            f"the scale from {low:g} to {high:g} holds {len(points)} whole numbers, and ratings "
            "need at least two; use a scale such as 1 to 10, or another judging.kind"
        )
    return points


def expected_rating(log_probs: npt.ArrayLike, values: npt.ArrayLike) -> Score:
    """The mean rating and its entropy, normalised over the scale.

    Args:
        log_probs: Log-probability of each rating, shape [ratings], or [wordings, ratings]; then
            the score and the entropy are means over wordings, and the uncertainty is the standard
            deviation of their scores.
        values: What each rating counts, of the same shape.
    """
    from scipy.special import entr  # SciPy takes long to import.

    logs = np.atleast_2d(np.asarray(log_probs, dtype=np.float64))
    if not np.isfinite(logs).all():
        return Score(None, missing="the model gave no finite probabilities for the ratings")
    mass = np.exp(logs).sum(axis=1)
    outside = float(np.clip(1 - mass, 0, 1).mean())
    if mass.min() < LEAST_MASS:
        return Score(
            None, missing="the model gave next to no probability to any rating", outside=outside
        )
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    each = weights / weights.sum(axis=1, keepdims=True)
    means = (each * np.asarray(values, dtype=np.float64)).sum(axis=1)
    return Score(
        value=float(means.mean()),
        entropy=float(entr(each).sum(axis=1).mean()),
        uncertainty=float(means.std(ddof=1)) if len(means) > 1 else None,
        outside=outside,
    )
