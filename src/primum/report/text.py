"""Numbers and untrusted text, as people read them."""

import re

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_UNSEEN = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Text in which nothing can act unseen.

    Control characters become their pictures (␀, ␛, …), and what overrides the direction of writing,
    or no file can hold, becomes its code point in brackets. Line ends become line feeds.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    pictured = _CONTROLS.sub(_picture, lines)
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", pictured)


def one_line(text: str) -> str:
    """Plain text on one line."""
    return " ".join(plain(text).split())


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\u2421" if code == 0x7F else chr(0x2400 + code)


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


def share(part: int, whole: int) -> str:
    """A percentage; nothing of nothing is nothing."""
    return f"{part / whole:.0%}" if whole else "–"


def plural(value: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count(value)} {noun}" if value == 1 else f"{count(value)} {noun}s"


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
