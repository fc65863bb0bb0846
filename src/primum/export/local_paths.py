"""Places of this machine, which nothing that is published may name."""

import json
import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from primum.engines.models.failures import told
from primum.errors import UserError

_PATH = re.compile(
    r"(?:file://|(?<![\w/.~]))"
    r"(?P<path>~?/[\w.+@-]+(?:/[\w.+@-]+)+|[A-Za-z]:\\{1,2}[\w.+-]+\\[^\s\"']+)"
)
_USUAL = {"home", "Users", "root", "mnt", "data", "scratch", "workspace"}
"""First parts of paths on other machines than this one: a choice."""

_WORDS = {"tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json"}
"""Files that list words of a language, some of which look like paths."""


def local_paths(text: str) -> list[str]:
    """Absolute paths in a text that are places of a machine, in the order in which they stand."""
    return [found["path"] for found in _PATH.finditer(text) if _is_local(found["path"])]


def without_local_paths(text: str) -> str:
    """The text with the last part of every local path in its place."""

    def shorten(found: re.Match[str]) -> str:
        path = found["path"]
        return re.split(r"[/\\]", path)[-1] if _is_local(path) else found[0]

    return _PATH.sub(shorten, text)


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


def _is_local(path: str) -> bool:
    if not path.startswith("/"):
        return True
    first = path.split("/")[1]
    return first in _USUAL or first in _roots()


@cache
def _roots() -> frozenset[str]:
    """The folders at the root of this machine, and the one for temporary files."""
    found = [entry.name for entry in Path("/").iterdir() if entry.is_dir()]
    return frozenset([*found, Path(tempfile.gettempdir()).parts[1]])
