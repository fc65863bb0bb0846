"""What MT-Bench is made of: its questions, its references, and the prompts of its judge.

All of it is read from the files that FastChat publishes; this library holds none of their texts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.errors import UserError
from primum.prompts.files import file_rows
from primum.prompts.named import DATASETS, Upstream, data_folder, local_files, upstream_rows
from primum.prompts.named.known import FASTCHAT
from primum.prompts.rows import Row

WITH_REFERENCE = ("math", "reasoning", "coding")
"""Categories whose judge sees a reference answer (FastChat, llm_judge/common.py)."""

JUDGE_PROMPTS = {
    (False, 1): "single-v1",
    (False, 2): "single-v1-multi-turn",
    (True, 1): "single-math-v1",
    (True, 2): "single-math-v1-multi-turn",
}
"""The published prompt for a question with a reference or without, and for a turn."""

_SET = DATASETS["mt-bench"]
_TURNS = 2
_PROMPTS = (
    ("fastchat/llm_judge/data/judge_prompts.jsonl", "judge_prompts.jsonl", "*judge_prompts.jsonl"),
    Upstream("json", data_files=f"{FASTCHAT}/judge_prompts.jsonl"),
)
_REFERENCES = (
    (
        "fastchat/llm_judge/data/mt_bench/reference_answer/gpt-4.jsonl",
        "mt_bench/reference_answer/gpt-4.jsonl",
        "reference_answer/gpt-4.jsonl",
        "gpt-4.jsonl",
        "mt_bench_reference_gpt4.jsonl",
    ),
    Upstream("json", data_files=f"{FASTCHAT}/mt_bench/reference_answer/gpt-4.jsonl"),
)


@dataclass(frozen=True, slots=True)
class MtQuestion:
    """A question of two turns.

    Attributes:
        question_id: The authors' number, as text.
        category: One of eight.
        turns: What the user says first, and after the first answer.
        references: Right answers to both turns, for categories that are judged by them; else None.
    """

    question_id: str
    category: str
    turns: tuple[str, str]
    references: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """A prompt for the judge: the text of its system message, and that of the user's turn.

    The second has places such as `{question}`.
    """

    system: str
    template: str


@dataclass(frozen=True, slots=True)
class MtBench:
    """The benchmark as published.

    Attributes:
        questions: In the order of their file.
        prompts: The four prompts of `JUDGE_PROMPTS`, by name.
        note: Where the questions came from, and their licence.
    """

    questions: tuple[MtQuestion, ...]
    prompts: Mapping[str, JudgePrompt]
    note: str


def load_mt_bench(data_dir: Path | None = None) -> MtBench:
    """Reads MT-Bench.

    Args:
        data_dir: A folder of copies, with FastChat's own files or clone; None for the one that
            PRIMUM_DATA_DIR names, and for FastChat's repository where that is not set.

    Raises:
        UserError: If a file is not there or cannot be loaded, or a row is not what the benchmark's
            code expects; the message says which and what to do.
    """
    folder = data_folder(data_dir)
    prompts = _prompts(_rows(folder, *_PROMPTS))
    references = _references(_rows(folder, *_REFERENCES))
    rows = list(_rows(folder, _SET.files, _SET.upstream))
    questions = tuple(_question(row, references) for row in rows)
    if not questions:
        raise UserError(f"mt-bench: there are no questions; take the file that {_SET.page} has")
    _check_ids(questions)
    return MtBench(questions, prompts, f"mt-bench: {len(rows)} questions; licence: {_SET.licence}")


def _rows(folder: Path | None, patterns: Sequence[str], upstream: Upstream) -> Iterable[Row]:
    """Rows of one of its files.

    Args:
        folder: Where copies lie; None to download.
        patterns: How the file is called in a copy.
        upstream: Where it is published.
    """
    if folder is None:
        return upstream_rows(_SET, upstream)
    files = local_files(_SET, folder, patterns, upstream)
    return (row for file in files for row in file_rows(file))


def _prompts(rows: Iterable[Row]) -> Mapping[str, JudgePrompt]:
    found = {
        row.values.get("name"): JudgePrompt(
            _text(row, "system_prompt"), _text(row, "prompt_template")
        )
        for row in rows
    }
    lacking = [name for name in JUDGE_PROMPTS.values() if name not in found]
    if lacking:
        raise UserError(
            f"mt-bench: the judge's prompts lack {', '.join(lacking)}; take judge_prompts.jsonl "
            f"from {_SET.page}"
        )
    return {name: found[name] for name in JUDGE_PROMPTS.values()}


def _references(rows: Iterable[Row]) -> Mapping[str, tuple[str, str]]:
    found = {}
    for row in rows:
        choices = row.values.get("choices")
        first = choices[0] if isinstance(choices, list | tuple) and choices else None
        turns = first.get("turns") if isinstance(first, Mapping) else None
        found[_id(row)] = _two(turns, row, "choices[0].turns")
    return found


def _question(row: Row, references: Mapping[str, tuple[str, str]]) -> MtQuestion:
    name, category = _id(row), _text(row, "category")
    turns = _two(row.values.get("turns"), row, "turns")
    if category not in WITH_REFERENCE:
        return MtQuestion(name, category, turns, None)
    if name not in references:
        raise UserError(
            f"{row.place}: mt-bench judges {category} by a reference, and the file of references "
            f"has none for question {name}; take reference_answer/gpt-4.jsonl from {_SET.page}"
        )
    return MtQuestion(name, category, turns, references[name])


def _id(row: Row) -> str:
    value = row.values.get("question_id")
    if value is None or isinstance(value, list | tuple | Mapping):
        raise UserError(f"{row.place}: the row has no question_id; take the file of {_SET.page}")
    return str(value)


def _text(row: Row, key: str) -> str:
    value = row.values.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"{row.place}: {key} should be text; take the file of {_SET.page}")
    return value


def _two(value: object, row: Row, key: str) -> tuple[str, str]:
    if (
        isinstance(value, list | tuple)
        and len(value) >= _TURNS
        and all(isinstance(turn, str) for turn in value[:_TURNS])
    ):
        return value[0], value[1]
    raise UserError(f"{row.place}: {key} should be two texts; take the file of {_SET.page}")


def _check_ids(questions: Sequence[MtQuestion]) -> None:
    seen: set[str] = set()
    for question in questions:
        if question.question_id in seen:
            raise UserError(
                f"mt-bench: question {question.question_id} stands there twice; name one copy"
            )
        seen.add(question.question_id)
