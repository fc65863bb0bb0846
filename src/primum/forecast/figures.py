"""The figures of a forecast."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CallsForecast:
    """The calls for one purpose in one stage.

    Attributes:
        stage: As in `primum calls`.
        purpose: As in `primum calls`.
        calls: Calls still to be made, if no answer is empty and no two are the same.
        calls_most: The same, if every reply that has to be read must be asked for again as often as
            the recipe allows.
        finished: Requests that an earlier, unfinished attempt has answered.
        prompt_tokens: Tokens read. Exact where only the user's prompts are read; elsewhere for
            answers of the expected length.
        prompt_tokens_most: The same, for answers as long as the recipe allows, in ordinary text.
        answer_tokens: Tokens written, expected.
        answer_tokens_most: Tokens written, by the recipe's limits.
        seconds: Expected time.
        seconds_most: Time at the upper limits.
    """

    stage: str
    purpose: str
    calls: int
    calls_most: int
    finished: int
    prompt_tokens: int
    prompt_tokens_most: int
    answer_tokens: int
    answer_tokens_most: int
    seconds: float
    seconds_most: float


@dataclass(frozen=True, slots=True)
class TrainingForecast:
    """Training over all rounds.

    Attributes:
        steps: Optimizer steps, expected.
        tokens: Tokens forwarded with gradient, for the prompts that a quantile keeps and answers
            of the expected length.
        tokens_most: The same, for all prompts and answers as long as the recipe allows.
        seconds: Expected time; None where the model runs elsewhere, so that nothing was measured.
        seconds_most: Time at the upper limit; None likewise.
    """

    steps: int
    tokens: int
    tokens_most: int
    seconds: float | None
    seconds_most: float | None


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes needed of something, and bytes there.

    Attributes:
        needed: At the peak.
        there: How much there is; None where that cannot be told.
    """

    needed: int
    there: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run will cost.

    Attributes:
        device: Where it was measured: `cpu`, `cuda`, `mps`, or the kind of a remote engine.
        calls: By stage and purpose.
        training: Training.
        loading_seconds: Loading models, over the whole run.
        generation_memory: Peak while calls are made.
        training_memory: Peak while training; None where nothing is trained.
        disk: Peak size of the run directory beyond what it holds now.
        power: Which rise the held-out prompts will show, in a sentence.
    """

    device: str
    calls: tuple[CallsForecast, ...]
    training: TrainingForecast
    loading_seconds: float
    generation_memory: Need | None
    training_memory: Need | None
    disk: Need
    power: str = ""

    @property
    def seconds(self) -> float:
        """Expected time of the whole run, so far as it is known."""
        calls = sum(line.seconds for line in self.calls)
        return calls + (self.training.seconds or 0.0) + self.loading_seconds

    @property
    def seconds_most(self) -> float:
        """Time of the whole run at the upper limits, so far as it is known."""
        calls = sum(line.seconds_most for line in self.calls)
        return calls + (self.training.seconds_most or 0.0) + self.loading_seconds

    @property
    def gpu_hours(self) -> float | None:
        """Expected hours on one GPU; None where the run needs none."""
        return self.seconds / 3600 if self.device == "cuda" else None

    def to_json(self) -> dict[str, Any]:
        """As plain data, totals included."""
        names = ("calls", "calls_most", "finished", "prompt_tokens", "answer_tokens")
        totals = {name: sum(getattr(line, name) for line in self.calls) for name in names}
        totals["answer_tokens_most"] = sum(line.answer_tokens_most for line in self.calls)
        return {
            **asdict(self),
            "total": totals,
            "seconds": self.seconds,
            "seconds_most": self.seconds_most,
            "gpu_hours": self.gpu_hours,
        }
