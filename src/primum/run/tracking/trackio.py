"""trackio: on this machine, or in a Space of the Hub where TRACKIO_SPACE_ID names one."""

import io
import os
from contextlib import redirect_stdout

from primum.run.tracking.tracker import TrackedRow, TrackedRun, Tracker


def open_trackio(run: TrackedRun) -> Tracker:
    """Opens a run of trackio, or goes on with the one of the same name."""
    import trackio

    project = run.project or os.environ.get("TRACKIO_PROJECT") or "primum"
    # It prints how to look at it; `where` says so once.
    with redirect_stdout(io.StringIO()):
        opened = trackio.init(
            project=project,
            name=run.name,
            config=dict(run.config),
            resume="allow",
            private=True,
            embed=False,
        )

    def log(row: TrackedRow) -> None:
        axis = {f"{row.curve}/global_step": row.at} if row.curve is not None else {}
        opened.log({**row.figures, **axis}, step=row.number)

    def say(name: str, word: str, number: int) -> None:
        opened.log({name: word}, step=number)

    def close(finished: bool) -> None:
        with redirect_stdout(io.StringIO()):
            trackio.finish()

    where = f"by trackio; look at it with: trackio show --project {project}"
    return Tracker(where, log, say, None, close)
