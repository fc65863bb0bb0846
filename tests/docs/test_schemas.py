"""The schemas that docs/ publishes for editors: in step with the code, and true of every file."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from primum.constitution import Constitution, builtin_constitutions, constitution_json_schema
from primum.documents import parse_yaml
from primum.recipe import Recipe, builtin_recipes, load_recipe, recipe_json_schema

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "primum"
SCHEMAS = {"recipe": recipe_json_schema(), "constitution": constitution_json_schema()}
FILES = [
    *(("recipe", SOURCES / "recipe" / "recipes" / f"{name}.yaml") for name in builtin_recipes()),
    *(
        ("constitution", SOURCES / "constitution" / "library" / f"{name}.yaml")
        for name in builtin_constitutions()
    ),
]
GOALS = [{"name": "kind", "definition": "Be kind."}, {"name": "useful", "definition": "Be useful."}]


def complaints(kind, data):
    """What an editor marks: keys of JSON are texts, those of a rubric, too."""
    checker = jsonschema.Draft202012Validator(SCHEMAS[kind])
    return [error.message for error in checker.iter_errors(json.loads(json.dumps(data)))]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_published_schema_is_up_to_date(kind):
    published = (ROOT / "docs" / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8")
    fresh = json.dumps(SCHEMAS[kind], indent=2) + "\n"
    assert published == fresh, f"run: primum {kind} schema > docs/schemas/{kind}.schema.json"
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[kind])


@pytest.mark.parametrize(("kind", "file"), FILES, ids=lambda one: getattr(one, "stem", one))
def test_every_built_in_file_is_as_its_schema_says(kind, file):
    assert complaints(kind, parse_yaml(file.read_text(encoding="utf-8"), str(file)).data) == []


def test_a_resolved_recipe_is_as_its_schema_says():
    assert complaints("recipe", load_recipe("paper").model_dump(mode="json")) == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("recipe", {"trainning": {}}),
        ("recipe", {"training": {"learning_rat": 1e-5}}),
        ("recipe", {"training": {"epochs": "two"}}),
        ("constitution", {"name": "one", "objectives": GOALS[:1]}),
        ("constitution", {"name": "two", "objectives": GOALS, "objectivs": []}),
        ("constitution", {"name": "two", "objectives": GOALS, "language": "xx"}),
        ("constitution", {"name": "two", "objectives": [*GOALS, {"name": "third"}]}),
        ("constitution", {"name": "two", "objectives": GOALS, "scale": {"lowest": 1}}),
        (
            "constitution",
            {"name": "two", "objectives": [*GOALS, {**GOALS[0], "rubric": {"one": "Bad."}}]},
        ),
        (
            "constitution",
            {"name": "two", "objectives": [*GOALS, {**GOALS[0], "exemplars": [{"prompt": "?"}]}]},
        ),
    ],
)
def test_what_is_wrong_is_marked(kind, data):
    assert complaints(kind, data) != []
    with pytest.raises(ValueError, match=r"."):
        {"recipe": Recipe, "constitution": Constitution}[kind].model_validate(data)


@pytest.mark.parametrize("exemplars", ["kind.jsonl", ["kind.jsonl", "more.jsonl"], []])
@pytest.mark.parametrize("scale", [[1, 10], {"low": 1, "high": 10}, {"high": 5}])
def test_every_form_that_a_constitution_may_have_is_let_be(exemplars, scale):
    first = {**GOALS[0], "exemplars": exemplars, "rubric": {1: "Rude.", 2.5: "Cold."}}
    data = {"name": "two", "scale": scale, "objectives": [first, GOALS[1]]}
    assert complaints("constitution", data) == []


def test_every_key_says_what_it_means():
    """What an editor shows beside a key."""
    for schema in SCHEMAS.values():
        for name, part in {"": schema, **schema["$defs"]}.items():
            for key, value in part.get("properties", {}).items():
                section = "$ref" in value or re.fullmatch("Scale|Quantile.*", name)
                assert section or value.get("description"), f"{name}.{key}"
