"""Joined marks as exemplars, beside those that a constitution has."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from primum.constitution import Contrast, EqualPair, Exemplar, MarkedAnswer
from primum.documents import Document, parse_json_lines, read_text, validated
from primum.marking.joining import About, Joined, marks_in
from primum.marking.questions import DOES_NOT, EQUAL, MARKS, MEETS, PAIR
from primum.marking.sheet.items import SheetItem

MarkedExemplar = MarkedAnswer | EqualPair
"""What marks become."""

_Kind = TypeVar("_Kind", MarkedAnswer, EqualPair)

_MEETS: Mapping[str | None, bool] = {MEETS: True, DOES_NOT: False}
_WORDS = {True: MEETS, False: DOES_NOT}


@dataclass(frozen=True)
class Merged:
    """The exemplars of a file of marks, after new ones came to it.

    Attributes:
        exemplars: All of them, those that stay first.
        added: How many are new.
        known: How many of the marks' exemplars say nothing that was not said already.
        revised: How many were taken out, since the new marks say something else.
    """

    exemplars: tuple[MarkedExemplar, ...]
    added: tuple[MarkedExemplar, ...]
    known: int
    revised: int


def exemplars_of(joined: Joined) -> tuple[MarkedExemplar, ...]:
    """What marks say that can be used.

    Two answers that are equal become an equal pair, which says of both whether they meet the
    threshold where both marks say the same; every other answer with a mark becomes a marked answer.
    What nobody can say is left out.
    """
    found = (one for item in joined.items for one in _of_row(item, marks_in(item, joined.marks)))
    return tuple(dict.fromkeys(found))


def _of_row(item: SheetItem, marks: Mapping[str, str]) -> Iterable[MarkedExemplar]:
    about = {"prompt": item.prompt, "category": item.category or None, "topic": item.topic or None}
    said = [_MEETS.get(marks.get(name)) for name in MARKS]
    if marks.get(PAIR) == EQUAL and set(said) != {True, False}:
        both = said[0] if said[0] == said[1] else None
        yield _checked(EqualPair, {**about, "equal": list(item.answers), "meets": both}, item)
        if both is not None:
            return
    for answer, meets in zip(item.answers, said, strict=False):
        if meets is not None:
            yield _checked(MarkedAnswer, {**about, "answer": answer, "meets": meets}, item)


def _checked(kind: type[_Kind], data: dict[str, Any], item: SheetItem) -> _Kind:
    """An exemplar, or a sentence where a sheet that is none of ours holds what no exemplar can.

    Args:
        kind: Of exemplar.
        data: What it holds.
        item: The row.
    """
    return validated(kind, Document(f"the row {item.item_id} of the sheet", data, {}))


def claims(exemplar: Exemplar) -> dict[About, str]:
    """What an exemplar says, as marks would."""
    match exemplar:
        case MarkedAnswer(prompt=prompt, answer=answer, meets=meets):
            return _claims(prompt, {answer: meets})
        case EqualPair(prompt=prompt, equal=texts, meets=both):
            pair = {(prompt, *sorted(texts)): EQUAL}
            return {**pair, **_claims(prompt, dict.fromkeys(texts, both))}
        case Contrast(prompt=prompt):
            sides = {
                exemplar.better: exemplar.better_meets,
                exemplar.worse: exemplar.worse_meets,
            }
            return _claims(prompt, sides)


def _claims(prompt: str, said: Mapping[str, bool | None]) -> dict[About, str]:
    """What is said of single answers.

    Args:
        prompt: What they answer.
        said: By answer, whether it meets the threshold; None where nothing is said.
    """
    return {(prompt, text): _WORDS[meets] for text, meets in said.items() if meets is not None}


def merge(
    made: Sequence[MarkedExemplar],
    joined: Joined,
    own: Sequence[MarkedExemplar],
    others: Iterable[Exemplar],
) -> Merged:
    """Lays new exemplars beside those that earlier marks made.

    Args:
        made: The new ones.
        joined: The marks that they were made of; what these say goes over what was said before.
        own: Those of the file that they go into.
        others: The objective's exemplars elsewhere; what these say need not be said again.
    """
    new, new_claims = set(made), _all_claims(made)
    consistent = [one for one in own if not _contradicts(one, joined.marks)]
    # What a new pair says as well need not be said by a single answer any more.
    kept = [one for one in consistent if one in new or not _within(one, new_claims)]
    said = _all_claims((*kept, *others))
    added = tuple(one for one in made if not _within(one, said))
    return Merged((*kept, *added), added, len(made) - len(added), len(own) - len(consistent))


def _all_claims(exemplars: Iterable[Exemplar]) -> dict[About, str]:
    return {subject: word for one in exemplars for subject, word in claims(one).items()}


def _within(exemplar: Exemplar, said: Mapping[About, str]) -> bool:
    return all(said.get(subject) == word for subject, word in claims(exemplar).items())


def _contradicts(exemplar: Exemplar, marks: Mapping[About, str]) -> bool:
    return any(marks.get(subject, word) != word for subject, word in claims(exemplar).items())


def read_exemplars(path: Path) -> tuple[MarkedExemplar, ...]:
    """The exemplars of a file that marks were written into before; none where there is no file.

    Raises:
        UserError: If something in it is no marked answer and no equal pair.
    """
    if not path.exists():
        return ()
    found: list[MarkedExemplar] = []
    for line, row in parse_json_lines(read_text(path), str(path)):
        document = Document(f"{path}, line {line}", row, {})
        if isinstance(row, dict) and "equal" in row:
            found.append(validated(EqualPair, document))
        else:
            found.append(validated(MarkedAnswer, document))
    return tuple(found)


def json_lines(exemplars: Iterable[MarkedExemplar]) -> str:
    """The exemplars as a JSONL file holds them; what is not said is left out."""
    rows = (one.model_dump(mode="json", exclude_none=True) for one in exemplars)
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
