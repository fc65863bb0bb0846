"""Results as lm-eval 0.4 writes them, so that what reads its files reads ours.

One file per answerer, as there: `results`, `configs`, `versions`, `n-shot`, `higher_is_better`
and `n-samples`, each by task. A task is an objective by a judge.
"""

import math
from importlib.metadata import version
from typing import Any

import numpy as np

from primum.evaluation.comparing.comparison import Comparison, EvaluationResult, Material
from primum.evaluation.comparing.score_columns import ScoreColumns

_FILTER = "none"
"""lm-eval's name for results that no filter has changed."""


def lm_eval_results(result: EvaluationResult, material: Material, answerer: str) -> dict[str, Any]:
    """The content of an answerer's `results.json`.

    Args:
        result: What was found.
        material: What it was found from.
        answerer: Whose.
    """
    columns = ScoreColumns.of(material.answers, material.judgements)
    tasks: dict[str, dict[str, Any]] = {}
    counts: dict[str, dict[str, int]] = {}
    configs: dict[str, dict[str, Any]] = {}
    for judge in result.judges:
        for name in result.objectives:
            task = f"{name}_by_{judge.name}"
            values = [v for v in columns.get(answerer, judge.name, name) if v is not None]
            tasks[task] = {"alias": task, **_figures(values)}
            tasks[task] |= _beside(_comparison(result, answerer, judge.name, name))
            counts[task] = {"original": result.prompts, "effective": len(values)}
            configs[task] = {
                "task": task,
                "num_fewshot": 0,
                "output_type": "generate_until",
                "description": f"{name}, judged by {judge.description}",
                "metadata": {"version": 1, "judge": judge.name, "objective": name},
            }
    return {
        "results": tasks,
        "group_subtasks": {},
        "configs": configs,
        "versions": dict.fromkeys(tasks, 1),
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": {
            task: dict.fromkeys(("score", "win_rate", "win_rate_length_controlled"), True)
            for task in tasks
        },
        "n-samples": counts,
        "config": {"model": "primum", "model_args": answerer, "batch_size": None, "limit": None},
        "model_name": answerer,
        "primum_version": version("primum"),
    }


def _figures(values: list[float]) -> dict[str, Any]:
    """The mean with its standard error; lm-eval has `N/A` where there is none."""
    mean = float(np.mean(values)) if values else "N/A"
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else "N/A"
    return {f"score,{_FILTER}": mean, f"score_stderr,{_FILTER}": error}


def _comparison(
    result: EvaluationResult, answerer: str, judge: str, objective: str
) -> Comparison | None:
    key = answerer, judge, objective, None
    return next(
        (
            each
            for each in result.comparisons
            if (each.answerer, each.judge, each.objective, each.category) == key
        ),
        None,
    )


def _beside(comparison: Comparison | None) -> dict[str, Any]:
    """How the duels with the first answerer ended."""
    if comparison is None or comparison.duels is None:
        return {}
    duels = comparison.duels
    rates = {"win_rate": duels.rate, "win_rate_length_controlled": duels.controlled}
    return {
        f"{name},{_FILTER}": "N/A" if rate.value is None else rate.value
        for name, rate in rates.items()
    }
