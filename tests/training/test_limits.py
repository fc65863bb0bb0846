"""Limits of a recipe's training section, and that checking them is quick."""

import subprocess
import sys

import pytest

from primum.errors import UserError
from primum.recipe import load_recipe
from primum.run.inputs import prepare_inputs
from primum.training.limits import check_training


def check(*overrides: str, recipe: str | None = None) -> None:
    check_training(load_recipe(recipe, overrides).training)


@pytest.mark.parametrize(
    "overrides",
    [
        ("training.loss=dpo", "training.beta=0.1"),
        ("training.loss=dpo", "training.beta=0.01"),
        ("training.loss=sft",),
        ("training.lora=null",),
        ("training.loss=dpo", "training.lora=null"),
        ("training.learning_rate=2e-4",),
        ("training.lora=null", "training.learning_rate=2e-6"),
        ("training.gamma=4",),
        ("training.gamma=4.1", "training.allow_unsafe=[gamma]"),
        ("training.learning_rate=1", "training.allow_unsafe=[learning_rate]"),
    ],
)
def test_what_is_safe(overrides):
    check(*overrides)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ("training.gamma=4.1",),
            r"training\.gamma/beta is 2\.05, beyond 2; lower t",
        ),
        (("training.loss=simpo", "training.beta=0.1"), "gamma/beta is 10"),
        (("training.learning_rate=2.1e-4",), "beyond 0.0002, the most known to be safe for an"),
        (
            ("training.lora=null", "training.learning_rate=2.1e-6"),
            r"training\.learning_rate 2\.1e-06 is beyond 2e-06.*training\.allow_unsafe",
        ),
        (("training.gamma=5", "training.allow_unsafe=[learning_rate]"), "gamma/beta"),
        (("training.learning_rate=1", "training.allow_unsafe=[gamma]"), "learning_rate"),
    ],
)
def test_what_is_not(overrides, message):
    with pytest.raises(UserError, match=message):
        check(*overrides)


def test_a_rate_for_adapters_is_none_for_all_weights():
    with pytest.raises(UserError, match="all weights"):
        check("training.lora=null", recipe="quickstart")


def test_a_run_says_so_before_it_reads_a_model(tmp_path):
    recipe = load_recipe(None, ["training.gamma=5"])
    with pytest.raises(UserError, match="gamma/beta"):
        prepare_inputs("seed", str(tmp_path / "no model"), "harmless-helpful", recipe, ())


LIGHT = """
import sys
import primum.recipe, primum.training, primum.training.launch, primum.training.limits
import primum.training.train
heavy = {"torch", "transformers", "peft", "datasets", "accelerate"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)) or 0)
"""


def test_checks_need_no_heavy_imports():
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
