"""Numbers and untrusted text, as people read them."""

import re
from pathlib import Path

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)

_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


def plain(text: str) -> str:
    """Text in which nothing can act unseen.

    Control characters, what overrides the direction of writing, and what no file can hold become
    their code points in brackets, such as [U+001B]. Line ends become line feeds.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", lines)


def one_line(text: str) -> str:
    """Plain text on one line."""
    return " ".join(plain(text).split())


def hub_name(model: str) -> str | None:
    """The model's name on the Hugging Face hub; None for a folder or a bundled model."""
    return model if _HUB.fullmatch(model) and not Path(model).exists() else None


def model_name(model: str) -> str:
    """What to call a model: no path of the machine that it lies on."""
    if hub_name(model):
        return model
    return one_line(Path(model.removeprefix("bundled:")).name or model)


def number(value: float | None, digits: int = 2) -> str:
    """A figure; a dash where there is none."""
    return "–" if value is None else _minus(f"{value:.{digits}f}")


def signed(value: float | None, digits: int = 2) -> str:
    """A difference with its sign; a dash where there is none."""
    return "–" if value is None else _minus(f"{value:+.{digits}f}")


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval; nothing where there is none."""
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def count(value: int) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def about(value: int) -> str:
    """A whole number to three digits, such as 12.3k, where it is an estimate."""
    for power, unit in ((9, "G"), (6, "M"), (3, "k")):
        part = float(f"{value / 10**power:.3g}")
        if part >= 1:
            return f"{part:g}{unit}"
    return str(value)


def share(part: int, whole: int) -> str:
    """A percentage; nothing of nothing is nothing."""
    return f"{part / whole:.0%}" if whole else "–"


def percent(part: float) -> str:
    """A level such as a confidence, to as many digits as it has."""
    return f"{100 * part:.4g}%"


def plural(value: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count(value)} {noun}" if value == 1 else f"{count(value)} {noun}s"


def size_text(value: float) -> str:
    """Bytes, in GiB or MiB."""
    return f"{value / 2**30:.1f} GiB" if value >= 2**30 else f"{value / 2**20:.0f} MiB"


def duration(seconds: float) -> str:
    """A time span in the two units that matter."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _minus(figure: str) -> str:
    return figure.replace("-", "−")
