"""What each of several processes runs: `python -m primum.training.worker ORDER.json`.

`launch` writes the order. A mistake of the user ends the process with one line.
"""

import json
import sys
from pathlib import Path

from primum.errors import UserError
from primum.recipe import Recipe
from primum.training.files import TrainingFiles
from primum.training.launch import SAID, main_process, print_step
from primum.training.train import train


def main(path: Path) -> int:
    """Carries out an order.

    Returns:
        The exit status: 0, or 2 for a mistake of the user.
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
    except UserError as error:
        print(f"{SAID}{error}", file=sys.stderr, flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
