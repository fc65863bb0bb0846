"""Who judged, as a report shows it: teacher, examiners and people, each with its trust."""

from collections.abc import Mapping
from dataclasses import dataclass

from primum.evaluation.gate_result import GateResult
from primum.evaluation.hashes import MADE_BY
from primum.judging.facts import JudgeFacts, JudgeRole
from primum.report.drawing.text import one_line

_ORDER: tuple[JudgeRole, ...] = ("people", "examiner", "teacher")
_ROLES: Mapping[JudgeRole, str] = {
    "people": "marked by people",
    "examiner": "did not make the pairs",
    "teacher": "made the pairs, and decides nothing",
}
_ROLES_UNTRAINED: Mapping[JudgeRole, str] = {
    "people": "marked by people",
    "examiner": "took no part in the answers",
    "teacher": "the recipe's own judge, and decides nothing",
}
"""Where nothing was trained, no pair was made."""
_UNKNOWN_TRUST = "How far to trust it was not measured."


@dataclass(frozen=True, slots=True)
class JudgeText:
    """A judge in words.

    Attributes:
        name: What it is called in the tables.
        role: `teacher`, `examiner` or `people`.
        told: What the role means.
        description: Who it is.
        shares: What it shares with the teacher; empty for the teacher itself, and for people.
        trust: Per objective, how far to trust it; without an objective where it was not measured.
    """

    name: str
    role: str
    told: str
    description: str
    shares: str
    trust: tuple[tuple[str, str], ...]


def judge_texts(gate: GateResult) -> tuple[JudgeText, ...]:
    """All who judged: people first, then examiners, then the teacher."""
    ordered = sorted(gate.judges, key=lambda judge: _ORDER.index(judge.role))
    roles = _ROLES_UNTRAINED if MADE_BY in gate.evidence else _ROLES
    return tuple(_text(judge, roles[judge.role]) for judge in ordered)


def _text(judge: JudgeFacts, told: str) -> JudgeText:
    trust = tuple((one_line(name), one_line(said)) for name, said in judge.trust.items())
    return JudgeText(
        name=one_line(judge.name),
        role=judge.role,
        told=told,
        description=one_line(judge.description),
        shares=_shares(judge),
        trust=trust or (() if judge.role == "people" else (("", _UNKNOWN_TRUST),)),
    )


def _shares(judge: JudgeFacts) -> str:
    if judge.role == "teacher" or (judge.role == "people" and judge.shares is None):
        return ""
    if judge.shares is None:
        return "It shares nothing with the teacher that is known."
    return f"It shares with the teacher: {one_line(judge.shares).rstrip('.')}."
