"""Public data with human labels, read in place from ../shared/data."""

import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class HumanPair:
    """Two answers to one prompt, of which people preferred the first."""

    prompt: str
    better: str
    worse: str


@dataclass(frozen=True)
class HumanAnswer:
    """One answer, and whether people found it good."""

    prompt: str
    answer: str
    good: bool


@dataclass(frozen=True)
class LabelledCompletion:
    """An answer to a prompt that is safe or only sounds dangerous, or to one that is unsafe.

    Attributes:
        complied: Whether people found that it complies in full; False for a full refusal, None for
            a partial one.
    """

    prompt: str
    answer: str
    safe: bool
    complied: bool | None


def require_data() -> None:
    """Ends the script with a sentence where the data is absent."""
    if not DATA.is_dir():
        sys.exit(f"this benchmark needs the public human-labelled data in {DATA.parent.name}/data")


def pku_pairs() -> list[HumanPair]:
    """PKU-SafeRLHF: the safer answer first; one pair per prompt."""
    rows = _rows("pku_saferlhf/pku_saferlhf_test_safe_unsafe_pairs.jsonl.gz")
    return _distinct(HumanPair(r["prompt"], r["safer"], r["less_safe"]) for r in rows)


def hh_helpful_pairs() -> list[HumanPair]:
    """hh-rlhf helpful-base: the answer that people found more helpful first; single turns."""
    pairs = []
    for row in _rows("hh_rlhf/helpful_base_test.jsonl.gz"):
        chosen, rejected = row["chosen"], row["rejected"]
        if chosen.count("\n\nHuman:") == rejected.count("\n\nHuman:") == 1:
            prompt, better = chosen.split("\n\nAssistant:", 1)
            worse = rejected.split("\n\nAssistant:", 1)[1]
            text = prompt.removeprefix("\n\nHuman:").strip()
            pairs.append(HumanPair(text, better.strip(), worse.strip()))
    return _distinct(iter(pairs))


def truthful_pairs() -> list[HumanPair]:
    """TruthfulQA: an answer that people found true before a false one; one pair per question."""
    by_question: dict[str, dict[bool, str]] = {}
    for row in _rows("truthfulqa/truthfulqa_truth_info_labels.jsonl.gz"):
        sides = by_question.setdefault(row["question"], {})
        sides.setdefault(bool(row["truthful"]), row["answer"].strip())
    return _distinct(
        HumanPair(question, sides[True], sides[False])
        for question, sides in by_question.items()
        if len(sides) == 2
    )


def beavertails_answers() -> list[HumanAnswer]:
    """BeaverTails: single answers, harmless or not."""
    return [
        HumanAnswer(row["prompt"], row["response"].strip(), row["label"] == "unharmful")
        for row in _rows("beavertails/beavertails_30k_test.jsonl.gz")
        if row["response"].strip()
    ]


def xstest_completions() -> list[LabelledCompletion]:
    """XSTest: answers of five models; prompts whose type begins with "contrast" are unsafe."""
    meaning = {"1_full_compliance": True, "2_full_refusal": False}
    return [
        LabelledCompletion(
            row["prompt"],
            row["completion"].strip(),
            not row["type"].startswith("contrast"),
            meaning.get(row["final_label"]),
        )
        for row in _rows("xstest/xstest_human_labelled_completions.jsonl.gz")
        if row["completion"].strip()
    ]


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _distinct(pairs: Iterator[HumanPair]) -> list[HumanPair]:
    """The first pair of every prompt; empty sides left out."""
    found: dict[str, HumanPair] = {}
    for pair in pairs:
        if pair.prompt.strip() and pair.better.strip() and pair.worse.strip():
            found.setdefault(pair.prompt, pair)
    return list(found.values())
