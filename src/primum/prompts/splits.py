"""Every prompt once, and in one split."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import get_args

from primum.errors import UserError
from primum.prompts.records import Prompt, PromptSet, Split, prompt_id
from primum.prompts.rows import Entry


def split_apart(entries: Iterable[Entry], source: str, *, heldout: float, seed: int) -> PromptSet:
    """Drops identical prompts and puts those without a split into one.

    Args:
        entries: What the source holds.
        source: Its name, for errors.
        heldout: Share to hold out where no split is named, in (0, 1).
        seed: Varies which ones.

    Raises:
        UserError: If the same prompt is named for both splits, or a split is left empty.
    """
    first: dict[str, Entry] = {}
    named: dict[str, Entry] = {}
    count = 0
    for entry in entries:
        count += 1
        key = prompt_id(entry.messages)
        first.setdefault(key, entry)
        if entry.split is not None:
            other = named.setdefault(key, entry)
            if other.split != entry.split:
                raise UserError(
                    f"{entry.place}: the same prompt is {entry.split} here and {other.split} in "
                    f"{other.place}; a held-out prompt must not be trained on, so remove one"
                )
    held = held_out(
        [key for key in first if key not in named],
        share=heldout,
        seed=seed,
        named={entry.split for entry in named.values() if entry.split},
    )
    prompts = tuple(
        Prompt(key, entry.messages, entry.category, _split(key, named, held))
        for key, entry in first.items()
    )
    _check_both(prompts, source, heldout)
    return PromptSet(prompts, duplicates=count - len(prompts))


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


def _split(key: str, named: Mapping[str, Entry], held: Collection[str]) -> Split:
    given = named[key].split if key in named else None
    return given or ("heldout" if key in held else "train")


def _check_both(prompts: tuple[Prompt, ...], source: str, heldout: float) -> None:
    splits = {prompt.split for prompt in prompts}
    for split in get_args(Split):
        if split not in splits:
            raise UserError(
                f"{source}: none of the {len(prompts)} prompts is in the split {split!r}; add "
                f"prompts, name the split of each in a column 'split', or change heldout "
                f"({heldout:g})"
            )
