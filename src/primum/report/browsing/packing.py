"""A list as text that a page can hold: JSON, deflated, in base64."""

import base64
import json
import zlib
from dataclasses import asdict, dataclass

from markupsafe import Markup

from primum.report.browsing.columns import BrowsedList


@dataclass(frozen=True, slots=True)
class PackedList:
    """A list inside a page.

    Attributes:
        rows: How many rows it has.
        data: Its content. Base64 has no character that means anything in HTML.
    """

    rows: int
    data: Markup


def pack(found: BrowsedList) -> PackedList:
    """Packs a list as the page's script unpacks it.

    Raises:
        ValueError: If a number is not finite, which JSON cannot say.
    """
    rows = len(found.columns[0].values)
    document = asdict(found) | {"rows": rows}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return PackedList(rows, Markup(base64.b64encode(zlib.compress(text.encode())).decode()))
