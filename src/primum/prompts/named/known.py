"""The data sets that are known by name: where each is published, and what its columns are called.

Ids, splits, columns, licences and conditions are those of the cards and repositories named. What
could not be seen at its source itself is said in `checked`, which docs/prompts.md repeats.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_RAW = "https://raw.githubusercontent.com"
FASTCHAT = (
    f"{_RAW}/lm-sys/FastChat/0e6d3e4beaab66f4d3f93db72541a4abab8af28d/fastchat/llm_judge/data"
)
"""The data of MT-Bench where its authors publish it, at the commit of which the files were seen."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """What `datasets.load_dataset` is asked for.

    Attributes:
        path: A data set of the hub as OWNER/NAME, or the format of a file elsewhere (`json`,
            `csv`).
        split: Which split.
        config: Which configuration; None for the only one.
        data_files: Which file, by its path on the hub or its address; None for those that the data
            set's card names.
    """

    path: str
    split: str = "train"
    config: str | None = None
    data_files: str | None = None

    def how_to_copy(self, place: str) -> str:
        """How to get it into a folder, in words that end a sentence."""
        if "/" not in self.path:
            return f"download {self.data_files} into {place}"
        file = f" {self.data_files}" if self.data_files else ""
        return f"run `hf download {self.path}{file} --repo-type dataset --local-dir {place}`"


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A public data set of prompts.

    Attributes:
        name: What users call it.
        about: What it holds, in a few words.
        page: Where its authors describe and publish it.
        upstream: Where it is loaded from.
        files: How its files are called in a local copy, as patterns, the best one first.
        folders: What the folder of a local copy may be called, beside the set's own name.
        prompt: Columns that hold the prompt; the first one that a row has counts.
        category: Columns that hold its kind, likewise.
        label: Columns that say what is right to do about it, such as safe or unsafe, likewise.
        licence: As its authors state it.
        gated: What has to be accepted before the hub gives it out; None where nothing has to be.
        paper: Where it was introduced.
        checked: How what stands here was checked.
        first_turn: Whether the prompt's column holds the turns of a user, of which the first is
            the prompt.
    """

    name: str
    about: str
    page: str
    upstream: Upstream
    files: tuple[str, ...]
    folders: tuple[str, ...]
    prompt: tuple[str, ...]
    category: tuple[str, ...]
    label: tuple[str, ...]
    licence: str
    gated: str | None
    paper: str
    checked: str
    first_turn: bool = False


_SETS = (
    NamedSet(
        name="safe-rlhf",
        about="questions of which many ask for something harmful; the test split",
        page="https://huggingface.co/datasets/PKU-Alignment/PKU-SafeRLHF",
        upstream=Upstream("PKU-Alignment/PKU-SafeRLHF", split="test"),
        files=("data/*/test.jsonl", "pku_saferlhf_test*.jsonl*"),
        folders=("PKU-SafeRLHF", "pku_saferlhf"),
        prompt=("prompt",),
        category=(),
        label=(),
        licence="CC BY-NC 4.0",
        gated=None,
        paper="Ji et al. 2024, arXiv 2406.15513",
        checked="licence and files: its page on the hub; columns and split: code that loads it",
    ),
    NamedSet(
        name="wildguard",
        about="harmful and harmless prompts, plain and adversarial: WildGuardTest",
        page="https://huggingface.co/datasets/allenai/wildguardmix",
        upstream=Upstream("allenai/wildguardmix", split="test", config="wildguardtest"),
        files=("test/wildguard_test.parquet", "wildguard_test.parquet", "wildguardtest*.jsonl"),
        folders=("wildguardmix", "wildguard"),
        prompt=("prompt",),
        category=("subcategory", "source"),
        label=("prompt_harm_label", "label"),
        licence="ODC-BY",
        gated="the AI2 Responsible Use Guidelines",
        paper="Han et al. 2024, arXiv 2406.18495",
        checked="licence, files, split and conditions: its card; columns: code that loads it",
    ),
    NamedSet(
        name="honeset",
        about="queries that a model without eyes, network or certainty should be honest about",
        page="https://github.com/Flossiee/HonestyLLM",
        upstream=Upstream(
            "json",
            data_files=f"{_RAW}/Flossiee/HonestyLLM/"
            "73b388acf50695ca3923abb337b733427abf1b25/dataset/HoneSet.json",
        ),
        files=("dataset/HoneSet.json", "HoneSet.json", "honeset_[0-9]*.jsonl"),
        folders=("HonestyLLM",),
        prompt=("instruction",),
        category=("category",),
        label=(),
        licence="none stated",
        gated=None,
        paper="Gao et al. 2024, arXiv 2406.00380",
        checked="file and columns: a copy of the repository's file at the commit named",
    ),
    NamedSet(
        name="jailbreak-trigger",
        about="harmful requests, each in one of 14 disguises: TrustLLM's JailbreakTrigger",
        page="https://huggingface.co/datasets/TrustLLM/TrustLLM-dataset",
        upstream=Upstream("TrustLLM/TrustLLM-dataset", data_files="safety/jailbreak.json"),
        files=(
            "safety/jailbreak.json",
            "dataset/safety/jailbreak.json",
            "jailbreak.json",
            "jailbreak_trigger_*.jsonl",
        ),
        folders=("TrustLLM-dataset", "TrustLLM", "trustllm"),
        prompt=("prompt",),
        category=("label",),
        label=(),
        licence="Apache-2.0 on the hub, MIT for the GitHub repository",
        gated="the conditions on its page",
        paper="Huang et al. 2024, arXiv 2401.05561",
        checked="licence and conditions: its page; file: code that loads it; columns: a copy of it",
    ),
    NamedSet(
        name="xstest",
        about="prompts that sound dangerous and are not, and contrasts that are",
        page="https://github.com/paul-rottger/exaggerated-safety",
        upstream=Upstream("Paul/XSTest"),
        files=("xstest_prompts.csv", "xstest_prompts.jsonl"),
        folders=("XSTest", "exaggerated-safety"),
        prompt=("prompt",),
        category=("type",),
        label=("label",),
        licence="CC BY 4.0",
        gated=None,
        paper="Röttger et al. 2024, arXiv 2308.01263",
        checked="licence and columns: a copy of the repository's file; hub id and split: code that "
        "loads it",
    ),
    NamedSet(
        name="strongreject",
        about="requests that a model should refuse, in six kinds",
        page="https://github.com/alexandrasouly/strongreject",
        upstream=Upstream(
            "csv",
            data_files=f"{_RAW}/alexandrasouly/strongreject/main/"
            "strongreject_dataset/strongreject_dataset.csv",
        ),
        files=(
            "strongreject_dataset/strongreject_dataset.csv",
            "strongreject_dataset.csv",
        ),
        folders=("StrongREJECT",),
        prompt=("forbidden_prompt",),
        category=("category",),
        label=(),
        licence="MIT",
        gated=None,
        paper="Souly et al. 2024, arXiv 2402.10260",
        checked="file, columns and licence: code and lists that load and name it; the repository "
        "itself was not seen",
    ),
    NamedSet(
        name="mt-bench",
        about="80 questions of two turns in eight kinds; as prompts, the first turns",
        page="https://github.com/lm-sys/FastChat/tree/main/fastchat/llm_judge",
        upstream=Upstream("json", data_files=f"{FASTCHAT}/mt_bench/question.jsonl"),
        files=(
            "fastchat/llm_judge/data/mt_bench/question.jsonl",
            "mt_bench/question.jsonl",
            "question.jsonl",
            "raw/question.jsonl",
            "mt_bench_questions.jsonl",
        ),
        folders=("FastChat", "mt_bench", "mt_bench_prompts"),
        prompt=("turns", "prompt"),
        category=("category",),
        label=(),
        licence="Apache-2.0",
        gated=None,
        paper="Zheng et al. 2023, arXiv 2306.05685",
        checked="licence, files and columns: copies of the repository's files at the commit named",
        first_turn=True,
    ),
    NamedSet(
        name="health-orsc",
        about="harmless questions on health that models refuse: the 1,000 hard ones",
        page="https://huggingface.co/datasets/zzha6204/Health-ORSC-Bench",
        upstream=Upstream(
            "zzha6204/Health-ORSC-Bench", data_files="data/difficulty/health-orsc-hard-1k.jsonl"
        ),
        files=(
            "data/difficulty/health-orsc-hard-1k.jsonl",
            "difficulty/health-orsc-hard-1k.jsonl",
            "health-orsc-hard-1k.jsonl",
        ),
        folders=("Health-ORSC-Bench",),
        prompt=("question",),
        category=("classification",),
        label=(),
        licence="CC BY-NC 4.0",
        gated=None,
        paper="Zhang et al. 2026, arXiv 2601.17642",
        checked="licence: a copy of its card; file and columns: one program that loads it; no row "
        "was seen",
    ),
)

DATASETS: Mapping[str, NamedSet] = {known.name: known for known in _SETS}
"""Every set by its name."""
