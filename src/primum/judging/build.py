"""Builds the judge that a recipe asks for."""

from pathlib import Path

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.judging.base import Judge
from primum.judging.probe import fit_probe
from primum.judging.rating import ExpectedRating
from primum.progress import Progress
from primum.recipe.schema import Judging


def build_judge(
    settings: Judging,
    engine: Engine,
    constitution: Constitution,
    *,
    cache: Path,
    progress: Progress,
) -> Judge:
    """The judge of the kind named.

    Args:
        settings: The kind.
        engine: Runs the judging model.
        constitution: What it judges by.
        cache: Where fitted probes are kept.
        progress: Is told of what has to be computed first.
    """
    if settings.kind == "probe":
        return fit_probe(engine, constitution, cache=cache, progress=progress)
    return ExpectedRating(engine, constitution)
