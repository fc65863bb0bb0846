"""`primum mark add`: the marks of filled sheets, as exemplars of a constitution."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.constitution import EqualPair, Finding, Objective, check_constitution, load_constitution
from primum.errors import UserError
from primum.marking.constitution_file import exemplar_file, name_exemplar_file, target_of
from primum.marking.draw import objective_of
from primum.marking.exemplars import exemplars_of, json_lines, merge, read_exemplars
from primum.marking.joining import ANSWER, MarkerAgreement, join_marks
from primum.marking.questions import MARKS, QUESTIONS, check_marks
from primum.sheets.items import FilledRow
from primum.sheets.reading import read_sheet
from primum.store.files import write_text


@dataclass(frozen=True)
class Added:
    """What marks have added to a constitution.

    Attributes:
        constitution: Its file.
        exemplars: The file that the exemplars went into.
        objective: Of which objective.
        sheets: How many sheets were read.
        marks: Of all answers, after joining, how many have which mark; empty for none.
        equal: How many equal pairs were added.
        answers: How many marked answers were added.
        categories: What was added, by category; an empty one is not known.
        known: Exemplars that the constitution has already.
        revised: Exemplars of earlier marks that were taken out, since the new marks differ.
        disputed: Marks on which people differ, and which count as `cannot say`.
        agreements: Of every two people.
        findings: What `constitution check` says of the objective now.
    """

    constitution: Path
    exemplars: Path
    objective: str
    sheets: int
    marks: Mapping[str, int]
    equal: int
    answers: int
    categories: Mapping[str, int]
    known: int
    revised: int
    disputed: int
    agreements: tuple[MarkerAgreement, ...]
    findings: tuple[Finding, ...]


def add_marks(
    sheets: Sequence[str | Path],
    *,
    constitution: str | Path,
    out: str | Path | None = None,
) -> Added:
    """Writes marks into a constitution's folder, and names their file in its YAML.

    Nothing is written before all marks are checked. Marks that were added before stay, unless the
    new ones differ from them.

    Args:
        sheets: Filled sheets (.csv, or the page's .json), one of each person.
        constitution: A file; or a built-in name, which is copied first.
        out: The file that a built-in constitution is copied to, with its exemplars.

    Raises:
        UserError: If a sheet or a mark in it is wrong, the sheets are not about one objective of
            the constitution, nothing is marked, or the YAML is laid out so that no line can be
            added to it: the exemplars are written all the same, and the message says what to add.
    """
    rows = _read(sheets)
    target = target_of(constitution, out)
    goals = load_constitution(constitution)
    objective = objective_of(goals, _objective_of_rows(rows))
    joined = join_marks(rows)
    made = exemplars_of(joined)
    if not made:
        raise UserError(
            f"no mark in {', '.join(rows)} says anything: mark some answers "
            f"({', '.join(MARKS)}), and name the sheet again"
        )
    file = exemplar_file(target, objective.name)
    own = read_exemplars(file)
    before = set(own)
    others = [one for one in objective.exemplars if one not in before]
    merged = merge(made, joined, own, others)
    target.copy()
    if merged.exemplars:
        write_text(file, json_lines(merged.exemplars))
        name_exemplar_file(target, objective.name, file)
    of_answers = Counter(mark for subject, mark in joined.marks.items() if len(subject) == ANSWER)
    every = {(item.prompt, answer) for item in joined.items for answer in item.answers}
    equal = sum(isinstance(one, EqualPair) for one in merged.added)
    return Added(
        constitution=target.file,
        exemplars=file,
        objective=objective.name,
        sheets=len(rows),
        marks={**of_answers, "": len(every) - of_answers.total()},
        equal=equal,
        answers=len(merged.added) - equal,
        categories=Counter(one.category or one.topic or "" for one in merged.added),
        known=merged.known,
        revised=merged.revised,
        disputed=joined.disputed,
        agreements=joined.agreements,
        findings=_findings(target.file, objective),
    )


def _read(sheets: Sequence[str | Path]) -> dict[str, tuple[FilledRow, ...]]:
    """The rows of every sheet by its name, each row free of contradictions."""
    found: dict[str, tuple[FilledRow, ...]] = {}
    for sheet in sheets:
        if any(Path(sheet).resolve() == Path(other).resolve() for other in found):
            raise UserError(f"{sheet} is named twice; name every sheet once")
        found[str(sheet)] = read_sheet(Path(sheet), QUESTIONS)
        for row in found[str(sheet)]:
            check_marks(row)
    return found


def _objective_of_rows(sheets: Mapping[str, Sequence[FilledRow]]) -> str:
    """The one objective that all sheets are about."""
    rows = [row for rows in sheets.values() for row in rows]
    first = rows[0]
    for row in rows:
        if row.item.objective != first.item.objective:
            raise UserError(
                f"{row.place} is about the objective {row.item.objective!r}, and {first.place} "
                f"about {first.item.objective!r}; add the sheets of one objective at a time"
            )
    return first.item.objective


def _findings(file: Path, objective: Objective) -> tuple[Finding, ...]:
    found = check_constitution(load_constitution(file))
    return tuple(finding for finding in found if finding.objective == objective.name)
