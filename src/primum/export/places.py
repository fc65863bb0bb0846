"""Makes sure that no file of an export names a place of this machine."""

import json
from collections.abc import Iterable
from pathlib import Path

from primum.engines.models.failures import told
from primum.errors import UserError
from primum.report.drawing.local_paths import local_paths

_WORDS = {"tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json"}
"""Files that list words of a language, some of which look like paths."""


def check_no_local_paths(folder: Path, files: Iterable[str]) -> None:
    """Checks the texts of an export.

    Args:
        folder: The export.
        files: Those of its files that are to be published, relative to it.

    Raises:
        UserError: If one of them names a place of a machine, or cannot be read.
    """
    for name in files:
        for path in local_paths(_text(folder / name)):
            raise UserError(
                f"{name} names {path}, a place of a machine that others do not have, so nothing "
                f"is published; mend {name}"
                + (" (`primum export --base OWNER/NAME`)" if "adapter" in name else "")
            )


def _text(file: Path) -> str:
    if file.name in _WORDS or file.suffix == ".safetensors":
        return ""
    with told(str(file)):
        if file.suffix == ".gguf":
            return _gguf_text(file)
        text = file.read_text(encoding="utf-8", errors="replace")
        # JSON as people read it, without escapes.
        return json.dumps(json.loads(text), ensure_ascii=False) if file.suffix == ".json" else text


def _gguf_text(file: Path) -> str:
    from gguf import GGUFReader, GGUFValueType

    fields = GGUFReader(file).fields.values()
    texts = [field.contents() for field in fields if field.types[:1] == [GGUFValueType.STRING]]
    return "\n".join(map(str, texts))
