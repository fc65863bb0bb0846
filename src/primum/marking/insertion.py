"""One more exemplar file in a constitution's YAML, with every other line as its author wrote it."""

import re
from typing import Any

import yaml

from primum.documents import parse_yaml
from primum.errors import UserError

_PLAIN = re.compile(r"[\w./][\w./ -]*", re.ASCII)
"""A name that YAML reads as text without quotation marks, also in a list in brackets."""


def with_exemplar_file(text: str, objective: str, name: str, source: str) -> str:
    """The YAML with a file's name added to an objective's exemplars.

    Args:
        text: The YAML of a constitution that loads.
        objective: The objective's name.
        name: The file's name, relative to the YAML file.
        source: What to call the YAML in an error.

    Returns:
        The same text where it names the file already.

    Raises:
        UserError: If the objective shares its exemplars with another through an anchor, or is laid
            out so that no line of it can be added to; the message says what to write.
    """
    at, before = _objective(parse_yaml(text, source).data, objective)
    listed = before.get("exemplars", [])
    listed = [listed] if isinstance(listed, str) else listed
    if name in listed:
        return text
    changed = _inserted(text, at, name)
    if changed is not None:
        try:
            data = parse_yaml(changed, source).data
        except UserError:
            data = None
        if data == _expected(parse_yaml(text, source).data, at, [*listed, name]):
            return changed
    raise UserError(
        f"{source}: the exemplars of {objective!r} are laid out so that no line can be added by "
        f"itself; add the entry {name} to their list by hand, and run the same command again"
    )


def _objective(data: Any, name: str) -> tuple[int, dict[str, Any]]:
    """Place and data of an objective."""
    found = [(at, one) for at, one in enumerate(data["objectives"]) if one.get("name") == name]
    return found[0]


def _expected(data: Any, at: int, listed: list[Any]) -> Any:
    objectives = [
        {**one, "exemplars": listed} if place == at else one
        for place, one in enumerate(data["objectives"])
    ]
    return {**data, "objectives": objectives}


def _inserted(text: str, at: int, name: str) -> str | None:
    """The text with the name in its place; None where there is none for it.

    Args:
        text: The YAML.
        at: Place of the objective.
        name: The file's name.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    objective = _value(root, "objectives").value[at]
    written = name if _PLAIN.fullmatch(name) else "'" + name.replace("'", "''") + "'"
    exemplars = _value(objective, "exemplars")
    if exemplars is None:
        return _as_last_key(text, objective, f"exemplars: [{written}]")
    begin, end = exemplars.start_mark.index, exemplars.end_mark.index
    if isinstance(exemplars, yaml.ScalarNode):
        if exemplars.style in ("|", ">"):
            return None
        former = text[begin:end]
        if exemplars.style is None and not _PLAIN.fullmatch(former):
            former = "'" + exemplars.value.replace("'", "''") + "'"
        return f"{text[:begin]}[{former}, {written}]{text[end:]}"
    if exemplars.flow_style:
        last = exemplars.value[-1].end_mark.index if exemplars.value else begin + 1
        comma = ", " if exemplars.value else ""
        return f"{text[:last]}{comma}{written}{text[last:]}"
    return _as_line(
        text, _end(exemplars.value[-1]), f"{' ' * exemplars.start_mark.column}- {written}"
    )


def _as_last_key(text: str, mapping: Any, line: str) -> str | None:
    if mapping.flow_style:
        return None
    return _as_line(text, _end(mapping.value[-1][1]), f"{' ' * mapping.start_mark.column}{line}")


def _as_line(text: str, after: int, line: str) -> str:
    """The text with a line behind the one on which something ends.

    Args:
        text: The YAML.
        after: Where that ends.
        line: The new line.
    """
    # A text in a block ends where the next line begins.
    if after and text[after - 1] == "\n":
        after = len(text[:after].rstrip())
    end = text.find("\n", after)
    if end < 0:
        return f"{text}\n{line}\n"
    return f"{text[: end + 1]}{line}\n{text[end + 1 :]}"


def _end(node: Any) -> int:
    """Where a node's last character stands; PyYAML puts the end of a block before the next one."""
    if node.value and isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return _end(node.value[-1])
    if node.value and isinstance(node, yaml.MappingNode) and not node.flow_style:
        return _end(node.value[-1][1])
    return int(node.end_mark.index)


def _value(mapping: Any, key: str) -> Any:
    return next((value for name, value in mapping.value if name.value == key), None)
