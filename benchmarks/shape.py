"""The shape of the code: how large its rooms and files are, and what breaks the rules of the house.

    python benchmarks/shape.py

A room is a folder under src/primum with Python files of its own. Two names are compared where they
are public classes or type aliases; the glossary is docs/glossary.md.
"""

import ast
import re
import statistics
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import grimp

from figures import figure

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
ROOMS_ALLOWED_TO_SAY = {"verdict": ("cli", "compare", "evaluation", "report", "run")}
"""Words that belong to one subject, and the rooms that deal with it."""
MOST_FILES = 16
"""Files side by side that still can be taken in: the issue that set the rooms."""


def main() -> None:
    lines = {file: len(read(file).splitlines()) for file in sorted(SOURCE.rglob("*.py"))}
    rooms: dict[Path, list[int]] = defaultdict(list)
    for file, count in lines.items():
        rooms[file.parent].append(count)
    for room, counts in rooms.items():
        figure(
            "room_files",
            len(counts),
            "files",
            room=str(room.relative_to(SOURCE)),
            median_lines=statistics.median(counts),
            largest_lines=max(counts),
        )
    large = [str(room.relative_to(SOURCE)) for room in rooms if len(rooms[room]) > MOST_FILES]
    figure("files", len(lines), "files")
    figure("median_lines", statistics.median(lines.values()), "lines")
    longest = max(lines, key=lambda file: lines[file])
    figure("largest_lines", lines[longest], "lines", file=str(longest.relative_to(SOURCE)))
    figure("rooms_too_full", len(large), "rooms", most=MOST_FILES, rooms=large)
    listed("imports_upwards", upward_imports())
    listed("names_for_two_things", [*defined_twice(), *words_elsewhere()])
    listed("glossary_names_unknown", unknown_names())


def listed(name: str, found: list[str]) -> None:
    """Prints how many were found, and which; the aim is none."""
    figure(name, len(found), "names", aim=0, found=found)


def upward_imports() -> list[str]:
    """Modules that import from a higher layer of pyproject.toml, or from a sibling."""
    settings = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["importlinter"]
    [layers] = [contract["layers"] for contract in settings["contracts"] if "layers" in contract]
    heights = {
        room.strip(): (height, room.strip())
        for height, layer in enumerate(reversed(layers))
        for room in layer.split("|")
    }

    def place(module: str) -> tuple[int, str] | None:
        return next((heights[r] for r in heights if f"{module}.".startswith(f"{r}.")), None)

    def wrong(importer: str, imported: str) -> bool:
        above, below = place(importer), place(imported)
        return bool(above and below and above != below and below[0] >= above[0])

    graph = grimp.build_graph("primum", cache_dir=None)
    return sorted(
        importer
        for importer in graph.modules
        if any(wrong(importer, i) for i in graph.find_modules_directly_imported_by(importer))
    )


def defined_twice() -> list[str]:
    """Public classes and type aliases of one name that are not the same."""
    places: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(SOURCE.rglob("*.py")):
        for name, meaning in definitions(file):
            places[name][meaning].append(str(file.relative_to(SOURCE)))
    return [
        f"{name}: {', '.join(file for files in meanings.values() for file in files)}"
        for name, meanings in sorted(places.items())
        if len(meanings) > 1
    ]


def definitions(file: Path) -> Iterator[tuple[str, str]]:
    """The public classes and type aliases of a module, each with what it stands for.

    An alias stands for its right side, so that the same alias in two modules is one thing.
    """
    for node in ast.parse(read(file)).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, f"{file}"
        elif isinstance(node, ast.Assign) and is_alias(node):
            [target] = node.targets
            assert isinstance(target, ast.Name)
            yield target.id, ast.unparse(node.value)


def is_alias(node: ast.Assign) -> bool:
    """Whether `Name = …` names a type: a capitalised name, and a type such as `list[int]`."""
    [target, *others] = node.targets
    return (
        not others
        and isinstance(target, ast.Name)
        and re.fullmatch(r"[A-Z][A-Za-z]*[a-z][A-Za-z]*", target.id) is not None
        and isinstance(node.value, ast.Subscript | ast.BinOp)
    )


def words_elsewhere() -> list[str]:
    """Names that use a word of another subject."""
    found = []
    for word, rooms in ROOMS_ALLOWED_TO_SAY.items():
        for file in sorted(SOURCE.rglob("*.py")):
            room = file.relative_to(SOURCE / "primum").parts[0]
            names = {name for name in named(file) if word in name.lower()}
            if room not in rooms and names:
                found.append(f"{file.relative_to(SOURCE)}: {', '.join(sorted(names))}")
    return found


def named(file: Path) -> Iterator[str]:
    """The names that a module gives to classes, functions, arguments and fields."""
    for node in ast.walk(ast.parse(read(file))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def unknown_names() -> list[str]:
    """Names in the glossary's last column that no class has."""
    known = {name for file in SOURCE.rglob("*.py") for name, _ in definitions(file)}
    rows = [line.split("|") for line in read(ROOT / "docs" / "glossary.md").splitlines()]
    cells = [row[3] for row in rows if len(row) == 5]
    return [name for cell in cells for name in re.findall("`([^`]+)`", cell) if name not in known]


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
