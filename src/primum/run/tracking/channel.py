"""One open tracker of a run: sends what it has not had, and never costs the run anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from primum.errors import first_line
from primum.progress import Progress
from primum.run.tracking.sent import Sent
from primum.run.tracking.tracker import Figures, TrackedRow, Tracker


@dataclass
class Channel:
    """One open tracker of a run.

    Attributes:
        name: As the recipe names it.
        tracker: The tracker; None once it has failed.
        sent: What it has had.
        save: Writes that down.
        progress: Is told if it fails.
    """

    name: str
    tracker: Tracker | None
    sent: Sent
    save: Callable[[], None]
    progress: Progress

    def point(self, curve: str, at: int, figures: Figures) -> None:
        """Sends a point of a curve, unless the tracker has had it or a later one.

        Args:
            curve: Such as `train`.
            at: The optimizer step.
            figures: By their names on the curve, such as `loss`.
        """
        if at <= self.sent.steps.get(curve, 0):
            return
        named = {f"{curve}/{name}": value for name, value in figures.items()}
        self._try(lambda tracker, row: tracker.log(TrackedRow(row, named, curve, at)))
        if self.tracker is not None:
            self.sent.steps[curve] = at
            self.save()

    def stage(
        self, stage: str, left: str, figures: Figures, words: Mapping[str, str], page: Path | None
    ) -> None:
        """Sends what came of a stage, unless the tracker has had just that.

        Args:
            stage: Its name.
            left: Fingerprint of what it left.
            figures: By their whole names.
            words: Likewise, such as the verdict.
            page: A web page to show; None for none.
        """
        if self.sent.stages.get(stage) == left:
            return
        self._try(lambda tracker, row: tracker.log(TrackedRow(row, figures)))
        for name, word in words.items():
            self._try(lambda tracker, row, name=name, word=word: tracker.say(name, word, row))  # type: ignore[misc]
        if page is not None:
            self._try(lambda tracker, row: tracker.show(page) if tracker.show else None)
        if self.tracker is not None:
            self.sent.stages[stage] = left
            self.save()

    def close(self, *, finished: bool) -> None:
        """Sends what is left.

        Args:
            finished: Whether the run came to its end.
        """
        self._try(lambda tracker, row: tracker.close(finished))
        self.tracker = None

    def _try(self, send: Callable[[Tracker, int], None]) -> None:
        """Sends one row; a tracker that fails is left alone from then on."""
        if self.tracker is None:
            return
        try:
            send(self.tracker, self.sent.rows)
        except Exception as error:
            self.tracker = None
            self.progress.note(failed(self.name, error))
        else:
            self.sent.rows += 1


def failed(name: str, error: Exception) -> str:
    """What is said once of a tracker that fails.

    Args:
        name: The tracker.
        error: What its library raised.
    """
    return (
        f"{name} takes no more figures of this run ({first_line(error)}); the run goes on without "
        "it, and the same command sends later what is missing"
    )
