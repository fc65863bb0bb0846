"""The trainer's data sets, grouped by prompt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from datasets import Dataset

from primum.engines.models.chat import ChatFormat
from primum.errors import UserError
from primum.training.config import PriorityConfig
from primum.training.data.groups import Groups, group_by_prompt

EvalData: TypeAlias = Dataset | Mapping[str, Dataset] | None


@dataclass(frozen=True)
class DataSets:
    """Training and evaluation data.

    Attributes:
        train: The training set, where there is one.
        evaluation: The evaluation set, or several by name.
    """

    train: Groups | None
    evaluation: Groups | dict[str, Groups] | None

    @property
    def named(self) -> dict[str, Groups]:
        """All sets: `train`, `eval` or `eval/NAME`."""
        found = {} if self.train is None else {"train": self.train}
        if isinstance(self.evaluation, Groups):
            return found | {"eval": self.evaluation}
        return found | {f"eval/{name}": held for name, held in (self.evaluation or {}).items()}

    def wanted(self, name: str | None) -> Groups:
        """One evaluation set.

        Args:
            name: Which of several; None where there is one.

        Raises:
            UserError: If there is none.
        """
        if isinstance(self.evaluation, dict) and name is not None:
            return self.evaluation[name]
        if isinstance(self.evaluation, Groups):
            return self.evaluation
        raise UserError("there is no eval_dataset; pass one to PriorityTrainer or to evaluate")


def group_sets(
    train: Dataset | None, evaluation: EvalData, chat: ChatFormat, args: PriorityConfig
) -> DataSets:
    """Groups all data sets; see `group_by_prompt`.

    Args:
        train: The training set, where there is one.
        evaluation: The evaluation set, or several by name.
        chat: The model's chat format.
        args: The trainer's settings.

    Raises:
        UserError: If a data set cannot be used, or the loss is spa and no pair to train on has a
            score gap.
    """
    if isinstance(evaluation, Mapping):
        held: Groups | dict[str, Groups] | None = {
            name: group_set(content, chat, args) for name, content in evaluation.items()
        }
    else:
        held = None if evaluation is None else group_set(evaluation, chat, args)
    groups = None if train is None else group_set(train, chat, args)
    if groups is not None and args.loss == "spa" and args.loss_settings().alpha:
        _check_gaps(groups, args.loss_settings().gap)
    return DataSets(groups, held)


def _check_gaps(groups: Groups, gap: str) -> None:
    """SPA weighs a pair by its gap (docs/method.md, step 7), so that without any it learns nothing.

    Args:
        groups: The training set.
        gap: How two responses' scores make a gap.
    """
    if groups.gapless < groups.pairs:
        return
    other = "" if gap == "l1" else "set training.gap=l1, which compares objective by objective, or "
    raise UserError(
        f"none of the {groups.pairs} pairs has a score gap (training.gap={gap}), and the loss spa "
        f"weighs a pair by its gap, so that nothing would be learnt; {other}take training.loss="
        "simpo, or have the responses scored by another judge (judging.kind)"
    )


def group_set(dataset: Dataset, chat: ChatFormat, args: PriorityConfig) -> Groups:
    """Groups one data set as the settings ask.

    Args:
        dataset: TRL's preference format; see `read_preferences`.
        chat: The model's chat format.
        args: The trainer's settings.

    Raises:
        UserError: If thoughts count nothing, and nothing but a thought is left of a response.
    """
    groups = group_by_prompt(
        dataset,
        chat,
        max_length=args.max_length,
        loss=args.loss,
        gap=args.loss_settings().gap,
        thinking=args.thinking,
    )
    if args.thought_weight == 0:
        for group in groups.items:
            for row, response in zip(group.rows, group.responses, strict=True):
                if response.start + response.thought >= len(response.ids):
                    raise UserError(
                        f"row {row}: thought_weight is 0, and within max_length {args.max_length} "
                        "nothing is left of the response but its thought; raise max_length"
                    )
    return groups
