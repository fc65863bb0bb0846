"""A small job for whole runs: prompts, a constitution, and settings that make it quick."""

import sys
from pathlib import Path

import yaml

from primum.store.files import read_table

PROMPTS = Path(__file__).resolve().parents[1] / "data" / "prompts_small.jsonl"
TABLES = ("prompts", "responses", "scores", "verdicts", "pairs", "answers", "judgements")
FAST = (
    "sampling.n=4",
    "sampling.max_tokens=8",
    "refinement.max_tokens=8",
    "evaluation.max_tokens=8",
    "evaluation.bootstrap=200",
    "denoising.consistency=off",
    "denoising.tau={quantile: 1.0}",
    "training.prompts_per_step=4",
    "engine.dtype=float32",
    "engine.device=cpu",
    "seed=1",
)


def write_constitution(path: Path, exemplars: int = 12) -> Path:
    """Two objectives with so many exemplars each; twelve are too few to halve."""
    sides = [
        {"prompt": f"Question {i}?", "better": f"A kind answer {i}.", "worse": f"Go away {i}!"}
        for i in range(exemplars)
    ]
    others = [
        {"prompt": f"How many {i}?", "better": f"Exactly {i} of them.", "worse": f"Many, {i} say."}
        for i in range(exemplars)
    ]
    content = {
        "name": "kind-useful",
        "objectives": [
            {"name": "kind", "definition": "Be kind.", "exemplars": sides},
            {"name": "useful", "definition": "Be useful.", "exemplars": others},
        ],
    }
    path.write_text(yaml.safe_dump(content))
    return path


def arguments(model: str, constitution: Path, out: Path, *settings: str) -> list[str]:
    """Of the `primum` command, for the whole run."""
    named = ("--model", model, "--constitution", str(constitution), "--out", str(out))
    return ["align", str(PROMPTS), *named, *FAST, *settings]


def command(model: str, constitution: Path, out: Path, *settings: str) -> list[str]:
    """The command itself."""
    return [sys.executable, "-m", "primum", *arguments(model, constitution, out, *settings)]


def share_of_distinct_answers(run):
    """Of the answers before and after."""
    rows = read_table(run / "answers.parquet").to_pylist()
    by_prompt = {}
    for row in rows:
        by_prompt.setdefault(row["prompt_id"], set()).add(row["text"])
    return sum(map(len, by_prompt.values())) / len(rows)
