"""What `primum mark` says in a terminal."""

from collections.abc import Mapping

from primum.marking.add import Added
from primum.marking.draw import PAGE, SHEET, Drawn
from primum.marking.joining import MarkerAgreement
from primum.marking.questions import CANNOT_SAY, DOES_NOT, MEETS
from primum.report.drawing.text import number, one_line, plural

_UNKNOWN = "no category"


def drawn_summary(drawn: Drawn) -> str:
    """What was drawn, and what to do with it."""
    before = drawn.rows - drawn.added
    new = f" ({drawn.added} of them new)" if before else ""
    lines = [
        f"{plural(drawn.answers, 'answer')} to {plural(drawn.rows, 'prompt')}{new} to be marked: "
        f"{drawn.objective}",
        f"By category: {_counts(drawn.categories)}",
    ]
    left_out = (
        (drawn.conversations, "is a conversation, and an exemplar holds one text of the user"),
        (drawn.too_long, "leaves no room for an answer"),
        (drawn.unanswered, "got no answer"),
    )
    lines += [f"Left out: {plural(count, 'prompt')}: {why}" for count, why in left_out if count]
    if drawn.marked:
        lines.append(f"{plural(drawn.marked, 'row')} had marks already, and keeps them")
    lines += [
        f"Mark them on the page {drawn.folder / PAGE}, or in {drawn.folder / SHEET}; then give the",
        "file that the page saves, or the sheet, to `primum mark add`",
    ]
    return "\n".join(lines)


def added_summary(added: Added) -> str:
    """What was added, and what is to be looked at."""
    marks = {word: added.marks.get(word, 0) for word in (MEETS, DOES_NOT, CANNOT_SAY)}
    lines = [
        f"{plural(added.sheets, 'sheet')}: "
        + ", ".join(f"{count} {word}" for word, count in marks.items())
        + f", {added.marks.get('', 0)} without a mark",
        *map(_agreement, added.agreements),
    ]
    if added.disputed:
        lines.append(f"People differ on {plural(added.disputed, 'mark')}, taken as {CANNOT_SAY!r}")
    lines.append(
        f"Added to {added.objective}: {plural(added.answers, 'marked answer')} and "
        f"{plural(added.equal, 'equal pair')}"
    )
    if added.categories:
        lines.append(f"By category: {_counts(added.categories)}")
    if added.known:
        lines.append(f"{plural(added.known, 'exemplar')} there already")
    if added.revised:
        lines.append(f"{plural(added.revised, 'earlier exemplar')} taken out: marked otherwise now")
    for finding in added.findings:
        lines.append(f"{finding.severity}: {finding.objective}: {one_line(finding.message)}")
    lines.append(f"Written: {added.exemplars}, which {added.constitution} names")
    return "\n".join(lines)


def _agreement(found: MarkerAgreement) -> str:
    pair = f"{found.first} and {found.second}"
    if found.share is None:
        return f"{pair} have no marked answer in common"
    return (
        f"{pair} agree on {found.share:.0%} of {plural(found.marks, 'answer')}, Cohen's κ "
        f"{number(found.kappa)}"
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{one_line(name) or _UNKNOWN} {count}" for name, count in sorted(counts.items())
    )
