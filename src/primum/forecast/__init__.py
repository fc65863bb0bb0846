"""What a run will cost, before it starts: calls, tokens, time, memory and disk."""

from primum.forecast.entry import forecast
from primum.forecast.figures import Forecast

__all__ = ["Forecast", "forecast"]
