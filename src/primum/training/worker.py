"""What each of several processes runs: `python -m primum.training.worker ORDER.json`.

`launch` writes the order. A mistake of the user, or what the machine refuses, ends the process with
one line.
"""

import json
import sys
from pathlib import Path

from primum.machine import sentence_of
from primum.recipe import Recipe
from primum.training.files import TrainingFiles
from primum.training.launch import SAID, main_process, print_step
from primum.training.train import train


def main(path: Path) -> int:
    """Carries out an order.

    Returns:
        The exit status: 0, or 2 for a mistake of the user and what the machine refuses.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    files = TrainingFiles(**{name: Path(value) for name, value in content["files"].items()})
    try:
        train(
            content["pairs"],
            content["model"],
            files,
            Recipe.model_validate(content["recipe"]),
            on_progress=print_step if main_process() else None,
        )
    except Exception as error:
        said = sentence_of(error)
        if said is None:
            raise
        print(f"{SAID}{said}", file=sys.stderr, flush=True)
        return 2
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(f"{SAID}name one file, the order that primum train writes", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1])))
