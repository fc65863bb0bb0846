"""What a run will cost, before it starts: calls, tokens, time, memory and disk.

`primum.forecast(…)` calls `primum.forecast.entry.forecast`.
"""

import sys
from typing import TYPE_CHECKING, Any

from primum.callable_package import CallablePackage, lazy

if TYPE_CHECKING:
    from primum.forecast.entry import forecast
    from primum.forecast.figures import Forecast

__all__ = ["Forecast", "forecast"]

_HOMES = {"Forecast": "primum.forecast.figures", "forecast": "primum.forecast.entry"}


def __getattr__(name: str) -> Any:
    return lazy(__name__, _HOMES, name)


sys.modules[__name__].__class__ = CallablePackage
