"""What leaves the machine: figures and names, no prompts, paths or addresses."""

from primum.recipe import load_recipe
from primum.run.tracking.figures import numbers_of, recipe_config, stage_figures, without_path
from primum.store.manifest import StageRecord


def test_the_recipe_is_flat_and_holds_no_prompt_path_or_address(tmp_path):
    judge = tmp_path / "judge-7b"
    judge.mkdir()
    recipe = load_recipe(
        None,
        (
            "evaluation.system_prompt=Speak of Project Nightjar to nobody.",
            "sampling.system_prompts=[Nightjar]",
            f"judging.model={judge}",
            "engine.openai.base_url=http://gpu7.example:8000/v1",
            "engine.cluster=ray://head.example:10001",
            f"gate.guards.ability=[mmlu, {tmp_path}/own.jsonl]",
            "training.learning_rate=3e-6",
        ),
    )
    config = recipe_config(recipe)
    assert config["training.learning_rate"] == 3e-6
    assert config["judging.model"] == "judge-7b"
    assert config["gate.guards.ability"] == "mmlu, own.jsonl"
    said = " ".join(map(str, [*config, *config.values()]))
    for private in ("Nightjar", str(tmp_path), "example", "tracking"):
        assert private not in said


def test_names_of_the_hub_stay_and_paths_lose_their_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert without_path("Qwen/Qwen3-8B") == "Qwen/Qwen3-8B"
    (tmp_path / "Qwen" / "mine").mkdir(parents=True)
    for path in ("Qwen/mine", "/home/ann/mine", "~/mine/", "./mine", "C:\\ann\\mine"):
        assert without_path(path) == "mine"
    assert without_path("https://user:word@host/") == "(an address)"


def test_of_a_stage_only_numbers_are_sent():
    facts = {
        "kept": 7,
        "dropped": {"same opening": 2, "too long": 1},
        "note": "Dear Ann,",
        # Training counts its own; the stage's are meant.
        "seconds": 1.1,
        "share": float("nan"),
        "spent": {"prompt_tokens": 90},
        "answerers": ["before", "after"],
    }
    record = StageRecord("inputs", {}, 1.5, facts)
    assert stage_figures("iteration-1/filters", record) == {
        "stages/iteration-1/filters/seconds": 1.5,
        "stages/iteration-1/filters/kept": 7.0,
        "stages/iteration-1/filters/dropped/same_opening": 2.0,
        "stages/iteration-1/filters/dropped/too_long": 1.0,
        "stages/iteration-1/filters/spent/prompt_tokens": 90.0,
    }


def test_a_name_of_a_figure_is_never_a_path():
    assert numbers_of("gate", {"/home/ann/judge": {"held": True}}) == {"gate/judge/held": 1.0}
