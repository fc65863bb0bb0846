"""How fast a stage goes, in words."""

from dataclasses import dataclass, field
from math import floor, log10

from primum.report.drawing.text import duration

_LEAST_SECONDS = 0.1
"""Below this no rate is given, for it would be noise; a choice."""


@dataclass
class Pace:
    """What a stage has done so far.

    Items whose answers lay in the call store take no time, so they are counted apart, and rates
    are those of the other items alone.

    Attributes:
        stage: What is being done.
        total: How many items there will be.
        began: When the stage began, in seconds on a steady clock.
        done: Items finished.
        stored: How many of them needed no model.
        unpaced: How many of them no rate counts: the stored ones, and what was done before.
        tokens: Tokens that a model wrote just now.
        working: When the first item that is not stored was begun, on the same clock.
    """

    stage: str
    total: int
    began: float
    done: int = 0
    stored: int = 0
    unpaced: int = 0
    tokens: int = 0
    working: float = field(init=False)

    def __post_init__(self) -> None:
        self.working = self.began

    def count(self, now: float, tokens: int = 0, *, stored: bool) -> None:
        """Counts one more item.

        Args:
            now: The time, on the clock of `began`.
            tokens: Tokens written for it.
            stored: Whether its answer lay in the call store.
        """
        self.done += 1
        if stored:
            self.stored += 1
            self.unpaced += 1
            self.working = now
        else:
            self.tokens += tokens

    def brief(self, now: float) -> str:
        """Rates and stored items, as short as a terminal's line needs them; may be empty."""
        stored = [f"{self.stored:,} stored"] if self.stored else []
        rates = [self._rate(self._made, now), self._rate(self.tokens, now, " tokens")]
        return ", ".join([*stored, *filter(None, rates)])

    def left(self, now: float) -> str:
        """The time that the rest will take; empty where that is unknown, or nothing is left."""
        if not self._made or self.done >= self.total:
            return ""
        each = (now - self.working) / self._made
        return f"{clock(each * (self.total - self.done))} left"

    def elapsed(self, now: float) -> str:
        """The time since the stage began, such as 12:30."""
        return clock(now - self.began)

    def so_far(self, now: float) -> str:
        """A line while the stage goes on."""
        return f"{self.stage} {self.done:,} of {self.total:,}, {self.elapsed(now)}"

    def summary(self, now: float) -> str:
        """A line at the end of the stage."""
        parts = [f"{self.stage:<20} {self.done:,} done in {duration(now - self.began)}"]
        if self.stored:
            all_stored = self.stored == self.done
            parts.append("all stored" if all_stored else f"{self.stored:,} of them stored")
        parts.append(self._rate(self._made, now))
        if self.tokens:
            rate = self._rate(self.tokens, now)
            parts.append(f"{self.tokens:,} tokens" + (f" ({rate})" if rate else ""))
        return ", ".join(filter(None, parts))

    @property
    def _made(self) -> int:
        """Items that rates count."""
        return self.done - self.unpaced

    def _rate(self, amount: int, now: float, unit: str = "") -> str:
        """An amount a second; empty where there is nothing, or no time has passed."""
        seconds = now - self.working
        if not amount or seconds < _LEAST_SECONDS:
            return ""
        return f"{three_figures(amount / seconds)}{unit}/s"


def three_figures(value: float) -> str:
    """A positive number to three significant figures, such as 0.0347, 4.31, 201 and 51,900."""
    if value <= 0:
        return "0"
    digits = 2 - floor(log10(value))
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def clock(seconds: float) -> str:
    """A time span such as 0:07, 12:30 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
