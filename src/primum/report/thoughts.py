"""Scores of thoughts, beside those of the answers that followed them."""

from dataclasses import dataclass
from statistics import fmean

from primum.report.data import RunData
from primum.report.drawing.text import count, number, one_line

NAME = "thought_scores"


@dataclass(frozen=True, slots=True)
class ThoughtScores:
    """One objective's scores over the responses whose thought and answer both have one.

    Attributes:
        objective: Its name.
        thought: Mean score of the thoughts.
        answer: Mean score of their answers.
        n: How many.
        missing: How many others were scored, of which one of the two scores could not be read.
    """

    objective: str
    thought: str
    answer: str
    n: str
    missing: str


def thought_scores(data: RunData) -> tuple[ThoughtScores, ...]:
    """A row per objective; none where no thought was scored."""
    rows = data.tables[NAME].to_pylist()
    answers = _values(data.tables["scores"].to_pylist()) if rows else {}
    found = []
    for objective in data.objectives:
        own = [row for row in rows if row["objective"] == objective]
        pairs = [
            (row["value"], answers[row["response_id"], objective])
            for row in own
            if row["value"] is not None and (row["response_id"], objective) in answers
        ]
        if own:
            thought, answer = (
                number(fmean(pair[side] for pair in pairs)) if pairs else "–" for side in range(2)
            )
            missing = count(len(own) - len(pairs))
            found.append(
                ThoughtScores(one_line(objective), thought, answer, count(len(pairs)), missing)
            )
    return tuple(found)


def _values(rows: list[dict[str, object]]) -> dict[tuple[str, str], float]:
    return {
        (str(row["response_id"]), str(row["objective"])): float(row["value"])  # type: ignore[arg-type]
        for row in rows
        if row["value"] is not None
    }
