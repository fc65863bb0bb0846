"""The page about recipes says what the schema says."""

from pathlib import Path

from primum.recipe import Recipe
from primum.recipe.reference import recipe_reference, renewed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "recipes.md"


def test_page_is_up_to_date():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m primum.recipe.reference docs/recipes.md"


def keys_of(model, path=""):
    for key, value in model.model_dump().items():
        inner = getattr(model, key)
        if hasattr(type(inner), "model_fields") and not type(model).model_fields[key].description:
            yield from keys_of(inner, f"{path}{key}.")
        else:
            assert type(model).model_fields[key].description, f"{path}{key} has no description"
            yield f"{path}{key}", value


def test_every_key_has_a_row_with_its_meaning():
    text = recipe_reference()
    keys = [key for key, _ in keys_of(Recipe())]
    assert len(keys) > 40
    for key in keys:
        assert text.count(f"| `{key}` |") == 1
    assert "| `training.lora.rank` |" in text


def test_every_row_has_four_cells():
    rows = [line for line in recipe_reference().splitlines() if line.startswith("|")]
    assert len(rows) > 40
    assert [row for row in rows if row.replace("\\|", "").count("|") != 5] == []
