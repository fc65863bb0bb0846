"""Training in as many processes as an Accelerate configuration says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from primum.errors import UserError
from primum.recipe import Recipe
from primum.store.files import write_json
from primum.training.files import TrainingFiles
from primum.training.summary import FitSummary, OnProgress, read_summary

SAID = "primum: "
"""Begins the line in which a process names a mistake of the user."""

_ORDER = "order.json"


def launch(
    pairs: str,
    model: str,
    files: TrainingFiles,
    recipe: Recipe,
    *,
    on_progress: OnProgress | None = None,
) -> FitSummary:
    """Trains in processes of `accelerate launch`, with the file `recipe.training.accelerate`.

    Args:
        pairs: The preference data set; see `load_pairs`.
        model: The model to start from.
        files: Where everything goes.
        recipe: Its sections `training` and `engine`, its seed and `sampling.thinking` count.
        on_progress: Is told of every step.

    Raises:
        UserError: If the file is missing, or the processes fail; the message is theirs.
    """
    configuration = check_configuration(recipe)
    alone = recipe.model_copy(
        update={"training": recipe.training.model_copy(update={"accelerate": None})}
    )
    written = files.checkpoints / _ORDER
    write_json(written, _order(pairs, model, files, alone))
    files.log.parent.mkdir(parents=True, exist_ok=True)
    with files.log.open("w", encoding="utf-8") as messages:
        process = subprocess.Popen(
            _command(configuration, written),
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            encoding="utf-8",
        )
        # Where this process is killed, the others end as well: they cannot report their next step.
        assert process.stdout is not None
        try:
            for done, total, metrics in _steps(process.stdout):
                if on_progress:
                    on_progress(done, total, metrics)
        except BaseException:
            process.terminate()
            raise
        finally:
            process.wait()
    if process.returncode:
        raise UserError(_why(files.log, process.returncode))
    return read_summary(files.summary)


def check_configuration(recipe: Recipe) -> Path:
    """The Accelerate file that a recipe names.

    Raises:
        UserError: If there is no such file.
    """
    path = Path(recipe.training.accelerate or "")
    if not path.is_file():
        raise UserError(
            f"there is no file {path} (training.accelerate); write one with `accelerate config "
            "--config_file FILE`"
        )
    return path


def main_process() -> bool:
    """Whether this process is the one that writes and speaks, of those launched together."""
    return os.environ.get("RANK", "0") == "0"


def print_step(done: int, total: int, metrics: dict[str, float]) -> None:
    """Writes a step as a line of JSON, which `launch` and other programs read.

    Args:
        done: Which step it was.
        total: All steps.
        metrics: Its figures.
    """
    print(json.dumps({"step": done, "steps": total, **metrics}), flush=True)


def _order(pairs: str, model: str, files: TrainingFiles, recipe: Recipe) -> dict[str, Any]:
    """What a worker must know, as plain data; `worker` reads it back.

    Args:
        pairs: As for `launch`.
        model: As for `launch`.
        files: As for `launch`.
        recipe: As for `launch`, without `training.accelerate`.
    """
    return {
        "pairs": pairs,
        "model": model,
        "files": {name: str(path) for name, path in asdict(files).items()},
        "recipe": recipe.model_dump(mode="json"),
    }


def _command(configuration: Path, order: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(configuration)),
        *("-m", "primum.training.worker", str(order)),
    ]


def _steps(lines: IO[str]) -> Iterator[tuple[int, int, dict[str, float]]]:
    for line in lines:
        try:
            content = json.loads(line)
            done, total = content.pop("step"), content.pop("steps")
        except (ValueError, KeyError, AttributeError, TypeError):
            continue  # A library's own message.
        yield done, total, content


def _why(log: Path, status: int) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith(SAID):
                return line.removeprefix(SAID).strip()
    return (
        f"training under accelerate launch ended with status {status}; what its processes said is "
        f"in {log}"
    )
