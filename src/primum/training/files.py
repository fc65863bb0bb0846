"""Where training writes; who calls it decides."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingFiles:
    """The files of one training run.

    Attributes:
        model: Folder of the trained model: an adapter or full weights, the tokenizer and the chat
            template. It appears whole, when training is over.
        summary: JSON file with the figures (`FitSummary`).
        checkpoints: Folder that an interrupted run goes on from.
        log: What other processes say, where they train.
    """

    model: Path
    summary: Path
    checkpoints: Path
    log: Path
