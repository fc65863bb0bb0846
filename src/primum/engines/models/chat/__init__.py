"""How a model writes conversations: from messages to token ids by its own template, and back."""

from primum.engines.models.chat.format import Answered, ChatFormat

__all__ = ["Answered", "ChatFormat"]
