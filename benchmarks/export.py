"""Whether an export answers as the model of its run.

    python benchmarks/export.py RUN [FORM [PROMPTS]]

Exports a finished run (as `merged` where no form is named) and compares greedy answers in float32
to its held-out prompts with those of the model in the run.
"""

import sys
import tempfile
from pathlib import Path

from figures import figure
from primum.export.entry import export_run
from primum.export.verify import MOST_PROMPTS, verify
from primum.progress import Silent


def main(run: Path, form: str = "merged", most: str = str(MOST_PROMPTS)) -> None:
    with tempfile.TemporaryDirectory() as place:
        made = export_run(run, form, Path(place) / "export", despite_gate=True)
        found = verify(made, Silent(), most=int(most))
    figure(
        "export_difference",
        found.difference,
        "share of answers",
        aim=0,
        form=form,
        stored=made.dtype,
        answers=found.prompts,
        changed_by_rounding=found.rounding,
        scores=found.scores,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])
