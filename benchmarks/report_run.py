"""A made-up run of any number of pairs, with texts as long as real ones."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from tests.report.sample import make_run

from primum.report.data import RunData
from primum.store.schemas import (
    FILTER_DECISIONS,
    PAIRS,
    PROMPTS,
    RESPONSES,
    SCORES,
    evaluation_schema,
)

PAIRS_OF_PROMPT = 7
RESPONSES_OF_PROMPT = 6
DROPPED = 0.6
"""Prompts dropped for each one kept, about as in the quickstart."""
HELDOUT = 512
WORDS = {"prompt": 30, "response": 180}
"""Median words, of an everyday prompt and of an answer of about 250 tokens: a choice."""
VOCABULARY = 20_000
CATEGORIES = ("everyday", "medical", "distress", "legal", "harmful")
REASONS = ("inconsistent", "unstable (det Σ > τ)", "uninformative (det Σ = 0)")


def run_of(pairs: int, seed: int = 0) -> RunData:
    """A finished run with so many pairs.

    Args:
        pairs: How many.
        seed: Of texts and scores.
    """
    rng = np.random.default_rng(seed)
    run = make_run()
    write = _writer(rng)
    kept = -(-pairs // PAIRS_OF_PROMPT)
    ids = [f"p{place}" for place in range(kept + int(kept * DROPPED))]
    prompts = {name: write("prompt") for name in ids}
    answers = {name: [write("response") for _ in range(RESPONSES_OF_PROMPT)] for name in ids[:kept]}
    tables = {
        "prompts": (_prompts(prompts, rng), PROMPTS),
        "verdicts": (_decisions(ids, kept, rng), FILTER_DECISIONS),
        "responses": (_responses(ids), RESPONSES),
        "scores": (_scores(ids, run.objectives, rng), SCORES),
        "pairs": (_pairs(pairs, prompts, answers, run.objectives, rng), PAIRS),
        "evaluation": (_heldout(write, run.objectives, rng), evaluation_schema(run.objectives)),
    }
    made = {
        name: pa.Table.from_pylist(rows, schema=schema) for name, (rows, schema) in tables.items()
    }
    return replace(run, tables={**run.tables, **made})


def _writer(rng):
    """Writes texts of made-up words that are as frequent as words are (Zipf)."""
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    words = ["".join(rng.choice(letters, rng.integers(2, 11))) for _ in range(VOCABULARY)]
    frequency = 1 / np.arange(1, VOCABULARY + 1)
    frequency /= frequency.sum()

    def write(kind):
        length = max(3, int(rng.lognormal(np.log(WORDS[kind]), 0.5)))
        chosen = [words[place] for place in rng.choice(VOCABULARY, length, p=frequency)]
        sentences = [" ".join(chosen[at : at + 14]).capitalize() for at in range(0, length, 14)]
        return ". ".join(sentences) + "."

    return write


def _prompts(prompts, rng):
    return [
        {
            "prompt_id": name,
            "split": "train",
            "category": CATEGORIES[rng.integers(len(CATEGORIES))],
            "messages": [{"role": "user", "content": text}],
        }
        for name, text in prompts.items()
    ]


def _decisions(ids, kept, rng):
    reasons = [None] * kept + list(rng.choice(REASONS, len(ids) - kept))
    return [
        {"prompt_id": name, "determinant": 0.4, "tau": 0.84, "reason": why and str(why)}
        for name, why in zip(ids, reasons, strict=True)
    ]


def _responses(ids):
    kinds = ("candidate",) * (RESPONSES_OF_PROMPT - 1) + ("refinement",)
    return [
        {"response_id": f"{name}-{place}", "prompt_id": name, "kind": kind}
        for name in ids
        for place, kind in enumerate(kinds)
    ]


def _scores(ids, objectives, rng):
    return [
        {
            "response_id": f"{name}-{place}",
            "prompt_id": name,
            "objective": objective,
            "value": float(rng.uniform(1, 10)),
        }
        for name in ids
        for place in range(RESPONSES_OF_PROMPT)
        for objective in objectives
    ]


def _pairs(many, prompts, answers, objectives, rng):
    couples = [(a, b) for a in range(RESPONSES_OF_PROMPT) for b in range(a)][:PAIRS_OF_PROMPT]
    rows = []
    for name, texts in answers.items():
        for chosen, rejected in couples[: many - len(rows)]:
            sides = rng.uniform(1, 10, (2, len(objectives)))
            rows.append(
                {
                    "prompt": [{"role": "user", "content": prompts[name]}],
                    "chosen": [{"role": "assistant", "content": texts[chosen]}],
                    "rejected": [{"role": "assistant", "content": texts[rejected]}],
                    "chosen_scores": sides[0].tolist(),
                    "rejected_scores": sides[1].tolist(),
                    "gap": float(abs(sides[0].sum() - sides[1].sum())),
                    "margin": float(abs(sides[0] - sides[1]).sum()),
                    "decided_by": objectives[int(rng.random() < 0.3)],
                    "prompt_id": name,
                    "chosen_id": f"{name}-{chosen}",
                    "rejected_id": f"{name}-{rejected}",
                }
            )
    return rows


def _heldout(write, objectives, rng):
    return [
        {
            "prompt_id": f"h{place}",
            "category": CATEGORIES[place % len(CATEGORIES)],
            "prompt": write("prompt"),
            "before": write("response"),
            "after": write("response"),
            **{
                f"{side}_{name}": float(rng.uniform(1, 10))
                for name in objectives
                for side in ("before", "after")
            },
        }
        for place in range(HELDOUT)
    ]
