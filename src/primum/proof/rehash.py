"""The hashes of what a verdict rests on, worked out again from the files that are there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from primum.constitution import load_constitution
from primum.engines.models.reference import model_fingerprint
from primum.evaluation.hashes import (
    CONSTITUTION,
    MADE_BY,
    MODEL_BEFORE,
    PROMPTS,
    SETTINGS,
    model_after,
    prompts_hash,
    settings_hash,
    table_hashes,
)
from primum.evaluation.judges_file import read_judges
from primum.recipe import load_recipe
from primum.run import layout
from primum.run.untrained.methods import method_hash
from primum.store.content import hash_file, hash_folder
from primum.store.files import read_table
from primum.store.manifest import load_manifest
from primum.store.schemas import COLUMNS, GUARD_VALUES


@dataclass(frozen=True, slots=True)
class Rehashed:
    """A hash of what is there now.

    Attributes:
        what: What was hashed.
        name: What its stored hash is called in `evaluation.json`.
        found: The hash.
    """

    what: str
    name: str
    found: str


def rehash(folder: Path, stored: Mapping[str, str]) -> tuple[Rehashed, ...]:
    """All hashes that can be worked out from a folder.

    A model on the hub, or one that is no longer where it was, cannot be hashed.

    Args:
        folder: A run, or what `primum gate BEFORE AFTER --out` has left.
        stored: The hashes that the verdict holds, by name; models are hashed only for these, since
            that takes long.
    """
    recipe = load_recipe(folder / layout.RECIPE)
    found = {
        **_of_tables(folder),
        SETTINGS: settings_hash(recipe.gate, recipe.evaluation, recipe.seed),
    }
    if (folder / layout.CONSTITUTION).exists():
        found[CONSTITUTION] = hash_file(folder / layout.CONSTITUTION)
    seeds = recipe.seeds if recipe.method == "train" else 0
    for seed in range(1, seeds + 1):
        model = folder / layout.of_seed(layout.MODEL, seed)
        if model_after(seed) in stored and model.is_dir():
            found[model_after(seed)] = hash_folder(model)
    if MODEL_BEFORE in stored and (start := _starting_model(folder)):
        found[MODEL_BEFORE] = model_fingerprint(start)
        if recipe.method != "train" and model_after(1) in stored:
            found[model_after(1)] = found[MODEL_BEFORE]
    if MADE_BY in stored:
        constitution = load_constitution(folder / layout.CONSTITUTION)
        found[MADE_BY] = method_hash(recipe, constitution)
    hashes = [Rehashed(name, name, value) for name, value in found.items()]
    if (folder / layout.PROMPTS).exists():
        hashes.append(Rehashed(layout.PROMPTS, PROMPTS, _heldout(folder / layout.PROMPTS)))
    return tuple(hashes)


def _of_tables(folder: Path) -> dict[str, str]:
    answers = read_table(folder / layout.ANSWERS, COLUMNS["answers"])
    judgements = read_table(folder / layout.JUDGEMENTS, COLUMNS["judgements"])
    guards = folder / layout.GUARDS
    # Where no guard asked a model there may be no table.
    guard_values = read_table(guards) if guards.exists() else GUARD_VALUES.empty_table()
    judges = read_judges(folder / layout.JUDGES)
    labels = read_table(folder / layout.LABELS) if (folder / layout.LABELS).exists() else None
    return table_hashes(answers, judgements, guard_values, judges, labels)


def _heldout(file: Path) -> str:
    """Hash of a run's held-out prompts."""
    table = read_table(file, COLUMNS["prompts"])
    kept = [split == "heldout" for split in table.column("split").to_pylist()]
    return prompts_hash(table.filter(kept))


def _starting_model(folder: Path) -> str | None:
    """The folder of the model that a run started from, where it is still there."""
    if not (folder / layout.MANIFEST).exists():
        return None
    model = str(load_manifest(folder / layout.MANIFEST)["model"])
    return model if Path(model).is_dir() else None
