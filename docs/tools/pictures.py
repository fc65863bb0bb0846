"""Draws the pictures of docs/concepts.md: `python docs/tools/pictures.py`."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "pictures"

INK, PALE, GOOD, BAD, PAPER = "#1f2d3a", "#8a97a5", "#00796b", "#c0392b", "#ffffff"
WIDE = 640


def text(x: float, y: float, words: str, *, colour: str = INK, at: str = "middle") -> str:
    """A line of text; `at` is the end at which x lies."""
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{colour}" text-anchor="{at}" '
        f'font-size="14">{escape(words)}</text>'
    )


def line(start: Sequence[float], end: Sequence[float], *, colour: str = INK, more: str = "") -> str:
    """A straight line between two points."""
    return (
        f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}" '
        f'stroke="{colour}" stroke-width="2" {more}/>'
    )


def dot(x: float, y: float, *, colour: str = INK) -> str:
    """A filled circle."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="7" fill="{colour}"/>'


def box(x: float, y: float, wide: float, words: str, *, colour: str = INK) -> str:
    """A frame with a line of text in its middle."""
    frame = (
        f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="36" rx="6" fill="none" '
        f'stroke="{colour}" stroke-width="2"/>'
    )
    return frame + text(x + wide / 2, y + 23, words, colour=colour)


def arrow(start: Sequence[float], end: Sequence[float], *, colour: str = INK) -> str:
    """A line with a head at its end."""
    return line(start, end, colour=colour, more='marker-end="url(#head)"')


def page(title: str, high: int, parts: Iterator[str]) -> str:
    """A picture; the title is what a reader hears who does not see it."""
    head = (
        '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="context-stroke"/></marker>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" role="img" '
            f'font-family="sans-serif"><title>{escape(title)}</title><defs>{head}</defs>',
            f'<rect width="{WIDE}" height="{high}" fill="{PAPER}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def axes() -> Iterator[str]:
    """The plane of two objectives, with the threshold of the first."""
    yield arrow((70, 270), (600, 270))
    yield arrow((70, 270), (70, 30))
    yield text(560, 294, "first objective")
    yield text(84, 26, "second objective", at="start")
    yield line((400, 270), (400, 40), colour=PALE, more='stroke-dasharray="6 5"')
    yield text(400, 294, "threshold", colour=PALE)


ANSWERS = {"A": (160, 80), "B": (270, 210), "C": (460, 180), "D": (540, 100)}
"""Answers in the plane; the best one is the last."""


def priority() -> Iterator[str]:
    """Four answers in their order."""
    yield from axes()
    for place, (name, (x, y)) in enumerate(reversed(ANSWERS.items()), start=1):
        colour = GOOD if x >= 400 else INK
        yield dot(x, y, colour=colour)
        yield text(x, y - 14, f"{name}: place {place}", colour=colour)


def pairs() -> Iterator[str]:
    """An arrow from every answer to the ones that it loses to."""
    yield from axes()
    places = list(ANSWERS.items())
    for at, (_, worse) in enumerate(places):
        for _, better in places[at + 1 :]:
            colour = GOOD if worse[0] >= 400 else PALE
            share = 1 - 12 / max(abs(better[0] - worse[0]), abs(better[1] - worse[1]))
            end = [low + share * (high - low) for low, high in zip(worse, better, strict=True)]
            yield arrow(worse, end, colour=colour)
    for name, (x, y) in places:
        yield dot(x, y)
        yield text(x, y - 14, name)


def filters() -> Iterator[str]:
    """A prompt's way through the filters."""
    steps = (
        ("prompt, answered n times, scored, refined", None),
        ("consistent? the refinement beats every answer", "dropped: the judge contradicts itself"),
        ("informative? the scores differ", "dropped: nothing to learn"),
        ("stable? the scores do not scatter wildly", "dropped: the judge is unsure"),
        ("pairs", None),
    )
    for at, (words, lost) in enumerate(steps):
        y = 20 + at * 66
        yield box(20, y, 330, words, colour=INK if lost else GOOD)
        if at:
            yield arrow((185, y - 30), (185, y - 3))
        if lost:
            yield arrow((350, y + 18), (384, y + 18), colour=BAD)
            yield text(392, y + 23, lost, colour=BAD, at="start")


def gate() -> Iterator[str]:
    """Intervals of a gain beside the margin and zero."""
    margin, zero = 220, 290
    cases = (
        ("rose", 310, 430, GOOD, "held, and rose: the gain is shown"),
        ("held", 250, 350, INK, "held: no fall beyond the margin"),
        ("doubt", 180, 330, BAD, "not shown to hold: doubt counts against"),
        ("fell", 110, 190, BAD, "fell beyond the margin"),
    )
    yield line((zero, 40), (zero, 260), colour=PALE)
    yield line((margin, 40), (margin, 260), colour=PALE, more='stroke-dasharray="6 5"')
    yield text(zero + 4, 30, "no change", colour=PALE, at="start")
    yield text(margin - 4, 30, "minus the margin", colour=PALE, at="end")
    for at, (_, low, high, colour, words) in enumerate(cases):
        y = 70 + at * 52
        yield line((low, y), (high, y), colour=colour)
        yield dot((low + high) / 2, y, colour=colour)
        yield text(WIDE - 8, y + 24 if high > 400 else y + 5, words, colour=colour, at="end")
    yield text(zero, 284, "gain on an objective, with its interval")


PICTURES = {
    "priority": page("Four answers in order of priority", 305, priority()),
    "pairs": page("Pairs of four answers, from worse to better", 305, pairs()),
    "filters": page("The filters, and what each of them drops", 340, filters()),
    "gate": page("Intervals of a gain: rose, held, not shown to hold, fell", 296, gate()),
}


def main() -> None:
    """Writes all pictures."""
    for name, drawing in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
