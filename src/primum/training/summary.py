"""What training did, as plain data."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError
from primum.store.files import write_json

OnProgress = Callable[[int, int, dict[str, float]], None]
"""Is told the finished step, all steps, and the step's metrics."""


@dataclass(frozen=True)
class FitSummary:
    """What training did.

    Attributes:
        steps: Optimizer steps taken.
        pairs: Pairs in the data.
        prompts: Prompts in the data.
        responses: Distinct responses.
        tokens: Tokens forwarded with gradient, over the whole run.
        seconds: Wall-clock time of this call; a resumed run counts from where it was resumed.
        stop: `finished`, or `drift` where the preferred responses fell too far.
        truncated: Responses that were cut to `max_length`.
        zero_weight_pairs: Pairs without a score gap, which SPA leaves out.
        collapsed: Whether preferred responses became unlikely while the margin rose.
        history: The logged metrics, step by step.
        memory: Most bytes that the process held while it trained: of the card where it trains on
            one, or else of main memory, the interpreter and its libraries included. None where it
            is unknown.
    """

    steps: int
    pairs: int
    prompts: int
    responses: int
    tokens: int
    seconds: float
    stop: str
    truncated: int
    zero_weight_pairs: int
    collapsed: bool
    history: list[dict[str, float]]
    memory: int | None = None


def read_summary(path: Path) -> FitSummary:
    """Reads what training wrote of itself.

    Raises:
        UserError: If there is no such file, or it holds something else.
    """
    try:
        return TypeAdapter(FitSummary).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(
            f"{path.parent} holds no finished run (no {path.name}); run primum align first"
        ) from None
    except ValidationError as error:
        raise UserError(
            f"{path} does not hold a summary of training; delete it and run primum align again"
        ) from error


def write_summary(summary: FitSummary, path: Path) -> None:
    """Writes what training did, so that `read_summary` reads it."""
    write_json(path, asdict(summary))


def join_summaries(parts: Sequence[FitSummary]) -> FitSummary:
    """Several trainings as one: their sums, and their steps counted on from one to the next.

    A prompt or a response that several of them had counts in each.

    Args:
        parts: In the order in which they were trained.
    """
    history: list[dict[str, float]] = []
    before = 0
    for part in parts:
        for place, entry in enumerate(part.history, start=1):
            history.append({**entry, "step": before + entry.get("step", place)})
        before += part.steps
    return FitSummary(
        steps=before,
        pairs=sum(part.pairs for part in parts),
        prompts=sum(part.prompts for part in parts),
        responses=sum(part.responses for part in parts),
        tokens=sum(part.tokens for part in parts),
        seconds=round(sum(part.seconds for part in parts), 3),
        stop=next((part.stop for part in parts if part.stop != "finished"), "finished"),
        truncated=sum(part.truncated for part in parts),
        zero_weight_pairs=sum(part.zero_weight_pairs for part in parts),
        collapsed=any(part.collapsed for part in parts),
        history=history,
    )
