"""YAML without surprises: YAML 1.2's plain values, no duplicate keys, and lines remembered."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from primum.errors import UserError

Path = tuple[str, ...]
"""Keys and list positions that lead to a value, all as text."""

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Document:
    """Plain data, and where it came from.

    Attributes:
        source: What to call the whole in an error, such as a file's name.
        data: Mappings, lists, strings, numbers, truth values and None.
        places: Where the values stand, such as "my.yaml, line 7", by their path.
    """

    source: str
    data: Any
    places: Mapping[Path, str]

    def place(self, path: Path) -> str:
        """Where a value stands, or else the nearest value around it."""
        for length in range(len(path), 0, -1):
            found = self.places.get(path[:length])
            if found is not None:
                return found
        return self.source


_REMEDIES = {
    "'\\t' that cannot start": "; indent with spaces, not with a tab",
    "mapping values are not allowed": "; put quotation marks around a text that holds a colon",
    "expected ',' or": "; close the bracket, or put quotation marks around the text",
    "could not determine a constructor": "; put quotation marks around a text that begins with !",
}
"""What to do, by what PyYAML says."""


def parse_yaml(text: str, source: str) -> Document:
    """Reads one YAML document.

    Unlike YAML 1.1, which PyYAML speaks, `1e-5` is a number, and `off`, `no`, `12:30` and
    `2025-01-01` are text. An empty text is None.

    Args:
        text: The YAML.
        source: What to call it in an error.

    Raises:
        UserError: If it is malformed or a key stands twice; the message names the line.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            places = dict(_places(node, source)) if node is not None else {}
            data = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        problem = error.problem or error.context or "unreadable"
        remedy = next((told for said, told in _REMEDIES.items() if said in problem), "")
        raise UserError(f"{source}{where}: malformed YAML ({problem}){remedy}") from error
    except UserError:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{source}: malformed YAML ({reason})") from error
    return Document(source, data, places)


def dump_yaml(data: Any) -> str:
    """Plain data, its numbers finite, as YAML that `parse_yaml` reads back unchanged."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own name and type)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        return True


_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML folds these characters away unless they are escaped, which needs double quotes.
    style = '"' if _LINE_BREAKS.search(text) else None
    return dumper.represent_scalar(_TAG + "str", text, style=style)


_Dumper.add_representer(str, _text)

_DECIMAL = r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?"
_DIGITS = list("-+.0123456789")
_PLAIN_VALUES = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", _DIGITS),
    ("float", rf"{_DECIMAL}|[-+]?[0-9]+[eE][-+]?[0-9]+", _DIGITS),
    ("merge", r"<<", ["<"]),
)
for _kind, _pattern, _first in _PLAIN_VALUES:
    for _speaker in (_Loader, _Dumper):
        _speaker.add_implicit_resolver(_TAG + _kind, re.compile(rf"^(?:{_pattern})$"), _first)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))  # PyYAML's own would take 010 as octal.


_Loader.add_constructor(_TAG + "int", _decimal)


def _places(root: yaml.Node, source: str) -> Iterator[tuple[Path, str]]:
    """The line of every value; refuses duplicate keys and half characters on the way.

    An anchored node is visited once, so that aliases of aliases cannot multiply the work.
    """
    seen: set[int] = set()
    waiting: list[tuple[Path, int, yaml.Node]] = [((), root.start_mark.line, root)]
    while waiting:
        path, line, node = waiting.pop()
        yield path, f"{source}, line {line + 1}"
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            _check_characters(node, f"{source}, line {line + 1}")
        elif isinstance(node, yaml.SequenceNode):
            for index, entry in enumerate(node.value):
                waiting.append(((*path, str(index)), entry.start_mark.line, entry))
        elif isinstance(node, yaml.MappingNode):
            first: dict[tuple[str, str], int] = {}
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    continue
                start = key.start_mark.line
                identity = (key.tag, key.value)
                if identity in first:
                    raise UserError(
                        f"{source}, line {start + 1}: the key {key.value!r} stands twice in the "
                        f"same mapping (first in line {first[identity] + 1}); remove one"
                    )
                first[identity] = start
                waiting.append(((*path, key.value), start, value))


def _check_characters(node: yaml.ScalarNode, place: str) -> None:
    try:
        node.value.encode()
    except UnicodeEncodeError as error:
        raise UserError(
            f"{place}: an escape \\ud800 to \\udfff is no character; write the character itself"
        ) from error
