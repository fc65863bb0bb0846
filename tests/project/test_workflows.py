"""Workflows, hooks and the citation agree with the repository."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
each = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)


def jobs(file):
    return yaml.safe_load(file.read_text())["jobs"]


def steps(file):
    return [step for job in jobs(file).values() for step in job["steps"]]


@each
def test_rights_are_the_least(file):
    assert yaml.safe_load(file.read_text())["permissions"] == {"contents": "read"}
    given = {name: job["permissions"] for name, job in jobs(file).items() if "permissions" in job}
    assert given == ({"publish": {"id-token": "write"}} if file.stem == "release" else {})


@each
def test_actions_are_official_and_pinned(file):
    used = [step["uses"] for step in steps(file) if "uses" in step]
    official = r"actions/[\w-]+@v\d+|pypa/gh-action-pypi-publish@release/v1"
    assert [name for name in used if not re.fullmatch(official, name)] == []


@each
def test_targets_exist(file):
    if file.stem == "docs" and "docs" not in TARGETS:
        pytest.skip("`make docs` is not there yet")
    named = re.findall(r"run: make ([a-z][\w-]*)", file.read_text())
    for job in jobs(file).values():
        named += job.get("strategy", {}).get("matrix", {}).get("target", [])
    assert set(named) <= TARGETS


@each
def test_no_expression_of_a_stranger_is_a_shell_word(file):
    for step in steps(file):
        assert re.findall(r"\$\{\{(?! matrix\.)", step.get("run", "")) == []


def test_versions_of_python_are_those_of_the_project():
    matrix = jobs(ROOT / ".github/workflows/tests.yml")["test"]["strategy"]["matrix"]
    said = [name.rsplit(" ")[-1] for name in PROJECT["classifiers"] if ":: 3." in name]
    assert matrix["python"] == said
    assert PROJECT["requires-python"] == f">={said[0]}"
    assert matrix["os"] == ["ubuntu-latest", "macos-latest"]


def test_hooks_have_the_versions_of_the_pins():
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    assert {pin for hook in repo["hooks"] for pin in hook["additional_dependencies"]} <= set(pins)


def test_the_citation_names_the_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])
    assert "2511.06222" in str(citation["references"])


def test_root_pages_link_to_what_is_there():
    for page in ROOT.glob("*.md"):
        for place in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text()):
            assert (ROOT / place).exists(), f"{page.name}: {place}"
