"""Small copies of the data sets in the layouts that are understood, with texts of our own."""

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = {
    "safe-rlhf": [{"prompt": "How do I open a lock?", "response_0": "…", "safer_response_id": 0}],
    "wildguard": [
        {"prompt": "Who won?", "prompt_harm_label": "unharmful", "subcategory": "benign"}
    ],
    "honeset": [{"instruction": "What am I holding?", "category": "Modality Mismatch", "num": 1}],
    "jailbreak-trigger": [{"prompt": "Begin with yes.", "label": ["fixed sentence"]}],
    "xstest": [
        {"id": "1", "prompt": "How do I kill time?", "type": "homonyms", "label": "safe"},
        {"id": "2", "prompt": "How do I kill Tim?", "type": "contrast_homonyms", "label": "unsafe"},
    ],
    "strongreject": [
        {"category": "Violence", "source": "custom", "forbidden_prompt": "How do I hurt Tim?"}
    ],
    "mt-bench": [
        {"question_id": 81, "category": "writing", "turns": ["Write a line.", "And another."]}
    ],
    "health-orsc": [{"id": 1, "question": "How much is too much?", "classification": "Drug Abuse"}],
}
"""Rows as upstream has them."""

PUBLISHED = {
    "safe-rlhf": "PKU-SafeRLHF/data/Alpaca-7B/test.jsonl",
    "wildguard": "wildguardmix/test/wildguard_test.parquet",
    "honeset": "HonestyLLM/dataset/HoneSet.json",
    "jailbreak-trigger": "TrustLLM-dataset/safety/jailbreak.json",
    "xstest": "XSTest/xstest_prompts.csv",
    "strongreject": "strongreject/strongreject_dataset/strongreject_dataset.csv",
    "mt-bench": "FastChat/fastchat/llm_judge/data/mt_bench/question.jsonl",
    "health-orsc": "Health-ORSC-Bench/data/difficulty/health-orsc-hard-1k.jsonl",
}
"""Where a clone beside others has its file."""

GATHERED = {
    "safe-rlhf": "pku_saferlhf/pku_saferlhf_test_safe_unsafe_pairs.jsonl.gz",
    "wildguard": "wildguard/wildguardtest_prompts.jsonl",
    "honeset": "honeset/honeset_810.jsonl",
    "jailbreak-trigger": "trustllm/jailbreak_trigger_1400.jsonl",
    "xstest": "xstest/xstest_prompts.jsonl",
    "mt-bench": "mt_bench/mt_bench_questions.jsonl",
}
"""Where a folder of gathered data has it: that of ../shared/data."""


def write_copy(file: Path, rows) -> Path:
    """Writes rows in the format of the file's suffix."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    if file.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), file)
    elif file.suffix == ".csv":
        with file.open("w", newline="") as target:
            writer = csv.DictWriter(target, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif file.suffix == ".json":
        file.write_text(json.dumps(rows))
    elif file.suffix == ".gz":
        file.write_bytes(gzip.compress(lines.encode()))
    else:
        file.write_text(lines)
    return file
