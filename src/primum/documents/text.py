"""Files as text, and JSON in them."""

import codecs
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from primum.documents.suggestions import nearest
from primum.errors import UserError


def read_bytes(path: Path) -> bytes:
    """Reads a file.

    Raises:
        UserError: If there is no such file, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such file; {_instead(path)}") from error
    except IsADirectoryError as error:
        raise UserError(f"{path} is a folder; name a file in it") from error
    except (OSError, ValueError) as error:
        # ValueError: a path with a null character.
        raise UserError(f"{path} cannot be read: {error}") from error


def _instead(path: Path) -> str:
    """What to do about a file that is not there: the one beside it with nearly its name."""
    try:
        beside = sorted(file.name for file in path.parent.iterdir() if file.is_file())
    except OSError:
        return f"nor is there a folder {path.parent}: check the path"
    near = nearest(path.name, beside, count=1)
    return f"did you mean {path.with_name(near[0])}?" if near else "check the path"


def read_text(path: Path) -> str:
    """Reads a file as UTF-8 text; a byte order mark is dropped.

    Raises:
        UserError: If there is no such file, it cannot be read, or it is not UTF-8.
    """
    return decode(read_bytes(path), str(path))


def decode(content: bytes, source: str) -> str:
    """Bytes as UTF-8 text, with every line ending as a line feed.

    Args:
        content: The bytes; a byte order mark is dropped.
        source: What to call them in an error.

    Raises:
        UserError: If they are not UTF-8, or hold a null character, which no text has; the message
            names the line.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UserError(f"{source} is UTF-16 text; save the file as UTF-8")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise UserError(
            f"{source}, line {line}: a null character, so this is UTF-16 text, a damaged file or "
            "none of text; save it as UTF-8"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UserError(
            f"{source}, line {line}: not UTF-8 text (byte {content[error.start]:#04x}); "
            "save the file as UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_json(text: str, source: str, first_line: int = 1) -> Any:
    """Reads one JSON value.

    Args:
        text: The JSON.
        source: The file's name, for errors.
        first_line: The line of the file on which the text begins.

    Raises:
        UserError: If it is malformed, nested beyond reason, names a key of an object twice, or
            holds half a character (a lone surrogate escape), which no file of ours could store.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object)
        # Serialised again because only a look at every string shows a lone surrogate.
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise UserError(
            f"{source}, line {line}: malformed JSON ({error.msg}, column {error.colno})"
        ) from error
    except UnicodeEncodeError as error:
        raise UserError(
            f"{source}, line {first_line}: an escape \\ud800 to \\udfff stands alone, which is "
            "no character; write the character itself"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{source}, line {first_line}: malformed JSON ({error})") from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these keys and values, of which JSON itself would keep the last of a key."""
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def parse_json_lines(text: str, source: str) -> Iterator[tuple[int, Any]]:
    """Reads JSON lines; blank lines are skipped.

    Yields:
        Line number, counted from 1, and value.

    Raises:
        UserError: If a line is malformed; the message names it.
    """
    # Split at line feeds alone: splitlines would also cut at U+2028 inside a string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, parse_json(line, source, number)
