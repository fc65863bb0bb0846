"""TensorBoard: event files in the run directory."""

from pathlib import Path

from primum.run.tracking.tracker import TrackedRow, TrackedRun, Tracker

FOLDER = "tensorboard"
"""Holds a folder for each tracked run; event files of all starts lie side by side in it."""


def open_tensorboard(run: TrackedRun) -> Tracker:
    """Opens event files in the run directory; nothing leaves the machine."""
    from torch.utils.tensorboard import SummaryWriter

    folder = run.folder / FOLDER / run.id
    writer = SummaryWriter(str(folder))
    if run.new:
        writer.add_text("recipe", _table(run), 0)

    def log(row: TrackedRow) -> None:
        for name, value in row.figures.items():
            writer.add_scalar(name, value, row.at)
        # A run that is killed has shown all that it knew.
        writer.flush()

    def say(name: str, word: str, number: int) -> None:
        writer.add_text(name, word, number)
        writer.flush()

    def close(finished: bool) -> None:
        writer.close()

    return Tracker(_where(folder), log, say, None, close)


def _where(folder: Path) -> str:
    return f"by TensorBoard; look at it with: tensorboard --logdir {folder.parent}"


def _table(run: TrackedRun) -> str:
    """The recipe as Markdown; every line break and bar of a value is taken out."""
    rows = (
        f"| {name} | {' '.join(str(value).replace('|', '/').split())} |"
        for name, value in run.config.items()
    )
    return "\n".join(("| setting | value |", "|---|---|", *rows))
