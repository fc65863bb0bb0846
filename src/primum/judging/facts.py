"""Who judges, and how far to trust it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from primum.judging.base import Judge

JudgeRole = Literal["teacher", "examiner", "people"]


@dataclass(frozen=True, slots=True)
class JudgeFacts:
    """Who judged, and how far to trust it.

    Attributes:
        name: What it is called in the table of judgements.
        role: A teacher made the pairs, and decides nothing; an examiner did not; people marked.
        description: Who it is, in words.
        shares: What it shares with the teacher, in words; None where nothing is known to be shared.
        trust: Per objective, how far to trust it, in words with figures; empty where unknown.
    """

    name: str
    role: JudgeRole
    description: str
    shares: str | None = None
    trust: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examiner:
    """A judge that did not make the pairs.

    Attributes:
        judge: Scores answers.
        facts: Who it is.
    """

    judge: Judge
    facts: JudgeFacts
