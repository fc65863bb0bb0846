"""Where the results of a comparison are written and told."""

from primum.compare.finished import ComparedRuns


def write_table(comparison: ComparedRuns) -> str:
    """Tells what came of every run; the table of methods takes this place.

    Args:
        comparison: What the folder holds by now.
    """
    finished = [
        f"{run.method}, seed {run.seed}: the gate says {run.gate.verdict}"
        for run in comparison.finished
    ]
    missing = [
        f"{run.method}, seed {run.seed}: missing, {run.reason}" for run in comparison.missing
    ]
    return "\n".join([*finished, *missing])
