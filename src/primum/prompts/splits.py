"""Every prompt once, and in one split."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from primum.errors import UserError
from primum.prompts.records import Prompt, PromptSet, Split, gist_id, prompt_id
from primum.prompts.rows import Entry


@dataclass
class _Group:
    """Prompts that say the same, while they are being collected."""

    key: str
    kept: Entry
    named: Entry | None = None
    labelled: tuple[str, str] | None = None

    def add(self, key: str, entry: Entry) -> None:
        if key < self.key:
            self.key, self.kept = key, entry
        if entry.category is not None:
            label = key, entry.category
            self.labelled = min(self.labelled or label, label)
        if entry.split is None:
            return
        if self.named is None:
            self.named = entry
        elif self.named.split != entry.split:
            same = entry.messages == self.named.messages
            alike = "" if same else " but for white space or Unicode form"
            raise UserError(
                f"{entry.place}: the same prompt{alike} is {entry.split} here and "
                f"{self.named.split} in {self.named.place}; a held-out prompt must not be trained "
                "on, so remove one"
            )

    @property
    def category(self) -> str | None:
        """The category of the prompt kept, or of another one where that has none."""
        return self.labelled[1] if self.labelled else None

    def split(self, held: Collection[str]) -> Split:
        given = self.named.split if self.named else None
        return given or ("heldout" if self.key in held else "train")


def split_apart(entries: Iterable[Entry], source: str, *, heldout: float, seed: int) -> PromptSet:
    """Keeps one of the prompts that say the same and puts those without a split into one.

    Prompts say the same where at most white space and the Unicode form differ. The one with the
    smallest id is kept, so that the order of the source does not matter.

    Args:
        entries: What the source holds.
        source: Its name, for errors.
        heldout: Share to hold out where no split is named, in (0, 1).
        seed: Varies which ones.

    Raises:
        UserError: If one prompt is named for both splits, or a split is left empty.
    """
    groups: dict[str, _Group] = {}
    count = 0
    ids: set[str] = set()
    for entry in entries:
        count += 1
        key = prompt_id(entry.messages)
        ids.add(key)
        group = groups.setdefault(gist_id(entry.messages), _Group(key, entry))
        group.add(key, entry)
    held = held_out(
        [group.key for group in groups.values() if group.named is None],
        share=heldout,
        seed=seed,
        named={group.named.split for group in groups.values() if group.named and group.named.split},
    )
    prompts = tuple(
        Prompt(group.key, group.kept.messages, group.category, group.split(held))
        for group in groups.values()
    )
    _check_both(prompts, count, source, heldout)
    return PromptSet(
        prompts,
        duplicates=count - len(prompts),
        near_duplicates=len(ids) - len(prompts),
    )


def held_out(
    keys: Sequence[str], *, share: float, seed: int, named: Collection[Split] = ()
) -> frozenset[str]:
    """The prompts to hold out: exactly the share, whatever order the source has.

    Those whose hashes come first are held out, so that one prompt more moves at most one other.

    Args:
        keys: Ids of the distinct prompts without a split.
        share: How much of them, in (0, 1). A split that has no other prompts gets at least one.
        seed: Varies which ones.
        named: The splits that have other prompts.
    """
    least = 0 if "heldout" in named else 1
    most = len(keys) if "train" in named else len(keys) - 1
    count = max(min(max(round(share * len(keys)), least), most), 0)
    return frozenset(sorted(keys, key=lambda key: _digest(key, seed))[:count])


def _digest(key: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{key}".encode()).digest()


def _check_both(prompts: tuple[Prompt, ...], rows: int, source: str, heldout: float) -> None:
    """Refuses prompts that all lie in one split.

    Args:
        prompts: The distinct ones.
        rows: How many there were before equal ones were taken for one.
        source: What to call them.
        heldout: The share to hold out.
    """
    if len(prompts) == 1:
        same = f"all {rows} rows hold one prompt" if rows > 1 else "there is only one prompt"
        raise UserError(
            f"{source}: {same}; bring more that differ, since a run needs some to train on and "
            "others to be tested on"
        )
    splits = {prompt.split for prompt in prompts}
    for split in get_args(Split):
        if split not in splits:
            raise UserError(
                f"{source}: none of the {len(prompts)} prompts is in the split {split!r}; add "
                f"prompts, name the split of each in a column 'split', or change heldout "
                f"({heldout:g})"
            )
