"""What the command writes to: streams that lack letters, and libraries that talk beside us."""

import codecs
import io
import logging
import os
import sys
import warnings

_PLAIN = {
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{CHECK MARK}": "+",
    "\N{MULTIPLICATION X}": "x",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{GREEK SMALL LETTER ALPHA}": "alpha",
    "\N{GREEK SMALL LETTER BETA}": "beta",
    "\N{GREEK SMALL LETTER DELTA}": "delta",
    "\N{GREEK SMALL LETTER TAU}": "tau",
    "\N{GREEK CAPITAL LETTER SIGMA}": "Sigma",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{MIDDLE DOT}": "*",
}
"""Signs of ours for a terminal that has ASCII alone."""

_QUIET = {
    # Our own progress lines take the place of the libraries' bars.
    "TQDM_DISABLE": "1",
    # What is wrong comes as an error; the rest is advice to programmers.
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_VERBOSITY": "error",
    "DATASETS_VERBOSITY": "error",
}


def prepare_output() -> None:
    """Makes streams write every text, and keeps libraries from writing beside us.

    Must come before they are imported. What the environment says already holds.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        warnings.filterwarnings("ignore", module=r"(transformers|peft|accelerate|torch|datasets)\b")
    codecs.register_error("primum", _in_plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="primum")
    logger = logging.getLogger("primum")
    if not logger.handlers:
        logger.addHandler(_Said(logging.WARNING))


class _Said(logging.Handler):
    """Prints what our own modules warn of as the command says everything else."""

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        from primum.cli.faults import say

        say(record.getMessage())


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    """What stands in the place of letters that a stream lacks: ours as ASCII, else an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    written = (
        _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode()
        for letter in lacking
    )
    return "".join(written), error.end
