"""Public data with human labels, read in place from ../shared/data."""

import gzip
import json
import sys
from collections.abc import Iterable, Iterator
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


def pku_pairs(most: int = 1) -> list[HumanPair]:
    """PKU-SafeRLHF: the safer answer first; so many pairs per prompt at the most."""
    rows = _rows("pku_saferlhf/pku_saferlhf_test_safe_unsafe_pairs.jsonl.gz")
    return _distinct((HumanPair(r["prompt"], r["safer"], r["less_safe"]) for r in rows), most)


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
    return _distinct(pairs)


def hh_helpful_turns() -> list[HumanPair]:
    """Like `hh_helpful_pairs`, of longer conversations too: the last question stands for all."""
    pairs = []
    for row in _rows("hh_rlhf/helpful_base_test.jsonl.gz"):
        asked, better = row["chosen"].rsplit("\n\nAssistant:", 1)
        asked_too, worse = row["rejected"].rsplit("\n\nAssistant:", 1)
        if asked == asked_too:
            question = asked.rsplit("\n\nHuman:", 1)[-1].strip()
            pairs.append(HumanPair(question, better.strip(), worse.strip()))
    return _distinct(pairs)


def truthful_pairs(most: int = 1) -> list[HumanPair]:
    """TruthfulQA: an answer that people found true before a false one.

    Args:
        most: So many pairs per question at the most, of different answers.
    """
    by_question: dict[str, dict[bool, list[str]]] = {}
    for row in _rows("truthfulqa/truthfulqa_truth_info_labels.jsonl.gz"):
        sides = by_question.setdefault(row["question"], {True: [], False: []})
        sides[bool(row["truthful"])].append(row["answer"].strip())
    pairs = (
        HumanPair(question, true, false)
        for question, sides in by_question.items()
        for true, false in zip(sides[True], sides[False], strict=False)
    )
    return _distinct(pairs, most)


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


def _distinct(pairs: Iterable[HumanPair], most: int = 1) -> list[HumanPair]:
    """The first pairs of every prompt, each once; empty sides left out.

    Args:
        pairs: In the order of their source.
        most: How many pairs of a prompt are kept.
    """
    found: dict[str, list[HumanPair]] = {}
    for pair in pairs:
        if pair.prompt.strip() and pair.better.strip() and pair.worse.strip():
            of_prompt = found.setdefault(pair.prompt, [])
            if len(of_prompt) < most and pair not in of_prompt:
                of_prompt.append(pair)
    return [pair for of_prompt in found.values() for pair in of_prompt]
