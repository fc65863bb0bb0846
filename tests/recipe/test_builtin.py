"""The recipes that come with primum: each sets what defines it, and is named in the pages."""

import re
from pathlib import Path

import pytest
import yaml

from primum.cli.main import app
from primum.constitution import load_constitution
from primum.recipe import builtin_recipes, load_recipe
from primum.recipe.losses import NAMES
from primum.run.checks import check_settings

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "src" / "primum" / "recipe" / "recipes"
DOCS = ROOT / "docs"
METHODS = tuple(name for name in builtin_recipes() if name.startswith("methods/"))
PAPER = tuple(name for name in builtin_recipes() if name.startswith("paper/"))
OVERLAYS = tuple(name for name in builtin_recipes() if name.startswith("judging/"))
BELOW = ("quickstart", "paper")

_SOUP = {"pairing.rule", "combination.kind", "combination.weights", "training.loss"}
_BY_SECOND = {"pairing.rule", "pairing.weights", "training.loss", "training.beta"}
SETS = {
    "best-of-n": {"method"},
    "bfpo": _BY_SECOND | {"training.shift"},
    "dpo": {"training.loss", "training.beta"},
    "ipo": {"training.loss", "training.beta"},
    "iteration-2": {"iterations", "round_prompts"},
    "iteration-2-new-prompts": {"iterations", "round_prompts"},
    "modpo": _BY_SECOND | {"training.objective_weight", "training.reward_scale"},
    "orpo": {"training.loss", "training.odds"},
    "pairs-first": {"pairing.rule", "pairing.weights"},
    "pairs-pareto": {"pairing.rule", "pairing.pareto_only"},
    "pairs-second": {"pairing.rule", "pairing.weights"},
    "pairs-weighted": {"pairing.rule", "pairing.weights"},
    "rpo": {"training.loss", "training.beta", "training.likelihood"},
    "sacpo": {
        "pairing.rule",
        "combination.kind",
        "combination.last_first",
        "training.loss",
        "training.beta",
    },
    "safedpo": {"pairing.rule", "training.loss", "training.beta", "training.offset"},
    "self-criticism": {
        "judging.kind",
        "judging.shots",
        "denoising.consistency",
        "denoising.informativeness",
        "pairing.preferred",
        "training.loss",
    },
    "self-refinement": {"method"},
    "sft": {"training.loss"},
    "simpo": {"training.loss"},
    "soup-6-4": _SOUP,
    "soup-7-3": _SOUP,
    "soup-8-2": _SOUP,
    "soup-9-1": _SOUP,
    "spa": {"method", "pairing.rule", "combination.kind", "training.loss"},
    "spa-no-consistency": {"denoising.consistency"},
    "spa-no-denoising": {"denoising.consistency", "denoising.informativeness"},
    "spa-no-informativeness": {"denoising.informativeness"},
    "spa-no-thresholds": {"pairing.use_thresholds"},
    "spa-no-weights": {"training.loss", "training.alpha"},
    "system-prompt": {"method"},
    "untouched": {"method"},
}
"""What each method may set; a key that is not here is the recipe's below it."""

LIKE_SPA = {("quickstart", "spa-no-consistency"), *((below, "spa") for below in BELOW)}
"""Where a method is SPA itself: `quickstart` has the consistency filter off."""


def flat(data, path=""):
    """Settings by their dotted names; lists and empty mappings are values."""
    if not isinstance(data, dict) or not data:
        return {path.removesuffix("."): data}
    return {k: v for key, value in data.items() for k, v in flat(value, f"{path}{key}.").items()}


def resolved(reference):
    return flat({k: v for k, v in load_recipe(reference).model_dump().items() if k != "name"})


def test_every_method_is_in_the_table():
    assert {name.removeprefix("methods/") for name in METHODS} == set(SETS)


@pytest.mark.parametrize("method", SETS)
def test_a_method_sets_what_defines_it_and_nothing_else(method):
    text = (FILES / "methods" / f"{method}.yaml").read_text(encoding="utf-8")
    assert set(flat(yaml.safe_load(text))) == SETS[method]
    assert text.startswith("# "), "a recipe begins with what it is"


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("method", SETS)
def test_over_another_recipe_only_that_differs_from_spa(method, below):
    spa, found = resolved(f"{below}+methods/spa"), resolved(f"{below}+methods/{method}")
    differs = {key for key in spa.keys() | found.keys() if spa.get(key) != found.get(key)}
    may = set(SETS[method])
    if found["training.loss"] != spa["training.loss"]:
        may |= {f"training.{name}" for name in NAMES}
    assert differs <= may
    assert bool(differs) == ((below, method) not in LIKE_SPA)


@pytest.mark.parametrize("below", BELOW)
def test_spa_is_what_the_recipe_below_it_is(below):
    assert resolved(f"{below}+methods/spa") == resolved(below)


@pytest.mark.parametrize("method", SETS)
@pytest.mark.parametrize("below", BELOW)
def test_every_method_can_be_run(method, below):
    recipe = load_recipe(f"{below}+methods/{method}")
    check_settings(recipe, load_constitution("harmless-helpful"))


def test_methods_go_over_one_another():
    recipe = load_recipe("quickstart+methods/pairs-first+methods/simpo")
    assert (recipe.pairing.rule, recipe.training.loss) == ("weighted", "simpo")
    assert load_recipe("quickstart+methods/soup-9-1+methods/spa").combination.kind == "together"


def test_the_papers_recipes_lie_over_paper():
    paper = resolved("paper")
    sizes = {"max_prompts", "max_heldout", "heldout"}
    constants = {"training.beta", "training.gamma", "training.learning_rate"}
    models = {name.split("/")[1] for name in PAPER}
    data = {"safe-rlhf", "wildguard", "honeset"}
    assert set(PAPER) == {f"paper/{m}" for m in models} | {
        f"paper/{m}/{d}" for m in models for d in data
    }
    for name in PAPER:
        found = resolved(name)
        differs = {key for key in found if found[key] != paper.get(key)}
        assert "training.beta" in differs
        assert differs <= sizes | constants
        assert ("max_prompts" in differs) == (name.count("/") == 2)
    assert load_recipe("paper/mistral-7b/honeset").training.lora is None


def test_a_recipe_in_a_folder_goes_over_others_with_what_it_lies_over():
    joined = load_recipe("quickstart+paper/mistral-7b/honeset")
    assert joined.name == "quickstart+paper/mistral-7b/honeset"
    assert joined.judging.kind == "rating-expected"
    assert joined.training.learning_rate == 5e-7


def test_judges_of_the_paper_go_over_any_recipe():
    recipe = load_recipe("+".join(("quickstart", *OVERLAYS)))
    assert recipe.judging.kind == "rating-text"
    assert recipe.gate.judges["gpt-4o"].model == "openai:gpt-4o"
    assert recipe.engine.kind == "transformers"


def test_every_recipe_is_named_in_its_page():
    methods, paper = ((DOCS / f"{page}.md").read_text("utf-8") for page in ("methods", "paper"))
    for name in METHODS:
        assert f"`{name}`" in methods, name
    for name in (*PAPER, *OVERLAYS):
        assert name in paper, name


@pytest.mark.parametrize("page", ["methods", "paper", "recipes"])
def test_pages_name_recipes_that_exist(page):
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    named = re.findall(r"\b((?:methods|paper|judging)/[\w.-]*[\w](?:/[\w.-]*\w)?)(?![\w/…])", text)
    known = {*builtin_recipes(), *(f"{name}.yaml" for name in builtin_recipes())}
    assert named
    assert {name for name in named if name not in known} == set()


def commands(page):
    """The words of every command in a page's consoles."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    text = "\n".join(blocks).replace("\\\n", " ")
    return [line[2:].split() for line in text.splitlines() if line.startswith("$ primum ")]


@pytest.mark.parametrize("page", ["methods", "paper"])
def test_pages_name_commands_and_recipes_that_exist(page):
    known = {c.name or c.callback.__name__ for c in app.registered_commands}
    if "compare" not in known:
        pytest.skip("primum compare is not there")
    found = commands(DOCS / f"{page}.md")
    assert found
    for words in found:
        assert words[1] in known, words
        if "--recipe" in words:
            load_recipe(words[words.index("--recipe") + 1])
        if words[1] == "compare":
            methods = words[2 : next(i for i, word in enumerate(words) if word.startswith("-"))]
            assert methods
            assert set(methods) <= set(SETS), words
