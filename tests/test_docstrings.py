"""Every public function of three or more parameters says what each of them is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src" / "primum"
FILES = sorted(SOURCES.rglob("*.py"))
FEWEST = 3


Function = ast.FunctionDef | ast.AsyncFunctionDef

HOOKS = {"on_log", "on_step_end", "on_train_begin", "update"}
"""Methods that Transformers calls and documents."""


def public_functions(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, Function]]:
    """Functions and methods that a reader of the reference sees."""
    for node in body:
        name = getattr(node, "name", "_")
        if name.startswith("_"):
            continue
        if isinstance(node, Function):
            if not (owner and name in HOOKS):
                yield owner + name, node
        elif isinstance(node, ast.ClassDef):
            yield from public_functions(node.body, f"{owner}{name}.")


def parameters(function: Function) -> list[str]:
    """Names of the parameters, without self and without those that `Annotated` explains."""
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    if plain and plain[0].arg in ("self", "cls"):
        plain = plain[1:]
    starred = [one for one in (given.vararg,) if one]
    last = [one for one in (given.kwarg,) if one]
    return [one.arg for one in (*plain, *starred, *given.kwonlyargs, *last) if not annotated(one)]


def annotated(parameter: ast.arg) -> bool:
    """Whether its help stands beside it, as that of a command's options does."""
    kind = parameter.annotation
    return isinstance(kind, ast.Subscript) and ast.unparse(kind.value) == "Annotated"


def documented(docstring: str) -> list[str]:
    """The names in a docstring's `Args:`."""
    found = re.search(r"^Args:\n((?:    .*\n|\n)+)", f"{docstring}\n", re.MULTILINE)
    return re.findall(r"^    \*{0,2}(\w+):", found[1], re.MULTILINE) if found else []


def explained(function: Function, others: dict[str, list[list[str]]]) -> bool:
    """Whether its own docstring names all parameters, or that of what it implements does."""
    names = parameters(function)
    if len(names) < FEWEST or documented(ast.get_docstring(function) or "") == names:
        return True
    return names in others.get(function.name, [])


def wrong(source: str, others: dict[str, list[list[str]]] | None = None) -> list[str]:
    """The public functions of a module whose `Args:` is missing, short or out of order."""
    return [
        name
        for name, function in public_functions(ast.parse(source).body)
        if not explained(function, (others or {}) if "." in name else {})
    ]


@pytest.fixture(scope="module")
def documented_methods() -> dict[str, list[list[str]]]:
    """By method name, the parameters that some class explains; others may implement it."""
    found: dict[str, list[list[str]]] = {}
    for file in FILES:
        for name, function in public_functions(ast.parse(file.read_text()).body):
            names = documented(ast.get_docstring(function) or "")
            if "." in name and names == parameters(function):
                found.setdefault(function.name, []).append(names)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCES)))
def test_every_parameter_is_explained(file, documented_methods):
    assert wrong(file.read_text(), documented_methods) == []


def test_what_counts_as_explained():
    head = "def f(a, b, *, c):\n"
    args = "    Args:\n        a: One.\n            More.\n        b: Two.\n        c: Three.\n"
    assert wrong(head + '    """Does."""\n') == ["f"]
    assert wrong(head + f'    """Does.\n\n{args}    """\n') == []
    assert wrong(head + f'    """Does.\n\n{args.replace("b:", "d:")}    """\n') == ["f"]
    assert wrong("class C:\n    def f(self, a, b, c):\n        pass\n") == ["C.f"]
    assert wrong("def _f(a, b, c):\n    pass\n\ndef g(a, b):\n    pass\n") == []
    method = "class C:\n    def f(self, a, b, c):\n        pass\n"
    assert wrong(method, {"f": [["a", "b", "c"]]}) == []
    assert wrong(method, {"f": [["a", "c", "b"]]}) == ["C.f"]
    assert wrong("def f(a, b, c: Annotated[int, Option(help='It.')]):\n    pass\n") == []
