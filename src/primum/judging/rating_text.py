"""`rating-text`: the rating that the model writes, as in the paper; see docs/judges.md."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from primum.constitution import Constitution
from primum.engines.base import Completion, Engine, GenerateRequest, SamplingParams, thinks
from primum.judging.asking.parsing import read_rating
from primum.judging.asking.question import (
    NUMBER_NAMED,
    TOO_LONG,
    fits_context,
    questions,
    unmirrored,
)
from primum.judging.asking.shots import shots_of
from primum.judging.base import EMPTY_RESPONSE, Item, Score
from primum.judging.grouping import grouped
from primum.messages import Message, Messages
from primum.seeds import derive_seed

_RETRY_TEMPERATURE = 0.7
"""Of further tries, which must differ from the first, most likely reply. A choice."""

_SHOWN_CHARACTERS = 80
"""Of a reply, in the reason why its rating is missing."""

_MAY_GO_ON = re.compile(r"[\d.,/]\s*$")
"""What a reply ends with when it may have been cut inside a number."""


@dataclass(frozen=True)
class _Question:
    """One question about one item, and where its rating belongs."""

    item: int
    place: int
    name: str
    messages: Messages


@dataclass(frozen=True)
class _RatedReply:
    """What the model wrote, and the rating in it; None where there is none to be read."""

    completion: Completion
    rating: float | None


@dataclass(frozen=True)
class TextRating:
    """Asks the model for a rating and reads the number from its reply.

    The first reply is the most likely one. A reply without a rating is asked for again, drawn at
    random from another seed each time; then the score is missing.

    Args:
        engine: Runs the judging model.
        constitution: The objectives and the scale.
        wordings: Over how many wordings of the question ratings are averaged.
        retries: How often a reply that cannot be read is asked for again.
        max_tokens: Longest reply.
        thought_tokens: So many more where the model may think before it replies.
        first: Which wording is the first of them.
        shots: How many exemplars of the objective stand in each question.
    """

    engine: Engine
    constitution: Constitution
    wordings: int = 1
    retries: int = 2
    max_tokens: int = 256
    thought_tokens: int = 2048
    first: int = 0
    shots: int = 0

    @property
    def _asked(self) -> range:
        """Which wordings."""
        return range(self.first, self.first + self.wordings)

    @property
    def longest(self) -> int:
        """Tokens that a reply may have, a thought before it included."""
        return self.max_tokens + (self.thought_tokens if thinks(self.engine) else 0)

    @property
    def fingerprint(self) -> str:
        """The engine, the constitution, the wording of the questions and the way of drawing."""
        item = Item((Message("user", "?"),), "!")
        shots = shots_of(self.constitution, self.shots)
        asked = questions(item, self.constitution, self._asked, NUMBER_NAMED, shots)
        drawing = f"{self.retries}|{self.longest}"
        content = f"{self.engine.fingerprint}{self.constitution.fingerprint}{asked}{drawing}"
        return "rating-text:" + hashlib.sha256(content.encode()).hexdigest()[:16]

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`."""
        objectives = self.constitution.objectives
        shots = shots_of(self.constitution, self.shots)
        waiting: list[_Question] = []
        for index, item in enumerate(items):
            asked = questions(item, self.constitution, self._asked, NUMBER_NAMED, shots)
            reason = self._reason_missing(item, asked)
            if reason:
                yield index, (Score(None, missing=reason),) * len(objectives)
                continue
            for place, messages in enumerate(asked):
                name = objectives[place // self.wordings].name
                waiting.append(_Question(index, place, name, messages))
        for index, replies in grouped(self._replies(waiting), len(objectives) * self.wordings):
            starts = range(0, len(replies), self.wordings)
            yield index, tuple(_score(replies[at : at + self.wordings]) for at in starts)

    def _reason_missing(self, item: Item, asked: Sequence[Messages]) -> str | None:
        """Why an item cannot be asked about; None where it can."""
        if not item.response.strip():
            return EMPTY_RESPONSE
        if not all(fits_context(self.engine, messages, self.longest) for messages in asked):
            return TOO_LONG
        return None

    def _replies(self, waiting: Sequence[_Question]) -> Iterator[tuple[int, int, _RatedReply]]:
        """Asks, and asks again where no rating could be read."""
        for attempt in range(self.retries + 1):
            requests = [self._request(question, attempt) for question in waiting]
            unread: list[int] = []
            for at, completion in self.engine.generate(requests):
                question = waiting[at]
                rating = self._read(completion, question)
                if rating is None and attempt < self.retries:
                    unread.append(at)
                else:
                    yield question.item, question.place, _RatedReply(completion, rating)
            waiting = [waiting[at] for at in sorted(unread)]

    def _read(self, completion: Completion, question: _Question) -> float | None:
        if completion.missing is not None:
            return None
        # What a reply that was cut off ends with may be the beginning of a longer number.
        if completion.finish == "length" and _MAY_GO_ON.search(completion.text):
            return None
        scale = self.constitution.scale
        rating = read_rating(completion.text, scale, question.name, self.constitution.language)
        if rating is None:
            return None
        return unmirrored(rating, self._asked[question.place % self.wordings], scale)

    def _request(self, question: _Question, attempt: int) -> GenerateRequest:
        temperature = _RETRY_TEMPERATURE if attempt else 0.0
        params = SamplingParams(temperature, max_tokens=self.longest)
        seed = derive_seed(0, "rating-text", attempt)
        return GenerateRequest(question.messages, params, seed, "judge")


def _score(replies: Sequence[_RatedReply]) -> Score:
    """The mean over wordings; missing where one of them is, since wordings differ in level."""
    ratings = [reply.rating for reply in replies if reply.rating is not None]
    if len(ratings) == len(replies):
        return Score(fmean(ratings), uncertainty=stdev(ratings) if len(ratings) > 1 else None)
    unread = next(reply.completion for reply in replies if reply.rating is None)
    if unread.missing is not None:
        return Score(None, missing=f"the judge gave no answer: {unread.missing}")
    return Score(None, missing=f"no rating could be read from {_shortened(unread.text)!r}")


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) <= _SHOWN_CHARACTERS:
        return plain
    half = _SHOWN_CHARACTERS // 2
    return f"{plain[:half]} … {plain[-half:]}"
