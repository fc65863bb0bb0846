"""What is wrong with the words of a command, in one sentence."""

import re
from typing import Any


def misused(error: Any) -> str:
    """Says what is wrong, and what to type, where Typer would draw a box.

    Args:
        error: click's UsageError.
    """
    said = " ".join(error.format_message().split()).rstrip(".")
    command = error.ctx.command_path if error.ctx else "primum"
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and option and "." in option:
        key = option.lstrip("-").partition("=")[0]
        return f"no such option: {option}; settings have no hyphens: write {key}=VALUE"
    if wrong := re.match(r"No such command '([\w.]+=.*)'", said):
        return (
            f"no such command {wrong[1]!r}: that is a setting, and settings stand at the end, "
            f"behind the other words; see `{command} --help`"
        )
    said = re.sub(r"\. Did you mean (.*)\?$", r" (did you mean \1?)", said)
    return f"{said[:1].lower()}{said[1:]}; see `{command} --help`"
