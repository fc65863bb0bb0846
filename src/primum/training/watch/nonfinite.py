"""Stops a run at a number that is none, before it reaches the weights."""

import json
import math
from pathlib import Path

import torch
from torch import Tensor

from primum.errors import UserError
from primum.training.step.optimizer_step import OptimizerStep


def stop_at_nonfinite(step: OptimizerStep, number: int, folder: Path, *, write: bool) -> None:
    """Stops the run where a log-probability is not a finite number.

    Args:
        step: A finished step, whose `means` are gathered.
        number: Which step of the run.
        folder: Where the step is kept for inspection.
        write: Whether this process writes files.

    Raises:
        UserError: If one is not; names the rows and the file.
    """
    if bool(torch.isfinite(step.means).all()):
        return
    rows = [row for group in step.groups for row in group.rows]
    bad = [rows[i] for i in (~torch.isfinite(step.means)).nonzero()[:, 0].tolist()]
    path = _keep(step, number, folder, write)
    raise UserError(
        f"training stopped at step {number}: the log-probability of the responses in rows "
        f"{_some(bad)} is not a finite number; the step is kept in {path}. Lower learning_rate, "
        "or train in float32"
    )


def stop_at_nonfinite_gradient(
    norm: Tensor | float | None, step: OptimizerStep, number: int, folder: Path, *, write: bool
) -> None:
    """Stops the run where the gradient is not finite.

    Args:
        norm: The gradient's norm; None where it is not known.
        step: As for `stop_at_nonfinite`.
        number: As for `stop_at_nonfinite`.
        folder: As for `stop_at_nonfinite`.
        write: As for `stop_at_nonfinite`.

    Raises:
        UserError: If the norm is not a finite number; names the file.
    """
    if norm is None or math.isfinite(float(norm)):
        return
    path = _keep(step, number, folder, write)
    raise UserError(
        f"training stopped at step {number}: the gradient is not a finite number; the step is "
        f"kept in {path}. Lower learning_rate, or train in float32"
    )


def _keep(step: OptimizerStep, number: int, folder: Path, write: bool) -> Path:
    path = folder / f"nonfinite-step-{number}.json"
    if write:
        folder.mkdir(parents=True, exist_ok=True)
        means = step.means.tolist()
        responses = [
            {"row": row, "ids": response.ids.tolist(), "response_starts_at": response.start}
            for group in step.groups
            for row, response in zip(group.rows, group.responses, strict=True)
        ]
        for response, mean in zip(responses, means, strict=True):
            response["mean_logprob"] = str(mean)
        path.write_text(json.dumps({"step": number, "responses": responses}), encoding="utf-8")
    return path


def _some(rows: list[int], most: int = 5) -> str:
    named = ", ".join(map(str, rows[:most]))
    return named if len(rows) <= most else f"{named} and {len(rows) - most} more"
