from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from primum.recipe.schema import Recipe
from primum.report.markdown import code, fenced, table
from primum.report.model_card import model_card, write_model_card
from tests.report.sample import NASTY, empty_run, make_run


def front_matter(card):
    head, text, body = card.split("---\n", 2)
    assert head == ""
    return yaml.safe_load(text), body


def test_the_card_tells_the_run():
    front, body = front_matter(model_card(make_run()))
    assert front == {
        "base_model": "HuggingFaceTB/SmolLM2-135M-Instruct",
        "base_model_relation": "adapter",
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["primum", "priority-alignment", "preference-optimization", "spa", "lora"],
    }
    for expected in (
        "# `smollm2-135m`, aligned",
        "## Verdict: pass ✓",
        "| `harmless` | `examiner` | 5.",
        "95% confidence intervals",
        "160 training prompts and 48 held-out prompts",
        "| consistent | 115 | 40 `inconsistent` |",
        "```yaml\nname: quickstart",
        "## Limits",
    ):
        assert expected in body


def test_only_a_known_licence_and_base_are_named(tmp_path):
    run = make_run(recipe=Recipe(training={"lora": None, "learning_rate": 1e-6}))
    hub, _ = front_matter(model_card(replace(run, model="org/name")))
    assert (hub["base_model"], hub["base_model_relation"]) == ("org/name", "finetune")
    assert "license" not in hub
    assert hub["library_name"] == "transformers"
    local, body = front_matter(model_card(replace(run, model=str(tmp_path / "secret" / "mine"))))
    assert not {"base_model", "license", "base_model_relation"} & set(local)
    assert "# `mine`, aligned" in body
    assert "secret" not in body


@pytest.mark.parametrize("text", NASTY)
def test_untrusted_text_breaks_neither_yaml_nor_markdown(text):
    run = replace(
        make_run(),
        model=text,
        constitution_name=text,
        recipe=Recipe(name=text.replace("\ud800", ""), sampling={"system_prompts": ("````\n# x",)}),
    )
    card = model_card(run)
    front, body = front_matter(card)
    assert front["library_name"] == "peft"
    assert "base_model" not in front
    headings = [line for line in _outside_fences(body) if line.startswith("#")]
    assert headings[1:] == [
        "## Verdict: pass ✓",
        "## Judges",
        "## Method",
        "## Data",
        "## Recipe",
        "## Limits",
    ]
    assert "\x00" not in card


def _outside_fences(body):
    fence = None
    for line in body.splitlines():
        run = line[: len(line) - len(line.lstrip("`"))]
        if fence is None and len(run) >= 3 and "`" not in line[len(run) :]:
            fence = run
        elif fence is not None and line.strip("`") == "" and len(run) >= len(fence):
            fence = None
        elif fence is None:
            yield line


def test_prompts_and_answers_stay_out_of_what_people_publish():
    card = model_card(make_run())
    assert "grandmother" not in card
    assert "emergency" not in card


@given(st.text())
def test_code_is_never_left_early(text):
    made = code(text)
    ticks = len(made) - len(made.lstrip("`"))
    inner = made[ticks:-ticks]
    assert made.endswith("`" * ticks)
    assert "\n" not in made
    assert "`" * ticks not in inner
    assert not inner.startswith("`")
    assert not inner.endswith("`")


def test_a_fence_is_longer_than_any_within():
    assert fenced("a\n`````\nb") == "``````\na\n`````\nb\n``````"
    assert fenced("a", "yaml") == "```yaml\na\n```"


def test_a_bar_does_not_end_a_cell():
    assert table(("a",), [("`x|y`",)]).splitlines()[-1] == "| `x\\|y` |"


def test_an_empty_run_has_a_card(tmp_path):
    write_model_card(empty_run(), tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "## Verdict: fail ✕" in text
    assert "0 preference pairs" in text
    assert list(tmp_path.iterdir()) == [tmp_path / "README.md"]


def test_the_card_names_no_place_and_no_server():
    recipe = Recipe.model_validate(
        {
            "judging": {"model": "/home/ann/models/judge"},
            "engine": {
                "cluster": "ray://10.1.2.3:10001",
                "openai": {"base_url": "http://ann:8000"},
            },
        }
    )
    card = model_card(replace(make_run(), recipe=recipe))
    assert "judging:\n  kind" in card
    for private in ("/home", "10.1.2.3", "ann:8000"):
        assert private not in card
