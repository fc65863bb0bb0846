"""The settings of a server."""

import pytest

from primum.errors import UserError
from primum.recipe import dump_recipe, load_recipe

BASE = "engine.openai.base_url="


def recipe(*overrides):
    return load_recipe(None, overrides)


def test_an_address_is_kept_without_its_slash():
    found = recipe("engine.kind=openai", f"{BASE}http://127.0.0.1:8000/v1/ ")
    assert found.engine.openai.base_url == "http://127.0.0.1:8000/v1"
    assert load_recipe(None).engine.openai.base_url is None
    assert "base_url: http://127.0.0.1:8000/v1\n" in dump_recipe(found)


def test_the_engine_needs_an_address():
    with pytest.raises(UserError, match=r"no server is named; set engine\.openai\.base_url"):
        recipe("engine.kind=openai")


@pytest.mark.parametrize(
    "address",
    [
        "http://user:hunter2@host/v1",
        "https://hunter2@host/v1",
        "https://host/v1?api_key=hunter2",
        "https://host/v1#hunter2",
        "ftp://hunter2@host/v1",
        "http://user:hunter2@/v1",
    ],
)
def test_secrets_have_no_place_in_an_address_nor_in_the_message(address):
    with pytest.raises(UserError, match=r"engine\.openai\.base_url") as raised:
        recipe(f"{BASE}{address}")
    if "@" in address:
        assert "hunter2" not in str(raised.value)
    else:
        assert "OPENAI_API_KEY" in str(raised.value)


@pytest.mark.parametrize(
    "address", ["host:8000", "/v1", "localhost", "http://", "http://[::1", "http://h:99999/v1"]
)
def test_what_is_no_address(address):
    with pytest.raises(UserError, match="no address of the form"):
        recipe(f"{BASE}'{address}'")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("concurrency=0", "greater than or equal to 1"),
        ("timeout=0", "greater than 0"),
        ("retries=-1", "greater than or equal to 0"),
        ("api_key=x", "OPENAI_API_KEY"),
        ("served_model=''", "served_model"),
    ],
)
def test_bounds(setting, words):
    with pytest.raises(UserError, match=words):
        recipe(f"engine.openai.{setting}")
