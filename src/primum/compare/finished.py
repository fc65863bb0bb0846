"""The runs of a comparison: what the table of methods is made from."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from primum.evaluation.gate_result import GateResult
from primum.judging.facts import JudgeFacts


@dataclass(frozen=True)
class Cost:
    """What a method costs by itself, had nothing been shared with others.

    Attributes:
        prompt_tokens: Read by models, of synthesis and judging together.
        sampled_tokens: Written by models for synthesis and judging.
        trained_tokens: Forwarded with gradient.
        answer_tokens: Written for each held-out prompt, on average, as the method is used: those of
            all candidates where it samples several.
        seconds: Of all stages up to the trained model, on the machine that ran them first.
        memory: Most bytes that a process of training held, on the device where there is one; None
            where nothing was trained or it is unknown.
    """

    prompt_tokens: int
    sampled_tokens: int
    trained_tokens: int
    answer_tokens: float
    seconds: float
    memory: int | None


@dataclass(frozen=True)
class FinishedRun:
    """One method by one seed.

    Attributes:
        method: Its name in this comparison.
        seed: The recipe's.
        path: The run directory.
        objectives: Names in order of priority.
        answers: See `store.schemas.ANSWERS`.
        judgements: See `store.schemas.JUDGEMENTS`.
        judges: Who judged.
        gate: What the gate found.
        cost: What it cost.
    """

    method: str
    seed: int
    path: Path
    objectives: tuple[str, ...]
    answers: pa.Table
    judgements: pa.Table
    judges: tuple[JudgeFacts, ...]
    gate: GateResult
    cost: Cost


@dataclass(frozen=True)
class MissingRun:
    """A run that the table lacks.

    Attributes:
        method: Its name in this comparison.
        seed: The recipe's.
        reason: Why, as a clause.
    """

    method: str
    seed: int
    reason: str


@dataclass(frozen=True)
class ComparedRuns:
    """What a comparison holds by now.

    Attributes:
        path: Its folder.
        finished: Its finished runs, by method in the order in which they were first named, then by
            seed.
        missing: The others, likewise.
        executed: Stages that ran this time, such as `dpo/0/train`; empty when all was there before.
    """

    path: Path
    finished: tuple[FinishedRun, ...]
    missing: tuple[MissingRun, ...]
    executed: tuple[str, ...] = ()
