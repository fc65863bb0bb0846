"""Every prompt once, and in one split."""

import hashlib
from collections.abc import Iterable, Mapping
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
    prompts = tuple(
        Prompt(key, entry.messages, entry.category, _split(key, named, heldout, seed))
        for key, entry in first.items()
    )
    _check_both(prompts, source, heldout)
    return PromptSet(prompts, duplicates=count - len(prompts))


def hashed_split(key: str, *, heldout: float, seed: int) -> Split:
    """The split of a prompt from its content and the seed, whatever other prompts there are.

    Args:
        key: The prompt's id.
        heldout: Share of prompts held out, in (0, 1).
        seed: Varies which ones.
    """
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    return "heldout" if int.from_bytes(digest[:8], "big") / 2**64 < heldout else "train"


def _split(key: str, named: Mapping[str, Entry], heldout: float, seed: int) -> Split:
    given = named[key].split if key in named else None
    return given or hashed_split(key, heldout=heldout, seed=seed)


def _check_both(prompts: tuple[Prompt, ...], source: str, heldout: float) -> None:
    splits = {prompt.split for prompt in prompts}
    for split in get_args(Split):
        if split not in splits:
            raise UserError(
                f"{source}: none of the {len(prompts)} prompts is in the split {split!r}; add "
                f"prompts, name the split of each in a column 'split', or change heldout "
                f"({heldout:g})"
            )
