"""Training in as many processes as an Accelerate configuration says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from primum.errors import UserError
from primum.recipe import Recipe, dump_recipe
from primum.store.files import write_text
from primum.training.fit import FitSummary, OnProgress

LOG = "accelerate.log"
SUMMARY = "training.json"
_SAID = "primum: "


def launch(
    pairs: str,
    model: str,
    out: Path,
    recipe: Recipe,
    *,
    on_progress: OnProgress | None = None,
) -> FitSummary:
    """Runs `primum train` under `accelerate launch`, with the file `recipe.training.accelerate`.

    Args:
        pairs: The preference data set; see `load_pairs`.
        model: The model to start from.
        out: Gets `model/` and `training.json`; the processes' messages go to `accelerate.log`.
        recipe: Its sections `training` and `engine` count, and its seed.
        on_progress: See `fit`.

    Raises:
        UserError: If the file is missing, or the processes fail; the message is theirs.
    """
    configuration = check_configuration(recipe)
    alone = recipe.model_copy(
        update={"training": recipe.training.model_copy(update={"accelerate": None})}
    )
    written = out / "checkpoints" / "recipe.yaml"
    write_text(written, dump_recipe(alone))
    command = _command(configuration, pairs, model, written, out)
    log = out / LOG
    with log.open("w", encoding="utf-8") as messages:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            encoding="utf-8",
            # A sentence to the user shall stand in one line, which is read below.
            env=os.environ | {"COLUMNS": "10000"},
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
        raise UserError(_why(log, process.returncode))
    return FitSummary(**json.loads((out / SUMMARY).read_text(encoding="utf-8")))


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
    """Writes a step as a line of JSON, which `launch` and other programs read."""
    print(json.dumps({"step": done, "steps": total, **metrics}), flush=True)


def _command(configuration: Path, pairs: str, model: str, recipe: Path, out: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(configuration)),
        *("-m", "primum", "train", pairs, "--model", model, "--recipe", str(recipe)),
        *("--out", str(out), "--json"),
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
            if line.startswith(_SAID):
                return line.removeprefix(_SAID).strip()
    return (
        f"training under accelerate launch ended with status {status}; what its processes said is "
        f"in {log}"
    )
