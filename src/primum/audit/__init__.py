"""Can this model be trusted as a judge, on which objectives, and with which settings?"""

from primum.audit.entry import audit_model, audit_run, read_audit
from primum.audit.settings import settings_from_audit

__all__ = ["audit_model", "audit_run", "read_audit", "settings_from_audit"]
