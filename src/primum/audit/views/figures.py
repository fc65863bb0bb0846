"""Figures of an audit as text."""

from collections.abc import Callable

from primum.statistics.interval import Interval


def share(value: float | None) -> str:
    """A percentage; a dash where there is none."""
    return "–" if value is None else f"{value:.0%}"


def with_bounds(found: Interval, shown: Callable[[float | None], str]) -> str:
    """A figure and both ends of its interval, where there is one."""
    if found.low is None:
        return shown(found.value)
    return f"{shown(found.value)} [{shown(found.low)}, {shown(found.high)}]"
