"""Can this model be trusted as a judge, on which objectives, and with which settings?

`primum.audit(…)` calls `primum.audit.entry.audit`.
"""

import sys
from typing import TYPE_CHECKING, Any

from primum.callable_package import CallablePackage, lazy

if TYPE_CHECKING:
    from primum.audit.entry import audit
    from primum.audit.result import Audit, read_audit
    from primum.audit.settings import settings_from_audit

__all__ = ["Audit", "audit", "read_audit", "settings_from_audit"]

_HOMES = {
    "Audit": "primum.audit.result",
    "audit": "primum.audit.entry",
    "read_audit": "primum.audit.result",
    "settings_from_audit": "primum.audit.settings",
}


def __getattr__(name: str) -> Any:
    return lazy(__name__, _HOMES, name)


sys.modules[__name__].__class__ = CallablePackage
