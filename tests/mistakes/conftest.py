"""The finished run and the model, made once."""

import pytest

from tests.mistakes.making import made


@pytest.fixture(scope="session")
def first_hour(tmp_path_factory):
    """A finished run's directory, and a model's."""
    return made(tmp_path_factory.mktemp("first-hour"))
