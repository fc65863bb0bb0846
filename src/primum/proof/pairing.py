"""Two files of answers, paired by prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from primum.errors import UserError
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.shortage import MOST_MISSING
from primum.messages import as_dicts
from primum.prompts.records import prompt_id
from primum.proof.files import AnsweredPrompts, AnsweredRow
from primum.report.drawing.text import one_line, plural
from primum.store.schemas import ANSWERS, JUDGEMENTS

BROUGHT = "file"
"""What the scores that files bring along are called among the judges."""


@dataclass(frozen=True)
class PairedAnswers:
    """The answers of two files to the prompts that stand in both.

    Attributes:
        answers: See `store.schemas.ANSWERS`. Where a file answers a prompt more than once, the
            first answer is that of `before` or `after`, and the further ones are those of
            `before#2` and so on.
        judgements: Scores that the files bring along, in the same form; empty where they bring
            none. See `averaged`.
        objectives: What they are on, in the order of the first row that has them.
        notes: What has to be known of the pairing, in sentences.
    """

    answers: pa.Table
    judgements: pa.Table
    objectives: tuple[str, ...]
    notes: tuple[str, ...]


def pair_answers(
    before: AnsweredPrompts, after: AnsweredPrompts, files: tuple[Path, Path]
) -> PairedAnswers:
    """Pairs the answers of two files by prompt, wherever in the files they stand.

    Prompts that differ in white space or Unicode form alone are one prompt.

    Args:
        before: The answers of the model that is compared with.
        after: Those of the other one.
        files: Where both come from, for sentences.

    Raises:
        UserError: If the files share no prompt, or so few that these may not stand for the rest,
            or scores stand in one of them alone.
    """
    shared = [gist for gist in before if gist in after]
    _check_shared(len(shared), before, after, files)
    rows, scores = [], []
    for gist in shared:
        # The id of one spelling, since the two files may spell it differently.
        messages = before[gist][0].messages
        prompt = prompt_id(messages)
        about = {
            "prompt_id": prompt,
            "messages": as_dicts(messages),
            "category": before[gist][0].category or after[gist][0].category,
        }
        for answerer, given in ((BEFORE, before[gist]), (AFTER, after[gist])):
            for number, row in enumerate(given, start=1):
                name = replicate(answerer, number)
                rows.append({**about, "answerer": name, **_answer(row)})
                scores += _brought(row, prompt, name)
    return PairedAnswers(
        answers=pa.Table.from_pylist(rows, schema=ANSWERS),
        judgements=pa.Table.from_pylist(scores, schema=JUDGEMENTS),
        objectives=_objectives(before, after, files),
        notes=(*_one_sided(len(shared), before, after, files), *_several(shared, before, after)),
    )


def replicate(answerer: str, number: int) -> str:
    """What the further answers of an answerer are called, the second one `before#2`."""
    return answerer if number == 1 else f"{answerer}#{number}"


def averaged(judgements: pa.Table) -> pa.Table:
    """Scores by prompt, where an answerer has given several answers to it.

    Args:
        judgements: See `store.schemas.JUDGEMENTS`.

    Returns:
        The same where every answer is the only one. Otherwise the score of `before` is the mean
        over its answers to the prompt, of those that have one; each answer's own is kept, that of
        the first under `before#1`.
    """
    groups: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for row in judgements.to_pylist():
        base = row["answerer"].partition("#")[0]
        key = row["prompt_id"], base, row["judge"], row["objective"]
        groups.setdefault(key, []).append(row)
    rows = []
    for (_, base, _, _), found in groups.items():
        if len(found) == 1:
            rows += found
            continue
        values = [row["value"] for row in found if row["value"] is not None]
        mean = sum(values) / len(values) if values else None
        rows.append({**found[0], "value": mean, "uncertainty": None})
        if values:
            rows[-1]["missing"] = None
        for row in found:
            own = f"{base}#1" if row["answerer"] == base else row["answerer"]
            rows.append({**row, "answerer": own})
    return pa.Table.from_pylist(rows, schema=JUDGEMENTS)


def _answer(row: AnsweredRow) -> dict[str, Any]:
    return {"text": row.text, "thought": row.thought, "finish": row.finish}


def _brought(row: AnsweredRow, prompt: str, answerer: str) -> list[dict[str, Any]]:
    """The scores that a row brings along.

    Args:
        row: The row.
        prompt: The prompt's id.
        answerer: Whose answer it is.
    """
    about = {"prompt_id": prompt, "answerer": answerer, "judge": BROUGHT}
    absent = "the file has no score here"
    return [
        {**about, "objective": name, "value": value, "missing": absent if value is None else None}
        for name, value in row.scores.items()
    ]


def _check_shared(
    shared: int, before: AnsweredPrompts, after: AnsweredPrompts, files: tuple[Path, Path]
) -> None:
    """Refuses files that share too few prompts: what was left out may be what was lost.

    Args:
        shared: How many prompts stand in both.
        before: The answers of one file.
        after: Those of the other.
        files: Their places.
    """
    total = len(before) + len(after) - shared
    if total - shared <= MOST_MISSING * total:
        return
    raise UserError(
        f"{plural(shared, 'prompt')} of {total} stand in both {files[0]} and {files[1]}, and the "
        f"rest may not stand for the whole (at most {MOST_MISSING:.0%} may be missing); have both "
        f"models answer the same prompts{_hint(before, after)}"
    )


def _hint(before: AnsweredPrompts, after: AnsweredPrompts) -> str:
    """Why prompts that seem the same may not be."""
    by_name = {row.name: gist for gist, rows in before.items() for row in rows if row.name}
    other = next(
        (
            row
            for gist, rows in after.items()
            for row in rows
            if row.name in by_name and by_name[row.name] != gist
        ),
        None,
    )
    if other is None:
        return ""
    return (
        f" ({other.place}: the id {one_line(str(other.name))!r} stands at another prompt in the "
        "first file; a chat template or a system prompt may have been written into one of them)"
    )


def _one_sided(
    shared: int, before: AnsweredPrompts, after: AnsweredPrompts, files: tuple[Path, Path]
) -> list[str]:
    alone = [
        f"{plural(len(found) - shared, 'prompt')} in {one_line(file.name)} alone"
        for found, file in zip((before, after), files, strict=True)
        if len(found) > shared
    ]
    return [f"{plural(shared, 'prompt')} in both files; left out: {', '.join(alone)}"] * bool(alone)


def _several(shared: Sequence[str], before: AnsweredPrompts, after: AnsweredPrompts) -> list[str]:
    several = sum(len(before[gist]) > 1 or len(after[gist]) > 1 for gist in shared)
    if not several:
        return []
    return [
        f"{plural(several, 'prompt')} with several answers: scores are averaged per prompt, and "
        "guards read the first answer"
    ]


def _objectives(
    before: AnsweredPrompts, after: AnsweredPrompts, files: tuple[Path, Path]
) -> tuple[str, ...]:
    """What the files bring scores on."""
    named = [
        tuple(dict.fromkeys(name for rows in found.values() for row in rows for name in row.scores))
        for found in (before, after)
    ]
    for here, there, at in ((0, 1, 0), (1, 0, 1)):
        lacking = [name for name in named[here] if name not in named[there]]
        if lacking:
            raise UserError(
                f"{files[at]} has scores on {one_line(lacking[0])!r}, and {files[1 - at]} has "
                "none; score both files by the same judge, or remove these scores"
            )
    return named[0]
