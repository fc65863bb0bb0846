"""The run that is exported: whether it may be, and what is known of its model and of the base."""

from dataclasses import dataclass
from pathlib import Path

from primum.engines.models.lineage import base_of, is_adapter
from primum.engines.models.origin import Origin, front_matter, origin_of
from primum.errors import UserError
from primum.export.names import check_name
from primum.report.data import RunData
from primum.report.drawing.text import hub_name
from primum.run.layout import CARD, MODEL
from primum.run.reading import read_run


@dataclass(frozen=True)
class Source:
    """A finished run, ready to be exported.

    Attributes:
        path: The run directory.
        data: What its report shows.
        origin: What is known of the model that it started from.
        told: The hub's name of that model, where the user has told it.
    """

    path: Path
    data: RunData
    origin: Origin
    told: str | None

    @property
    def model(self) -> Path:
        """The folder of the aligned model, that of the last round."""
        return self.path / MODEL

    @property
    def is_adapter(self) -> bool:
        """Whether it is an adapter, and not all weights."""
        return is_adapter(self.model)

    @property
    def trusts_code(self) -> bool:
        """Whether code that the model's repository brings may run, as in the run."""
        return self.data.recipe.engine.trust_remote_code


def read_source(run: Path, *, despite_gate: bool = False, base: str | None = None) -> Source:
    """Reads a run that is to be exported.

    Args:
        run: The run directory.
        despite_gate: Whether a model may go out that the gate has failed.
        base: The hub's name of the model that the run started from, where the user tells it.

    Raises:
        UserError: If the run is not finished, its gate says fail, its model is gone, or `base` is
            no name on the hub.
    """
    if base is not None:
        check_name(base, "a model")
    data = read_run(run)
    if data.training is None:
        raise UserError(
            f"{run} has no model to export: its recipe trains nothing (method="
            f"{data.recipe.method}), and the model is {data.model} as it was"
        )
    if data.gate.verdict == "fail" and not despite_gate:
        raise UserError(
            f"the gate of {run} says fail ({data.gate.failed} is not shown to hold), so its model "
            "is not exported; with --despite-gate it is, and its card says so"
        )
    model = run / MODEL
    if not model.is_dir():
        raise UserError(f"{run} has lost its model ({model}); run the same primum align")
    return Source(run, data, origin_of(_start(run, data.model), name=base), base)


def _start(run: Path, named: str) -> str:
    """The model that a run started from, under a name that is right in any current folder.

    A relative folder such as `models/base` looks like a name on the hub from anywhere else. The
    adapter knows its base, and the run's own card, written where the name was right, the hub's.

    Args:
        run: The run directory.
        named: How the run names the model.
    """
    if is_adapter(run / MODEL):
        return base_of(run / MODEL)
    card = run / CARD
    known = card.is_file() and "base_model" in front_matter(card.read_text("utf-8", "replace"))
    return named if known or hub_name(named) is None else str(Path(named).absolute())
