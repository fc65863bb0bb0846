"""Runs whose texts, scores and reasons are known, so that lists can be compared with them."""

from dataclasses import replace

import pyarrow as pa

from primum.store.schemas import PAIRS, PROMPTS, RESPONSES, SCORES
from tests.report.sample import make_run


def turn(role, text, thought=None):
    return {"role": role, "content": text, "reasoning_content": thought}


def known_run(texts=(), pairs=6, **made):
    """A run in which pair `i` stands for itself.

    Its prompt is `prompt i // 2`, its gap i, its answers `good i` and `bad i`; every third is
    decided by the second objective.

    Args:
        texts: Put behind the answers, one after the other.
        pairs: How many.
        made: Of `make_run`.
    """
    run = make_run(kept=(pairs + 1) // 2, **made)
    rows = []
    for at in range(pairs):
        text = _storable(texts[at % len(texts)]) if texts else ""
        rows.append(
            {
                "prompt": [turn("user", f"prompt {at // 2}")],
                "chosen": [turn("assistant", f"good {at} {text}", "Hm." if at == 1 else None)],
                "rejected": [turn("assistant", f"bad {at} {text}")],
                "chosen_scores": [7.0, 5.0 + at],
                "rejected_scores": [5.0, 5.0],
                "gap": float(at),
                "margin": float(at),
                "decided_by": run.objectives[int(at % 3 == 2)],
                "prompt_id": f"p{at // 2}",
                "chosen_id": f"c{at}",
                "rejected_id": f"r{at}",
                "rejected_finish": "length" if at == 0 else "stop",
            }
        )
    prompts = run.tables["prompts"].to_pylist()
    for at, prompt in enumerate(prompts):
        prompt["category"] = ("medical", "everyday", None)[at % 3]
        prompt["messages"] = [turn("user", f"prompt {at}")]
    return replace(
        run,
        tables={
            **run.tables,
            "pairs": pa.Table.from_pylist(rows, schema=PAIRS),
            "prompts": pa.Table.from_pylist(prompts, schema=PROMPTS),
            "responses": pa.Table.from_pylist(_responses(run, rows), schema=RESPONSES),
            "scores": pa.Table.from_pylist(_scores(run), schema=SCORES),
        },
    )


def _storable(text):
    """Arrow holds no lone surrogate, so that a table cannot bring one."""
    return text.replace("\ud800", "")


def _dropped(run):
    return [row["prompt_id"] for row in run.tables["verdicts"].to_pylist() if row["reason"]]


def _responses(run, pairs):
    """Both sides of the pairs, and two responses to every dropped prompt."""
    found = [
        {"response_id": row[f"{side}_id"], "prompt_id": row["prompt_id"], "kind": kind}
        for row in pairs
        for side, kind in (("chosen", "refinement"), ("rejected", "candidate"))
    ]
    for name in _dropped(run):
        found.append({"response_id": f"{name}a", "prompt_id": name, "kind": "candidate"})
        found.append(
            {"response_id": f"{name}b", "prompt_id": name, "kind": "refinement", "missing": "gone"}
        )
    return found


def _scores(run):
    return [
        {"response_id": f"{name}a", "prompt_id": name, "objective": objective, "value": value}
        for name in _dropped(run)
        for objective, value in zip(run.objectives, (3.25, None), strict=False)
    ]
