"""Whether a model's files bring a tokenizer and a chat template, before anything is loaded."""

import json
from collections.abc import Sequence
from pathlib import Path

from primum.engines.models.reference import resolve
from primum.errors import UserError

_FILES = ("*token*", "vocab*", "*.model", "tekken*", "*.gguf", "*.py")
"""One of them lies in every folder with a tokenizer, whatever its kind."""


def check_tokenizer(model: str) -> None:
    """Refuses a folder of weights alone.

    Args:
        model: See `reference.resolve`.

    Raises:
        UserError: If neither the model's folder nor that of an adapter on it holds a tokenizer.
    """
    reference = resolve(model)
    folders = reference.folders
    if Path(reference.base).is_dir() and not any(_holds(folder, _FILES) for folder in folders):
        raise UserError(
            f"the model folder {model} holds no tokenizer (no tokenizer.json); copy the files of "
            "the model's tokenizer into it, with its chat template"
        )


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
    if _holds(folder, ("*chat_template*", "*.gguf", "*.py")):
        return True
    try:
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and bool(config.get("chat_template"))


def _holds(folder: Path, patterns: Sequence[str]) -> bool:
    return any(next(folder.glob(pattern), None) for pattern in patterns)
