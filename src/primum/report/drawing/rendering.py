"""Templates into pages that need nothing else."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from primum.report.drawing.text import count, plural, share

TEMPLATES = Path(__file__).parent / "templates"


def fill(name: str, page: Any) -> str:
    """A template as HTML.

    Everything is escaped, scripts and outside resources are forbidden by a content security policy,
    and the only style allowed is the one whose digest the policy names.

    Args:
        name: The template's file.
        page: What it shows.
    """
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=count, plural=plural)
    environment.globals.update(share=share)
    template = environment.get_template(name)
    return template.render(page=page, style=Markup(style), style_digest=digest)
