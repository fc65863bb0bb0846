"""An audit as a page of its own, and as a section of a run's report."""

from pathlib import Path

from markupsafe import Markup

from primum.audit.result import Audit
from primum.audit.views.view import view_audit
from primum.report.drawing.rendering import fill
from primum.store.files import write_text

_TEMPLATES = Path(__file__).parent / "templates"


def write_audit_page(audit: Audit, path: Path) -> None:
    """Writes `audit.html`, whole or not at all."""
    write_text(path, fill(_TEMPLATES / "audit_page.html.j2", view_audit(audit)))


def audit_section(audit: Audit) -> Markup:
    """An audit as a section, for `report.page.write_report`."""
    return fill(_TEMPLATES / "audit.html.j2", view_audit(audit))
