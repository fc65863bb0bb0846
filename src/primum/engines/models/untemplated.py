"""Whether a model's files bring a chat template, before anything is loaded."""

import json
from pathlib import Path

from primum.engines.models.reference import resolve


def note_untemplated(model: str) -> tuple[str, ...]:
    """What to say of a model without a chat template; nothing where it has one or lies on the hub.

    Args:
        model: See `reference.resolve`.

    Raises:
        UserError: If there is no such model.
    """
    folders = resolve(model).folders
    if not folders or any(map(_has_template, folders)):
        return ()
    return (
        f"{model} brings no chat template, as base models have none: prompts are put to it as "
        "plain turns; name the instruct model if there is one, or copy its chat_template.jinja "
        "into the folder",
    )


def _has_template(folder: Path) -> bool:
    if any(next(folder.glob(name), None) for name in ("*chat_template*", "*.gguf", "*.py")):
        return True
    try:
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and bool(config.get("chat_template"))
