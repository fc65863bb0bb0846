"""A folder for the blocks of the pages, with a scripted engine in every model's place."""

import shutil

import pytest

import primum.run.models
from tests.cli.conftest import finished  # noqa: F401
from tests.docs.workshop import furnish
from tests.run import scripted_align
from tests.run.scripted_align import scripted_engine


@pytest.fixture(scope="session")
def furnished(finished, tiny_folder, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("furnished")
    furnish(folder, finished.path, tiny_folder)
    return folder


@pytest.fixture
def workshop(furnished, tmp_path, monkeypatch):
    """A copy of the folder of stand-ins, which is the working directory."""
    folder = tmp_path / "workshop"
    shutil.copytree(furnished, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(scripted_align, "SECONDS_PER_CALL", 0)
    monkeypatch.setattr(
        primum.run.models,
        "build_engine",
        lambda settings, model: scripted_engine(model, tmp_path / "log"),
    )
    return folder
