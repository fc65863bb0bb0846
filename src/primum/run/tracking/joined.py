"""All trackers of a run together."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from primum.errors import UserError
from primum.evaluation.summary import read_evaluation
from primum.progress import Progress
from primum.recipe import Recipe
from primum.recipe.tracking import TrackerName
from primum.run.directory import RunDirectory
from primum.run.inputs import Inputs
from primum.run.layout import GATE, REPORT, TRAINING
from primum.run.stage import Step
from primum.run.tracking.channel import Channel, failed
from primum.run.tracking.figures import config_of, cost_figures, gate_figures, stage_figures
from primum.run.tracking.opening import OPEN
from primum.run.tracking.sent import Sent, open_sent
from primum.run.tracking.tracker import TrackedRun
from primum.run.usage import read_usage
from primum.store.files import digest_json
from primum.training.summary import read_summary

T = TypeVar("T")


@dataclass(frozen=True)
class Trackers:
    """What shows a run to its trackers while it goes on.

    Attributes:
        channels: One for each tracker.
        run: The run directory.
        upload_report: Whether the report is shown, where a tracker shows pages.
    """

    channels: Sequence[Channel]
    run: RunDirectory
    upload_report: bool

    def watching(self, step: Step, progress: Progress) -> Progress:
        """Who watches a step: the run's watcher, and the trackers that get its curve.

        Args:
            step: The step.
            progress: The run's watcher.
        """
        return Watching(progress, step.name, self.channels) if self.channels else progress

    def finished(self, step: Step) -> None:
        """Shows what came of a step that is finished, just now or earlier."""
        if not self.channels:
            return
        record = self.run.records[step.name]
        left = digest_json([record.inputs, record.outputs])
        figures = stage_figures(step.name, record)
        words: dict[str, str] = {}
        written = {Path(file).name: self.run.path / step.place(file) for file in step.stage.writes}
        if TRAINING in written and step.stage.name.endswith("train"):
            self._curve(step.name, written[TRAINING])
        if GATE in written:
            result = read_evaluation(written[GATE])
            figures |= gate_figures(result)
            words["gate/verdict"] = result.verdict
        if REPORT in written:
            figures |= cost_figures(read_usage(self.run.path).total)
        page = written.get(REPORT) if self.upload_report else None
        for channel in self.channels:
            channel.stage(step.name, left, figures, words, page)

    def _curve(self, curve: str, file: Path) -> None:
        """Shows the points of a finished training that a tracker lacks."""
        for number, entry in enumerate(read_summary(file).history, start=1):
            at = int(entry.get("step", number))
            figures = {name: value for name, value in entry.items() if name != "step"}
            for channel in self.channels:
                channel.point(curve, at, figures)


@dataclass(frozen=True)
class Watching:
    """Tells the run's watcher of everything, and trackers of training steps.

    Attributes:
        whole: The run's watcher.
        curve: The step's name, such as `train`.
        channels: The trackers.
    """

    whole: Progress
    curve: str
    channels: Sequence[Channel]

    def track(
        self,
        items: Iterable[T],
        stage: str,
        total: int,
        tokens: Callable[[T], int] | None = None,
    ) -> Iterator[T]:
        """See `Progress.track`."""
        return self.whole.track(items, stage, total, tokens)

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """See `Progress.step`."""
        self.whole.step(done, total, metrics)
        for channel in self.channels:
            channel.point(self.curve, done, metrics)

    def note(self, sentence: str) -> None:
        """See `Progress.note`."""
        self.whole.note(sentence)

    def answered(self, *, made: int, stored: int) -> None:
        """See `Progress.answered`."""
        self.whole.answered(made=made, stored=stored)


@contextmanager
def tracking(run: RunDirectory, inputs: Inputs, progress: Progress) -> Iterator[Trackers]:
    """Opens the trackers that the recipe names, and closes them.

    Args:
        run: The open run directory.
        inputs: The inputs of the run.
        progress: Is told where people look, and if a tracker fails.

    Raises:
        UserError: If a tracker lacks what only the user can give it, such as a key.
    """
    settings = inputs.recipe.tracking
    channels = _opened(run, inputs, progress) if settings.report_to else []
    finished = False
    try:
        yield Trackers(channels, run, settings.upload_report)
        finished = True
    finally:
        for channel in channels:
            channel.close(finished=finished)


def _opened(run: RunDirectory, inputs: Inputs, progress: Progress) -> list[Channel]:
    sent, save = open_sent(run.path, _about(inputs))
    channels = []
    try:
        for name in inputs.recipe.tracking.report_to:
            wanted = TrackedRun(
                id=sent.id,
                name=_name(run.path, inputs, sent.id),
                project=inputs.recipe.tracking.project,
                folder=run.path,
                config=config_of(inputs),
                new=name not in sent.trackers,
            )
            channel = _open(name, wanted, sent.trackers.get(name, Sent()), save, progress)
            if channel is not None:
                sent.trackers[name] = channel.sent
                channels.append(channel)
    except BaseException:
        for channel in channels:
            channel.close(finished=False)
        raise
    save()
    return channels


def _open(
    name: TrackerName,
    wanted: TrackedRun,
    sent: Sent,
    save: Callable[[], None],
    progress: Progress,
) -> Channel | None:
    """One tracker, open; None where it cannot be reached just now.

    Args:
        name: As the recipe names it.
        wanted: What to open.
        sent: What it has had.
        save: Writes that down.
        progress: Is told where people look, or why it cannot be reached.
    """
    try:
        tracker = OPEN[name](wanted)
    except UserError:
        raise
    except Exception as error:
        progress.note(failed(name, error))
        return None
    progress.note(f"the run is tracked {tracker.where}")
    return Channel(name, tracker, sent, save, progress)


def _about(inputs: Inputs) -> str:
    """Fingerprint of the inputs and of every setting that changes a result."""
    named = ("fingerprint", "constitution", "train", "heldout")
    return digest_json(
        {
            "settings": inputs.settings(tuple(Recipe.model_fields)),
            **{name: inputs.identify(name, policy=inputs.model, round_number=1) for name in named},
        }
    )


def _name(run: Path, inputs: Inputs, own: str) -> str:
    """What people see: the run directory's own name, the recipe's, and the id."""
    joined = f"{run.resolve().name}-{inputs.recipe.name}"
    return f"{re.sub(r'[^A-Za-z0-9_.+-]+', '-', joined)}-{own}"
