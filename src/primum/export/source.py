"""The run that is exported: whether it may be, and what is known of its model and of the base."""

from dataclasses import dataclass
from pathlib import Path

from primum.engines.models.lineage import ADAPTER_CONFIG
from primum.engines.models.origin import Origin, origin_of
from primum.errors import UserError
from primum.report.data import RunData
from primum.run.layout import MODEL
from primum.run.reading import read_run


@dataclass(frozen=True)
class Source:
    """A finished run, ready to be exported.

    Attributes:
        path: The run directory.
        data: What its report shows.
        origin: What is known of the model that it started from.
    """

    path: Path
    data: RunData
    origin: Origin

    @property
    def model(self) -> Path:
        """The folder of the aligned model, that of the last round."""
        return self.path / MODEL

    @property
    def is_adapter(self) -> bool:
        """Whether it is an adapter, and not all weights."""
        return (self.model / ADAPTER_CONFIG).exists()

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
        UserError: If the run is not finished, its gate says fail, or its model is gone.
    """
    data = read_run(run)
    if data.gate.verdict == "fail" and not despite_gate:
        raise UserError(
            f"the gate of {run} says fail ({data.gate.failed} is not shown to hold), so its model "
            "is not exported; with --despite-gate it is, and its card says so"
        )
    source = Source(run, data, origin_of(data.model, name=base))
    if not source.model.is_dir():
        raise UserError(f"{run} has lost its model ({source.model}); run the same primum align")
    return source
