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
from primum.sheets.items import SheetItem

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

    Every answer with a mark becomes a marked answer, and two answers that are equal an equal pair
    beside them: a judge learns where the threshold lies from answers marked by themselves, and from
    the pair that the two do not differ. What nobody can say is left out.
    """
    found = (one for item in joined.items for one in _of_row(item, marks_in(item, joined.marks)))
    return tuple(dict.fromkeys(found))


def _of_row(item: SheetItem, marks: Mapping[str, str]) -> Iterable[MarkedExemplar]:
    about = {"prompt": item.prompt, "category": item.category or None, "topic": item.topic or None}
    said = [_MEETS.get(marks.get(name)) for name in MARKS]
    if marks.get(PAIR) == EQUAL and set(said) != {True, False}:
        yield _checked(EqualPair, {**about, "equal": list(item.answers)}, item)
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
    kept = [one for one in own if not _contradicts(one, joined.marks)]
    known = {_said(one) for one in (*kept, *others) if not isinstance(one, Contrast)}
    added = tuple(one for one in made if _said(one) not in known)
    return Merged((*kept, *added), added, len(made) - len(added), len(own) - len(kept))


def _said(exemplar: MarkedExemplar) -> tuple[About, str]:
    """What an exemplar is about, and how that is marked."""
    if isinstance(exemplar, MarkedAnswer):
        return (exemplar.prompt, exemplar.answer), _WORDS[exemplar.meets]
    return (exemplar.prompt, *sorted(exemplar.equal)), EQUAL


def _contradicts(exemplar: MarkedExemplar, marks: Mapping[About, str]) -> bool:
    """Whether marks say something else, also of the sides of a pair that somebody has marked."""
    claims = dict([_said(exemplar)])
    if isinstance(exemplar, EqualPair) and exemplar.meets is not None:
        claims |= {(exemplar.prompt, text): _WORDS[exemplar.meets] for text in exemplar.equal}
    return any(marks.get(subject, word) != word for subject, word in claims.items())


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
