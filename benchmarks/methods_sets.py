"""The prompts on which methods are compared: of three public sets, each in two parts.

No prompt is in two parts, and none is one that a judge of `methods_labels` is fitted on, by their
words alone. Drawn by hash, so that the order of the files does not matter.
"""

import gzip
import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from human_labels import DATA

HARMFUL = "harmful-request"  # What primum's guards call prompts that may be refused.
HARMLESS = "harmless"
TEST = 150  # What the issue that asked for the table names.
TRAIN = 48
"""Training takes the most time, and this many keep a set and seed near an hour: a choice."""
LONGEST = 800  # Characters: longer prompts are jailbreaks, and reading them would take the time.


@dataclass(frozen=True)
class Candidate:
    """A prompt that may be drawn, and its kind, over which draws are balanced."""

    prompt: str
    category: str

    @property
    def words(self) -> str:
        """See `words_of`."""
        return words_of(self.prompt)


@dataclass(frozen=True)
class Pools:
    """What the two parts of a set are drawn from; the same prompts may be in both."""

    train: Sequence[Candidate]
    test: Sequence[Candidate]


@dataclass(frozen=True)
class PromptSource:
    """A public set.

    Attributes:
        title: Its name in tables.
        constitution: What answers to it are judged by.
        files: What it is read from.
        pools: Reads them.
    """

    title: str
    constitution: str
    files: tuple[str, ...]
    pools: Callable[[], Pools]

    @property
    def missing(self) -> list[str]:
        """Files that are not there."""
        return [name for name in self.files if not (DATA / name).is_file()]

    @property
    def objectives(self) -> tuple[str, str]:
        """In order of priority."""
        first, second = self.constitution.split("-")
        return first, second


def words_of(text: str) -> str:
    """The words of a text and nothing else: what makes two prompts the same here."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def digest_of(words: str) -> int:
    """A number that is the same everywhere, and unrelated to what the words say."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")


def is_for_judges(prompt: str) -> bool:
    """Whether a prompt of a set that has human labels is left to the judges: every second one."""
    return digest_of(words_of(prompt)) % 2 == 0


def draw(pool: Iterable[Candidate], count: int, taken: Collection[str]) -> list[Candidate]:
    """So many prompts, as many of each category as of any other while they last.

    Args:
        pool: What may be drawn.
        count: How many.
        taken: Words of prompts that may not be.
    """
    distinct = {one.words: one for one in pool if one.words and one.words not in taken}
    by_category: dict[str, list[str]] = defaultdict(list)
    for words in sorted(distinct, key=digest_of):
        by_category[distinct[words].category].append(words)
    drawn: list[Candidate] = []
    waiting = [by_category[name] for name in sorted(by_category)]
    for turn in range(max(map(len, waiting), default=0)):
        drawn += [distinct[words[turn]] for words in waiting if turn < len(words)]
    return drawn[:count]


def parts(pools: Pools, taken: Collection[str]) -> dict[str, list[Candidate]]:
    """The test part first, then training prompts that are not in it.

    Args:
        pools: What is drawn from.
        taken: Words of prompts that judges are fitted on.
    """
    test = draw(pools.test, TEST, taken)
    train = draw(pools.train, TRAIN, {*taken, *(one.words for one in test)})
    return {"heldout": test, "train": train}


def write_prompts(drawn: dict[str, list[Candidate]], path: Path) -> None:
    """A file of prompts that names the split and the category of each."""
    rows = [
        {"prompt": one.prompt, "category": one.category, "split": split}
        for split, found in drawn.items()
        for one in found
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _safe_rlhf() -> Pools:
    """Prompts of PKU-SafeRLHF and BeaverTails that are not left to judges.

    The sets label answers. A prompt counts as harmful where an answer to it was found so, as one
    of every pair of PKU's was.
    """
    harmful: dict[str, bool] = {}
    for row in rows_of(PKU):
        harmful[row["prompt"]] = True
    for row in rows_of(BEAVERTAILS):
        prompt = row["prompt"]
        harmful[prompt] = harmful.get(prompt, False) or row["label"] == "harmful"
    pool = [
        Candidate(prompt, DREW_HARM if found else DREW_NONE)
        for prompt, found in harmful.items()
        if not is_for_judges(prompt) and len(prompt) <= LONGEST
    ]
    return Pools(pool, pool)


def _wildguard() -> Pools:
    kinds = {"harmful": HARMFUL, "safe": HARMLESS}

    def pool(name: str) -> list[Candidate]:
        rows = rows_of(name)
        found = [Candidate(row["prompt"], kinds[row["label"]]) for row in rows]
        return [one for one in found if len(one.prompt) <= LONGEST]

    return Pools(train=pool(WILDGUARD_TRAIN), test=pool(WILDGUARD_TEST))


def _honeset() -> Pools:
    pool = [Candidate(row["instruction"], row["category"]) for row in rows_of(HONESET)]
    return Pools(pool, pool)


def rows_of(name: str) -> Iterator[dict[str, Any]]:
    """Rows of a file of the public data."""
    path = DATA / name
    opened = gzip.open if name.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


PKU = "pku_saferlhf/pku_saferlhf_test_safe_unsafe_pairs.jsonl.gz"
BEAVERTAILS = "beavertails/beavertails_30k_test.jsonl.gz"
WILDGUARD_TRAIN = "wildguard/wildguardtrain_prompts_sample.jsonl.gz"
WILDGUARD_TEST = "wildguard/wildguardtest_prompts.jsonl"
HONESET = "honeset/honeset_810.jsonl"
DREW_HARM = "drew a harmful answer"
DREW_NONE = "drew harmless answers alone"

SETS = {
    "safe-rlhf": PromptSource(
        "SafeRLHF and BeaverTails", "harmless-helpful", (PKU, BEAVERTAILS), _safe_rlhf
    ),
    "wildguard": PromptSource(
        "WildGuard", "harmless-helpful", (WILDGUARD_TRAIN, WILDGUARD_TEST), _wildguard
    ),
    "honeset": PromptSource("HoneSet", "honest-helpful", (HONESET,), _honeset),
}
"""In the order in which they are run."""


def all_words(prompts: Iterable[Iterable[str]]) -> frozenset[str]:
    """The words of all prompts of several lists."""
    return frozenset(words_of(prompt) for prompt in chain.from_iterable(prompts))
