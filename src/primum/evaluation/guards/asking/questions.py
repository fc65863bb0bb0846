"""Questions with four answers of which one is right: MMLU, and files in its layout."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from primum.errors import UserError
from primum.prompts.files import file_rows
from primum.prompts.rows import Row

MMLU = "mmlu"
LETTERS = ("A", "B", "C", "D")
SUFFIXES = (".jsonl", ".jsonl.gz")
DATA_DIR = "PRIMUM_DATA_DIR"
"""Names the folder that holds copies of public data, so that nothing is downloaded."""

_HUB = "cais/mmlu"
"""MMLU (Hendrycks et al. 2021, arXiv 2009.03300) as its authors publish it; MIT licence."""
_LOCAL = (
    "mmlu/mmlu_test.jsonl.gz",
    "mmlu/mmlu_test.jsonl",
    "mmlu_test.jsonl.gz",
    "mmlu_test.jsonl",
)


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A question.

    Attributes:
        question_id: By its content: 16 hexadecimal digits of its SHA-256.
        subject: What it is about; empty where the file does not say.
        text: The question.
        options: The four answers.
        right: Index of the right one.
    """

    question_id: str
    subject: str
    text: str
    options: tuple[str, str, str, str]
    right: int


def is_questions(name: str) -> bool:
    """Whether a test of ability is MMLU or a file in its layout, rather than a task of lm-eval."""
    return name == MMLU or name.endswith(SUFFIXES)


def short_name(name: str) -> str:
    """What a test is called in figures: a file by its name without folders and suffixes."""
    return Path(name).name.split(".")[0] if name.endswith(SUFFIXES) else name


def questions_file(name: str) -> Path | None:
    """The file that holds a test's questions; None where the hub has them.

    Args:
        name: `mmlu`, or a file.

    Raises:
        UserError: If there is no such file.
    """
    if name != MMLU:
        if not Path(name).is_file():
            raise UserError(
                f"gate.guards.ability names the file {name!r}, which is not there; name a file of "
                "questions, mmlu, or a task of lm-eval"
            )
        return Path(name)
    if not (folder := os.environ.get(DATA_DIR)):
        return None
    found = next((path for file in _LOCAL if (path := Path(folder) / file).is_file()), None)
    if found is None:
        raise UserError(
            f"{folder} ({DATA_DIR}) has no {_LOCAL[0]} for gate.guards.ability=[mmlu]; put it "
            f"there, or unset {DATA_DIR} to load it from the hub"
        )
    return found


def load_questions(name: str, most: int | None) -> tuple[ChoiceQuestion, ...]:
    """The questions of a test, each once; where only some are wanted, those with the smallest ids.

    Ids are hashes, so that these are drawn from all over the test, however it is sorted.

    Args:
        name: `mmlu`, or a file: JSON lines with `question`, `A` to `D` and the letter `answer`,
            and where it is known `subject`.
        most: How many at most; None for all.

    Raises:
        UserError: If they cannot be loaded, or a row is wrong; the message names it.
    """
    file = questions_file(name)
    rows = file_rows(file) if file else _hub_rows()
    found = {}
    for row in rows:
        question = _question(row)
        found[question.question_id] = question
    if not found:
        raise UserError(f"{file or _HUB} holds no questions")
    return tuple(sorted(found.values(), key=lambda each: each.question_id)[:most])


def _hub_rows() -> Iterator[Row]:
    # Only here: it takes a second, and the network.
    from datasets import load_dataset

    try:
        data = load_dataset(_HUB, "all", split="test")
    except Exception as error:
        raise UserError(
            f"{_HUB} cannot be loaded from the hub ({type(error).__name__}); set {DATA_DIR} to a "
            f"folder that holds {_LOCAL[0]}, or name a file of questions in gate.guards.ability"
        ) from error
    for number, row in enumerate(data):
        options = dict(zip(LETTERS, row["choices"], strict=True))
        letter = LETTERS[row["answer"]]
        plain = {"subject": row["subject"], "question": row["question"], "answer": letter}
        yield Row(f"{_HUB}, row {number}", plain | options)


def _question(read: Row) -> ChoiceQuestion:
    row, wanted = read.values, ("question", *LETTERS)
    if not all(isinstance(row.get(name), str) for name in wanted):
        raise UserError(f"{read.place}: the row lacks one of the texts {', '.join(wanted)}")
    if row.get("answer") not in LETTERS:
        raise UserError(f"{read.place}: the row names no right answer: `answer` is A, B, C or D")
    texts = [str(row.get("subject") or ""), *(row[name] for name in wanted)]
    digest = hashlib.sha256(json.dumps(texts).encode("utf-8", "surrogatepass")).hexdigest()
    subject, text, *options = texts
    a, b, c, d = options
    return ChoiceQuestion(digest[:16], subject, text, (a, b, c, d), LETTERS.index(row["answer"]))
