"""Templates into pages that need nothing else, and into sections of such pages."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from primum.report.drawing.text import count, plural, share

_SHARED = Path(__file__).parent / "templates"


def fill(
    template: Path, page: Any, *, style: str = "", script: str = "", asks: bool = False
) -> Markup:
    """A template as HTML: a whole page where it extends `page.html.j2`, otherwise a section.

    Everything is escaped, outside resources are forbidden by a content security policy, and the
    only style and the only script allowed are those whose digest the policy names. So a section may
    come into the page of another template as it is.

    Args:
        template: The template's file. It finds those beside it, and the shared ones: the frame of
            a page, and charts.
        page: What it shows.
        style: What a whole page has beside the shared style.
        script: What a whole page runs; nothing as a rule.
        asks: Whether the script may ask the server that the page comes from.
    """
    style = (_SHARED / "style.css").read_text(encoding="utf-8") + style
    environment = Environment(
        loader=FileSystemLoader([template.parent, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=count, plural=plural)
    environment.globals.update(share=share)
    found = environment.get_template(template.name)
    return Markup(
        found.render(
            page=page,
            style=Markup(style),
            style_digest=_digest(style),
            script=Markup(script),
            script_digest=_digest(script),
            asks=asks,
        )
    )


def _digest(text: str) -> str:
    """As a content security policy has it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
