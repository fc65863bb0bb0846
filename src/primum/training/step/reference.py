"""Log-probabilities under the model as it was before training, computed once and kept."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from primum.errors import UserError
from primum.recipe.losses import REFERENCED
from primum.training.config import PriorityConfig
from primum.training.data.encoding import Encoded
from primum.training.data.groups import Group, Groups

FILE = "start_logprobs.npz"
MeanLogprobs = Callable[[Sequence[Encoded]], Tensor]
"""Average log-probability of each sequence's response, in nats per token."""


class ReferenceLogprobs:
    """The starting model's view of the data: the reference of DPO and its kin, and of the drift.

    Args:
        sets: The training set (named `train`) and the evaluation sets.
        args: The trainer's settings: how many preferred responses are watched for drift, how much
            thoughts count, and by the loss whether every response needs a reference.
    """

    def __init__(self, sets: Mapping[str, Groups], args: PriorityConfig) -> None:
        train = sets.get("train")
        self.watched = watched_responses(train, args.watched_responses) if train else []
        self._sets = sets if args.loss in REFERENCED else {}
        self._loss = args.loss
        parts = [groups.fingerprint() for groups in sets.values()]
        self._fingerprint = "-".join([*parts, f"{args.thought_weight:g}"])
        self._watched_means: Tensor | None = None
        self._references: dict[int, Tensor] = {}

    @property
    def known(self) -> bool:
        """Whether it has been computed or read."""
        return self._watched_means is not None

    def compute(self, mean_logprobs: MeanLogprobs) -> None:
        """Asks the model, which must not have been trained yet.

        Args:
            mean_logprobs: Of the model.
        """
        self._watched_means = mean_logprobs(self.watched) if self.watched else torch.zeros(0)
        for groups in self._sets.values():
            responses = [r for group in groups.items for r in group.responses]
            self._keep(groups, mean_logprobs(responses))

    def drift(self, mean_logprobs: MeanLogprobs) -> float:
        """How far the watched responses' average log-probability is from the start.

        Args:
            mean_logprobs: Of the model as it is now.

        Returns:
            Nats per token, negative where they have become less likely.
        """
        assert self._watched_means is not None
        return float((mean_logprobs(self.watched) - self._watched_means).mean())

    def reference(self, groups: Sequence[Group]) -> list[Tensor] | None:
        """For each group, the average log-probability of its responses.

        Returns:
            Nats per token; None where the loss does not compare with the starting model.

        Raises:
            UserError: If a group was not there when training started.
        """
        return self._known(groups) if self._loss in REFERENCED else None

    def _known(self, groups: Sequence[Group]) -> list[Tensor]:
        try:
            return [self._references[id(group)] for group in groups]
        except KeyError as error:
            raise UserError(
                f"the loss {self._loss} needs the starting model's log-probabilities of this data "
                "set, which are computed before training; pass it to PriorityTrainer as "
                "eval_dataset"
            ) from error

    def save(self, folder: Path) -> None:
        """Writes `start_logprobs.npz`, whole or not at all."""
        assert self._watched_means is not None
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{FILE}"
        flat = {
            f"reference/{name}": torch.cat(self._known(groups.items)).numpy()
            for name, groups in self._sets.items()
        }
        with draft.open("wb") as stream:
            np.savez(
                stream,
                fingerprint=np.array(self._fingerprint),
                watched=self._watched_means.numpy(),
                **flat,  # type: ignore[arg-type]
            )
        os.replace(draft, folder / FILE)

    def load(self, folder: Path) -> None:
        """Reads what `save` wrote.

        Args:
            folder: The output directory of the run that is resumed.

        Raises:
            UserError: If the file is missing or belongs to other data.
        """
        path = folder / FILE
        if not path.exists():
            raise UserError(
                f"{path} is missing: without the starting model's log-probabilities the run "
                "cannot be resumed; train from the start"
            )
        with np.load(path) as content:
            if str(content["fingerprint"]) != self._fingerprint:
                raise UserError(
                    f"the checkpoint beside {path} was trained on other data, or with another "
                    "max_length or thought_weight; resume with the same, or train from the start"
                )
            self._watched_means = torch.from_numpy(content["watched"])
            for name, groups in self._sets.items():
                self._keep(groups, torch.from_numpy(content[f"reference/{name}"]))

    def _keep(self, groups: Groups, values: Tensor) -> None:
        sizes = [len(group.responses) for group in groups.items]
        for group, reference in zip(groups.items, values.split(sizes), strict=True):
            self._references[id(group)] = reference


def watched_responses(groups: Groups, count: int) -> list[Encoded]:
    """Preferred responses of prompts spread evenly over the data set."""
    places = np.linspace(0, len(groups) - 1, min(count, len(groups))).astype(int)
    chosen = [groups.items[place] for place in dict.fromkeys(places.tolist())]
    return [group.responses[int(group.pairs[0, 0])] for group in chosen]
