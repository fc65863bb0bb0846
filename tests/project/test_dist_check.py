"""What `make dist-check` finds wrong with a wheel and a source archive."""

import importlib.util
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ABOUT = "primum-0.1.0.dist-info"


@pytest.fixture(scope="module")
def check():
    spec = importlib.util.spec_from_file_location("dist_check", ROOT / "tools" / "dist_check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def kept(check):
    return {f"src/{name}" for name in check.NEEDED} | {"tests/test_x.py", "pyproject.toml"}


@pytest.fixture
def members(check):
    return {*check.NEEDED, *(f"{ABOUT}/{name}" for name in check.METADATA)}


def test_a_wheel_of_the_code_is_right(check, kept, members):
    assert check.wheel_faults(members, kept) == []


@pytest.mark.parametrize(
    "stray", ["tests/test_x.py", "primum/run/pairs.parquet", "data/rows.jsonl"]
)
def test_a_wheel_holds_nothing_else(check, kept, members, stray):
    assert check.wheel_faults(members | {stray}, kept) == [f"the wheel must not hold {stray}"]


@pytest.mark.parametrize("name", ["primum/py.typed", f"{ABOUT}/licenses/LICENSE"])
def test_a_wheel_lacks_nothing(check, kept, members, name):
    assert check.wheel_faults(members - {name}, kept) == [f"the wheel lacks {name}"]


def test_what_is_needed_is_in_the_repository(check):
    assert all((ROOT / "src" / name).is_file() for name in check.NEEDED)


def test_a_source_archive_holds_what_git_keeps_alone(check, kept):
    members = {*kept, "LICENSE", "PKG-INFO", "README.md"}
    kept = kept | {"LICENSE", "README.md"}
    assert check.archive_faults(members, kept) == []
    found = check.archive_faults(members - {"LICENSE"} | {"runs/a/pairs.parquet"}, kept)
    assert found == [
        "the source archive lacks LICENSE",
        "the source archive must not hold runs/a/pairs.parquet",
    ]


def test_two_wheels_are_compared_file_by_file(check, tmp_path):
    for name, files in {"a": {"x": "1", "y": "2"}, "b": {"x": "1", "y": "3", "z": ""}}.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
    assert check.differences(tmp_path / "a", tmp_path / "a") == []
    found = check.differences(tmp_path / "a", tmp_path / "b")
    assert [sentence.split()[-3] for sentence in found] == ["y", "z"]
