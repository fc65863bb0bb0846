"""What `primum gate` reads, prints and writes of a verdict."""

import sys
from pathlib import Path

from primum.evaluation.gate_result import GateResult


def read_verdict(folder: Path) -> GateResult:
    """The verdict of a finished run, or of what `primum gate BEFORE AFTER --out` has left.

    Raises:
        UserError: If the folder is neither.
    """
    from primum.evaluation.summary import read_evaluation
    from primum.run.directory import check_finished
    from primum.run.layout import GATE, MANIFEST

    if (folder / MANIFEST).exists() or not (folder / GATE).exists():
        check_finished(folder)
    return read_evaluation(folder / GATE)


def print_replay(folder: Path) -> int:
    """Works out a verdict again, says whether it agrees, and gives the exit status."""
    from primum.proof.replay import replay

    found = replay(folder)
    print("\n".join(found.lines))
    return found.exit_code


def write_summary(result: GateResult, file: Path) -> None:
    """Writes a summary for a pull request.

    Args:
        result: The verdict.
        file: Where it goes; `-` prints it, as in the shell.
    """
    from primum.report.proof.pull_request import gate_markdown
    from primum.store.files import write_text

    text = gate_markdown(result)
    if str(file) == "-":
        sys.stdout.write(text)
    else:
        write_text(file, text)
