"""The engine `openai`: any server that speaks OpenAI's chat completions."""

from primum.engines.openai.engine import OpenAIEngine
from primum.engines.openai.server import SERVED, Traffic

__all__ = ["SERVED", "OpenAIEngine", "Traffic"]
