"""Kills a whole run at random moments and starts it again: is a finished call made twice?

The scripted engine of the tests answers, on the tests' tiny model, which is really trained. Takes
four to seven minutes on two cores.

    python benchmarks/restart.py [--kills 50]
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
sys.path.append(str(Path(__file__).resolve().parents[1]))

from tests.run.restarts import forked, kill_often
from tests.run.small_job import write_constitution
from tests.tiny import save_tiny

from figures import figure

JUDGING = "judging={kind: rating-expected, kinds: {useful: probe}}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=50)
    report_restarts(arguments.parse_args().kills)


def report_restarts(kills: int) -> None:
    """Calls made again, calls in flight at the kill, and runs that came out otherwise."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = save_tiny(folder / "model")
        constitution = write_constitution(folder / "kind-useful.yaml")
        start = forked(str(model), constitution, JUDGING, "training.checkpoint_steps=1")
        found = kill_often(start, folder, kills)
    facts = {"kills": kills, "commits_at_kill": [restart.committed for restart in found]}
    figure("restart_repeated_calls", sum(one.repeated for one in found), "calls", **facts)
    figure("restart_calls_in_flight", sum(one.lost for one in found), "calls", kills=kills)
    figure("restart_runs_that_differ", sum(not one.same for one in found), "runs", kills=kills)


if __name__ == "__main__":
    main()
