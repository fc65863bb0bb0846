"""Several recipes over one synthesis, and the table of methods.

`primum.compare(…)` calls `primum.compare.entry.compare`.
"""

import sys
from typing import TYPE_CHECKING, Any

from primum.callable_package import CallablePackage, lazy

if TYPE_CHECKING:
    from primum.compare.entry import compare
    from primum.compare.finished import ComparedRuns, Cost, FinishedRun, MissingRun
    from primum.compare.runs.reading import read_comparison
    from primum.compare.writing import write_method_table

__all__ = [
    "ComparedRuns",
    "Cost",
    "FinishedRun",
    "MissingRun",
    "compare",
    "read_comparison",
    "write_method_table",
]

_HOMES = {
    "ComparedRuns": "primum.compare.finished",
    "Cost": "primum.compare.finished",
    "FinishedRun": "primum.compare.finished",
    "MissingRun": "primum.compare.finished",
    "compare": "primum.compare.entry",
    "read_comparison": "primum.compare.runs.reading",
    "write_method_table": "primum.compare.writing",
}


def __getattr__(name: str) -> Any:
    return lazy(__name__, _HOMES, name)


sys.modules[__name__].__class__ = CallablePackage
