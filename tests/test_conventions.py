"""What holds for all tests and benchmarks."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for room in ("tests", "benchmarks") for path in (ROOT / room).rglob("*.py"))
GENERATORS = {"default_rng", "seed", "manual_seed", "Generator", "RandomState", "Random"}


def generators(source: str) -> list[int]:
    """Lines on which a module, when imported, makes or seeds a random generator.

    Tests that share one depend on which of them run, and in what order.
    """
    found = []
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            name = node.func
            called = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
            if called in GENERATORS:
                found.append(node.lineno)
        waiting += ast.iter_child_nodes(node)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_random_generator_at_module_level(file):
    assert generators(file.read_text()) == []


def test_where_a_generator_is_found():
    assert generators("RNG = np.random.default_rng(0)") == [1]
    assert generators("class C:\n    torch.manual_seed(0)") == [2]
    assert generators("def f():\n    return np.random.default_rng(0)") == []
