"""All lists of a report, and the script and the style that show them."""

from dataclasses import dataclass
from pathlib import Path

from primum.report.browsing.lists.dropped import dropped_list
from primum.report.browsing.lists.heldout import heldout_list
from primum.report.browsing.lists.pairs import pair_list
from primum.report.browsing.packing import PackedList, pack
from primum.report.data import RunData

_FOLDER = Path(__file__).parent
_SCRIPTS = ("unpack", "format", "search", "differences", "detail", "rows", "tools", "list", "main")


@dataclass(frozen=True, slots=True)
class Browsing:
    """The lists of a report.

    Attributes:
        heldout: Every held-out prompt, before and after.
        dropped: Every training prompt that gave no pair.
        pairs: Every pair.
    """

    heldout: PackedList
    dropped: PackedList
    pairs: PackedList


def browse(data: RunData) -> Browsing:
    """Packs the lists of a run."""
    return Browsing(
        heldout=pack(heldout_list(data)),
        dropped=pack(dropped_list(data)),
        pairs=pack(pair_list(data)),
    )


def page_style() -> str:
    """The style of the lists."""
    return (_FOLDER / "browsing.css").read_text(encoding="utf-8")


def page_script() -> str:
    """The script that shows the lists: the files of `script`, in a scope of their own."""
    return '"use strict";\n(() => {\n' + "".join(map(script_part, _SCRIPTS)) + "})();\n"


def script_part(name: str) -> str:
    """One file of the script, by its name without an ending."""
    return (_FOLDER / "script" / f"{name}.js").read_text(encoding="utf-8")
