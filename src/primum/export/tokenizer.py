"""The tokenizer of an export, with the chat template that the run has used."""

from pathlib import Path
from typing import Any

from primum.engines.models.chat import ChatFormat


def write_tokenizer(chat: ChatFormat, folder: Path) -> None:
    """Writes the tokenizer and its chat template into a folder."""
    tokenizer: Any = chat.tokenizer
    tokenizer.chat_template = exported_template(chat)
    tokenizer.save_pretrained(folder)


def exported_template(chat: ChatFormat) -> Any:
    """The model's own template, or templates; where it has none, the turns that primum wrote.

    Whoever uses the export has to write conversations as the run did.
    """
    if chat.has_own_template:
        return chat.tokenizer.chat_template
    return ("{{ bos_token }}" if chat.tokenizer.bos_token else "") + chat.template
