"""A small comparison: methods that differ in pairing and training, and a scripted engine."""

import json
from collections import Counter
from pathlib import Path

import primum
from primum.run.layout import MANIFEST
from primum.store.manifest import StageRecord
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST, PROMPTS

METHODS = {
    "spa": "training: {loss: spa}",
    "dpo": "training: {loss: dpo}",
    "narrow": "pairing: {pareto_only: true}",
    "twice": "iterations: 2",
    "probed": "judging: {kind: probe}",
    "none": "pairing: {delta: 1000}",
}
SYNTHESIS = ("sample", "refine")


def write_methods(folder: Path, *names: str) -> list[str]:
    """Their recipes as files."""
    for name in names:
        (folder / f"{name}.yaml").write_text(METHODS[name] + "\n")
    return [str(folder / f"{name}.yaml") for name in names]


def compare(folder: Path, model: Path, *names: str, settings: tuple[str, ...] = (), **words):
    """Compares methods with scripted answers, each call of which is a line of `log`."""
    return primum.compare(
        words.pop("recipes", None) or write_methods(folder, *names),
        words.pop("prompts", PROMPTS),
        model=str(model),
        out=folder / "out",
        constitution=folder / "goals.yaml",
        overrides=(*FAST, *settings),
        engine=lambda name: scripted_engine(name, folder / "log"),
        **words,
    )


def calls(folder: Path) -> Counter[str]:
    """How many calls the engines have finished, by purpose."""
    log = folder / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    assert len({line.split()[0] for line in lines}) == len(lines), "a call was made twice"
    return Counter(line.split(maxsplit=1)[1] for line in lines)


def records(run: Path) -> dict[str, StageRecord]:
    """The finished stages of a run."""
    stages = json.loads((run / MANIFEST).read_text())["stages"]
    return {name: StageRecord(**record) for name, record in stages.items()}
