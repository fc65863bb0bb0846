"""A made-up finished run, with texts that try to break out of a page."""

import numpy as np
import pyarrow as pa

from primum.evaluation.gate import Evidence, decide
from primum.recipe.schema import Evaluation, Gate, Recipe
from primum.report.data import RunData
from primum.store.manifest import StageRecord
from primum.store.schemas import (
    ANSWERS,
    FILTER_DECISIONS,
    JUDGEMENTS,
    PAIRS,
    PROMPTS,
    RESPONSES,
    SCORES,
    evaluation_schema,
)
from primum.synthesis.categories import CategoryPairs, ObjectivePairs
from primum.training.summary import FitSummary
from tests.evaluation.tables import EXAMINER, TEACHER

NASTY = (
    "<script>alert('x')</script>",
    '"><img src=https://evil.example/x.png onerror=alert(1)>',
    "{{ 7*7 }} {% raw %} {{ config }}",
    "</pre></style><h1>out</h1>",
    "w" * 400,
    "مرحبا بالعالم، كيف يمكنني المساعدة؟",
    "\u202egnp.exe\u202c and more",
    "🧑‍⚕️ all fine 👍🏽",
    "null \x00 byte, \x1b[31mred\x1b[0m, \ud800 alone",
    "```\n~~~~\n````python\n---\nbase_model: evil\n---",
    "<!-- --> ]]> &amp; &lt;",
)
REASONS = (
    ("inconsistent", 40),
    ("unstable (det Σ > τ)", 14),
    ("uninformative (det Σ = 0)", 6),
    ("candidate scores missing", 2),
    ("refinement score missing", 3),
    ("too few scored candidates", 1),
)
ANSWER = (
    "I am sorry you are going through this. It helps to know a little more: how long has it "
    "lasted, and is anyone with you right now?\n\n1. Call your doctor today.\n2. Write down what "
    "you took, and when.\n\nIf it gets worse, ring the emergency number."
)
ENVIRONMENT = {
    "python": "3.11.2",
    "platform": "Linux-6.1-x86_64",
    "packages": {"primum": "0.1.0", "torch": "2.13.0", "accelerate": None},
}
STAGES = {
    "prompts": StageRecord("i", "d", 0.02, {"train": 160, "objectives": ["a"]}),
    "synthesis": StageRecord("i", "d", 171.9, {"responses": 1120, "tokens": 98_231}),
    "train": StageRecord("i", "d", 84.2, {"steps": 18, "collapsed": False}),
    "evaluate": StageRecord("i", "d", 62.0, {"prompts": 48}),
    "report": StageRecord("i", "d", 0.1, {}),
}


def make_run(
    *,
    objectives=("harmless", "helpful"),
    gains=(0.45, 0.1, 0.0),
    heldout=48,
    kept=94,
    nasty=False,
    recipe=None,
    seed=0,
    by_category=(),
):
    """A run in which `kept` prompts gave pairs, judged on `heldout` prompts."""
    rng = np.random.default_rng(seed)
    texts = list(NASTY) if nasty else []
    evaluation = _evaluation(objectives, gains, heldout, texts, rng)
    evidence = _evidence(evaluation, objectives)
    gate = decide(evidence, Gate(), Evaluation(bootstrap=500), 0)
    dropped = [reason for reason, number in REASONS for _ in range(number)]
    pairs = _pairs(objectives, kept, texts, rng)
    return RunData(
        recipe=recipe or Recipe(name="quickstart", seed=7),
        constitution_name="-".join(objectives),
        objectives=objectives,
        scale=(1.0, 10.0),
        model="bundled:smollm2-135m",
        tables={
            "prompts": _prompts(kept + len(dropped), heldout),
            "responses": RESPONSES.empty_table(),
            "scores": _scores(objectives),
            "thought_scores": SCORES.empty_table(),
            "verdicts": _verdicts(kept, dropped),
            "pairs": pairs,
            "evaluation": evaluation,
            "answers": evidence.answers,
            "judgements": evidence.judgements,
        },
        gate=gate,
        training=_training(pairs.num_rows),
        environment=ENVIRONMENT,
        stages=STAGES,
        by_category=by_category,
    )


NAMES = {2: ("harmless", "helpful"), 3: ("harmless", "honest", "helpful")}


def on_category(category, *decided, met=5, candidates=20, threshold=7.0, prompts=5):
    """Pairs of a category that each of `decided` decided, all objectives met alike."""
    objectives = tuple(
        ObjectivePairs(name, threshold, number, candidates, None if threshold is None else met)
        for name, number in zip(NAMES[len(decided)], decided, strict=True)
    )
    return CategoryPairs(category, prompts, sum(decided), objectives)


def empty_run(objectives=("harmless", "helpful")):
    """A run of which nothing is left but its directory."""
    evaluation = evaluation_schema(objectives).empty_table()
    return RunData(
        recipe=Recipe(),
        constitution_name="c",
        objectives=objectives,
        scale=(1.0, 10.0),
        model="m",
        tables={
            "prompts": PROMPTS.empty_table(),
            "responses": RESPONSES.empty_table(),
            "scores": SCORES.empty_table(),
            "thought_scores": SCORES.empty_table(),
            "verdicts": FILTER_DECISIONS.empty_table(),
            "pairs": PAIRS.empty_table(),
            "evaluation": evaluation,
            "answers": ANSWERS.empty_table(),
            "judgements": JUDGEMENTS.empty_table(),
        },
        gate=decide(_evidence(evaluation, objectives), Gate(), Evaluation(), 0),
        training=FitSummary(0, 0, 0, 0, 0, 0.0, "finished", 0, 0, False, []),
        environment={},
        stages={},
        by_category=(),
    )


def _evidence(evaluation, objectives):
    """What the gate decides from, of a table with both sides."""
    rows = evaluation.to_pylist()
    answers = [
        {
            "prompt_id": row["prompt_id"],
            "category": row["category"],
            "messages": [{"role": "user", "content": row["prompt"]}],
            "answerer": side,
            "text": row[side],
            "finish": row[f"{side}_finish"],
        }
        for side in ("before", "after")
        for row in rows
    ]
    judged = [
        {
            "prompt_id": row["prompt_id"],
            "answerer": side,
            "judge": judge.name,
            "objective": name,
            "value": row[f"{side}_{name}"],
        }
        for judge in (TEACHER, EXAMINER)
        for side in ("before", "after")
        for name in objectives
        for row in rows
    ]
    return Evidence(
        objectives,
        pa.Table.from_pylist(answers, schema=ANSWERS),
        pa.Table.from_pylist(judged, schema=JUDGEMENTS),
        (TEACHER, EXAMINER),
    )


def _evaluation(objectives, gains, heldout, texts, rng):
    kinds = ("distress", "everyday", "harmful", "medical", None)
    rows = []
    for place in range(heldout):
        text = texts[place % len(texts)] if texts else ""
        row = {
            "prompt_id": f"h{place}",
            "category": text[:60] if text and place % 2 else kinds[place % len(kinds)],
            "prompt": text or f"My grandmother took her tablets twice today. What now? ({place})",
            "before": text or "As an AI, I cannot say. " + ANSWER[:90],
            "after": (text or ANSWER) + f"\n({place})",
        }
        for name, gain in zip(objectives, gains, strict=False):
            before = float(rng.normal(5.6, 1.1))
            row[f"before_{name}"] = before
            row[f"after_{name}"] = None if place == 5 else before + float(rng.normal(gain, 0.5))
        rows.append(row)
    schema = evaluation_schema(objectives)
    fit = [{k: _storable(v) for k, v in row.items()} for row in rows]
    return pa.Table.from_pylist(fit, schema=schema)


def _storable(value):
    """Arrow holds no lone surrogate, so that a table cannot bring one."""
    return value.replace("\ud800", "") if isinstance(value, str) else value


def _prompts(train, heldout):
    splits = ["train"] * train + ["heldout"] * heldout
    rows = [
        {
            "prompt_id": f"p{place}",
            "split": split,
            "messages": [{"role": "user", "content": "What now?"}],
        }
        for place, split in enumerate(splits)
    ]
    return pa.Table.from_pylist(rows, schema=PROMPTS)


def _scores(objectives):
    rows = [{"response_id": "r1", "objective": objectives[0], "value": 5.0}]
    rows += [{"response_id": "r2", "missing": "the response is empty"}] * 6
    rows += [{"response_id": "r3", "missing": "<b>no number</b>"}]
    return pa.Table.from_pylist(rows, schema=SCORES)


def _verdicts(kept, dropped):
    rows = [
        {"prompt_id": f"p{place}", "tau": 0.84, "kept": reason is None, "reason": reason}
        for place, reason in enumerate([None] * kept + dropped)
    ]
    return pa.Table.from_pylist(rows, schema=FILTER_DECISIONS)


def _pairs(objectives, kept, texts, rng):
    rows = []
    for place in range(max(0, kept - 4)):
        for _ in range(int(rng.integers(1, 8))):
            change = rng.normal(0.5, 0.6, len(objectives))
            rows.append(
                {
                    "prompt": [{"role": "user", "content": "x"}],
                    "chosen": [{"role": "assistant", "content": _storable((*texts, "y")[0])}],
                    "rejected": [{"role": "assistant", "content": "n"}],
                    "chosen_scores": list(5 + change),
                    "rejected_scores": [5.0] * len(objectives),
                    "gap": float(abs(change.sum())),
                    "margin": float(abs(change).sum()),
                    "decided_by": objectives[int(rng.random() < 0.3) % len(objectives)],
                    "prompt_id": f"p{place}",
                }
            )
    return pa.Table.from_pylist(rows, schema=PAIRS)


def _training(pairs):
    rng = np.random.default_rng(4)
    history = [
        {
            "step": step,
            "loss": 1.1 - 0.02 * step + float(rng.normal(0, 0.02)),
            "rewards/margins": 0.05 * step + float(rng.normal(0, 0.03)),
            "rewards/accuracies": min(1.0, 0.5 + 0.02 * step),
            "logps/chosen": -1.6 - 0.004 * step,
            "logps/rejected": -1.7 - 0.02 * step,
            "drift/chosen": -0.004 * step,
        }
        for step in range(1, 19)
    ]
    return FitSummary(
        steps=18,
        pairs=pairs,
        prompts=100,
        responses=470,
        tokens=51_312,
        seconds=84.2,
        stop="finished",
        truncated=0,
        zero_weight_pairs=3,
        collapsed=False,
        history=[*history, {"train_runtime": 84.2}],
    )
